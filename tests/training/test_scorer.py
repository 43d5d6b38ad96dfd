"""Learning to score: effects keep their sign, and a new head replaces the old one only if it is better."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.agreement import bias, bootstrap, exact, quadratic_kappa, within_one
from models.framework import Framework, load_framework
from models.heads import (
    Heads,
    contributions,
    draft,
    interval,
    latent,
    load_heads,
    load_prior,
    probabilities,
)
from training.datasets import UnreadableData
from training.duels import Duel, duel
from training.heads import Settings, learn
from training.score_commands import Trained, evaluate, retrain, sources
from training.score_data import CONFIRMED, OVERRIDE, Scored, from_reviews
from training.score_summary import summary, weights_file
from training.scorer import covered, cross_validated, guess, mass
from training.weights_file import toml

FRAMEWORK = load_framework()
NEXT_STEP = FRAMEWORK.dimension("next_step")
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def scores(count: int, seed: int = 0, *, strict: Mapping[str, float] | None = None) -> list[Scored]:
    """Calls whose next step is worth what is there; each reviewer is as strict as said."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        features = {use.name: float(random.integers(0, 2)) for use in NEXT_STEP.features}
        worth = 1.2 + 0.9 * sum(
            features[name] for name in ("next_steps", "next_step_timed", "next_step_agreed")
        )
        for reviewer, severity in (strict or {"reader": 0.0}).items():
            value = int(np.clip(round(worth - severity + random.normal(scale=0.4)), 1, 5))
            found.append(
                Scored(
                    f"c{number}", f"group {number % 12}", "next_step", value, reviewer, 1.0, dict(features)
                )
            )
    return found


def drafts(given: Sequence[Scored], heads: Heads) -> list[int]:
    return [one.value for one in guess(heads.of("next_step"), NEXT_STEP, given)]


def test_what_counts_is_learnt_and_generalises() -> None:
    head = learn(NEXT_STEP, scores(300), Settings()).head
    unseen = scores(300, seed=1)
    found = [one.value for one in guess(head, NEXT_STEP, unseen)]
    assert quadratic_kappa([item.value or 0 for item in unseen], found) > 0.75
    weights = {term.feature: term.weight for term in head.terms}
    assert min(weights[n] for n in ("next_steps", "next_step_timed", "next_step_agreed")) > max(
        weights[n] for n in ("next_step_recapped", "next_step_attendees")
    )


def test_effects_keep_the_sign_of_the_framework() -> None:
    # Scores that fall with every step agreed: what is wanted of a step can't count against it.
    turned = [
        Scored(s.call, s.group, s.dimension, 6 - (s.value or 3), s.reviewer, 1.0, s.features)
        for s in scores(80)
    ]
    head = learn(NEXT_STEP, turned, Settings()).head
    assert all(term.weight >= 0 for term in head.terms)
    signs = {use.name: use.sign for use in NEXT_STEP.features}
    best = {term.feature: term.points[-1 if signs[term.feature] > 0 else 0][0] for term in head.terms}
    assert all(effect.effect >= 0 for effect in contributions(head, NEXT_STEP, best))


def test_a_strict_reviewer_is_told_from_a_poor_call() -> None:
    both = learn(NEXT_STEP, scores(120, strict={"mild": 0.0, "strict": 1.2}), Settings())
    assert both.severity["strict"] - both.severity["mild"] == pytest.approx(1.2, abs=0.5)
    unseen = scores(80, seed=2)
    found = [one.value for one in guess(both.head, NEXT_STEP, unseen)]
    assert -0.9 < bias([item.value or 0 for item in unseen], found) < 0


def test_an_override_counts_more_than_a_reading() -> None:
    ours = scores(60)
    theirs = [Scored(s.call, s.group, s.dimension, 1, "coach", OVERRIDE, s.features) for s in ours]
    light = [Scored(s.call, s.group, s.dimension, 1, "coach", 0.1, s.features) for s in ours]
    heavy_head = learn(NEXT_STEP, [*ours, *theirs], Settings()).head
    light_head = learn(NEXT_STEP, [*ours, *light], Settings()).head
    assert sum(drafts(ours, _only(heavy_head))) < sum(drafts(ours, _only(light_head)))


def _only(head: object) -> Heads:
    return Heads((head,), "test")  # type: ignore[arg-type]


def test_too_little_is_said_to_be_too_little() -> None:
    with pytest.raises(ValueError, match="too few"):
        learn(NEXT_STEP, scores(10))
    with pytest.raises(ValueError, match="too few"):
        learn(NEXT_STEP, [s for s in scores(200) if s.value == 3])


def test_scores_nobody_gave_are_next_to_never_drafted() -> None:
    middling = [s for s in scores(200) if s.value in {2, 3, 4}]
    head = learn(NEXT_STEP, middling).head
    assert len(head.cuts) == 4
    assert all(a < b for a, b in zip(head.cuts, head.cuts[1:], strict=False))
    assert {one.value for one in guess(head, NEXT_STEP, middling)} <= {2, 3, 4}


def test_a_weights_file_is_read_back_as_written(tmp_path: Path) -> None:
    given = scores(120)
    learned = learn(NEXT_STEP, given).head
    current = load_heads(FRAMEWORK)
    heads = [learned if d.id == "next_step" else current.of(d.id) for d in FRAMEWORK.dimensions]
    path = tmp_path / "new.weights.toml"
    path.write_text(toml(FRAMEWORK, heads, "trained", ["a note"]), encoding="utf-8")
    back = load_heads(FRAMEWORK, path)
    assert back.heads == tuple(heads)
    assert back.version.startswith("trained-")


def test_intervals_hold_the_share_they_are_made_for() -> None:
    held_by = []
    for seed in range(6):
        given = scores(240, seed=seed)
        unseen = cross_validated(NEXT_STEP, given, Settings())
        held = mass(unseen)
        assert covered(unseen, held) >= 0.8
        assert covered(unseen, 0.99) >= 0.99
        fresh = guess(learn(NEXT_STEP, given).head, NEXT_STEP, scores(400, seed=seed + 90))
        held_by.append(covered(fresh, held))
    assert sum(held_by) / len(held_by) >= 0.75


@given(st.lists(st.floats(0.01, 1), min_size=5, max_size=5), st.floats(0.3, 0.99))
def test_an_interval_is_around_its_draft_and_holds_its_mass(weights: list[float], held: float) -> None:
    chances = [weight / sum(weights) for weight in weights]
    value = draft(chances)
    low, high = interval(chances, value, held)
    assert 1 <= low <= value <= high <= 5
    assert sum(chances[low - 1 : high]) >= held - 1e-9


def test_a_new_head_takes_over_only_if_it_is_better_on_what_it_never_saw() -> None:
    framework = _one_dimension()
    moved = [replace(s, group="w2") for s in scores(60, seed=3)]
    current = load_heads(FRAMEWORK)
    given = [*scores(600), *moved]
    trained = retrain(framework, given, current, QUIET)
    [fought] = trained.duels
    assert fought.won == (fought.better >= 0.9)
    if fought.won:
        assert fought.new > fought.current
    # Against itself nothing is better, so nothing is replaced, and the report says so.
    again = retrain(framework, given, Heads(trained.heads, "new"), QUIET)
    assert again.promoted == ()
    assert "kept" in next(iter(summary(again, framework)))
    assert sources(given) == {"our calls": 600}
    assert "600 scores of our calls" in weights_file(framework, trained, sources(given))


def test_against_the_prior_what_cross_validation_left_out_counts_too() -> None:
    given = [*scores(90), *(replace(s, group="w2") for s in scores(10, seed=3))]
    prior = load_prior(FRAMEWORK)
    assert prior is not None
    [fought] = retrain(FRAMEWORK, given, prior, QUIET).duels
    assert fought.cases == 100
    # A head that has learned may have learned from these very scores: held-out ones alone can tell.
    learned = tuple(
        replace(one, terms=tuple(replace(term, weight=term.weight / 2) for term in one.terms))
        for one in prior.heads
    )
    [fought] = retrain(FRAMEWORK, given, Heads(learned, "learned"), QUIET).duels
    assert fought.cases == 10


def test_against_a_head_that_knows_its_writers_what_others_wrote_counts_too() -> None:
    older, newer = scores(90), [replace(s, group=f"new {s.group}") for s in scores(30, seed=4)]
    held = [replace(s, group="w2") for s in scores(10, seed=3)]
    current = load_heads(FRAMEWORK)
    known = tuple(sorted({s.group for s in older}))
    heads = tuple(replace(one, writers=known) for one in current.heads)
    trained = retrain(FRAMEWORK, [*older, *newer, *held], Heads(heads, "learned"), QUIET)
    assert [fought.cases for fought in trained.duels] == [40]
    # The new one knows its writers, too, also after it has been written down.
    written = weights_file(FRAMEWORK, replace(trained, heads=(trained.candidates[0].head,)), {})
    assert {s.group for s in (*older, *newer)} == set(tomllib.loads(written)["heads"][0]["writers"])


def test_of_a_kept_head_it_is_told_how_it_was_set_right() -> None:
    before = Heads((load_heads(FRAMEWORK).of("next_step"),), "before")
    kept = Duel("next_step", 40, 0.8, 0.79, 0.3)
    trained = Trained(before.heads, (kept,), before)
    assert not trained.changed
    assert len(list(summary(trained, _one_dimension()))) == 1
    milder = replace(trained, heads=(replace(before.heads[0], base=before.heads[0].base + 0.2, mass=0.5),))
    assert milder.changed
    assert list(summary(milder, _one_dimension()))[1] == (
        "  made 0.20 milder, as all scores ask for, some new to it; intervals hold 50.0% of the model's "
        "probability"
    )


def _one_dimension() -> Framework:
    # Somebody's own, of another file, so that the shipped prior is not its.
    return replace(FRAMEWORK, dimensions=(NEXT_STEP,), path=FRAMEWORK.path.with_name("own.toml"))


def test_with_nothing_to_measure_on_nothing_is_replaced() -> None:
    trained = retrain(_one_dimension(), scores(100), load_heads(FRAMEWORK), QUIET)
    assert trained.duels == ()
    assert next(iter(summary(trained, _one_dimension()))) == (
        "next_step: kept, as no score was held out to measure on"
    )
    assert duel([], []) is None


def test_figures_are_told_for_each_reviewer() -> None:
    given = [
        Scored(s.call, "w6", s.dimension, s.value, s.reviewer, 1.0, s.features)
        for s in scores(40, strict={"a": 0.0, "b": 0.0})
    ]
    found = evaluate(_one_dimension(), given, load_heads(FRAMEWORK))["next_step"]
    assert set(found) == {"all", "a", "b"}
    assert found["all"].cases == 80
    assert found["all"].low <= found["all"].kappa <= found["all"].high


def test_reviews_are_read_with_their_weight(tmp_path: Path) -> None:
    review = {
        "call": "7f3a", "dimension": "discovery", "value": 4, "reviewer": "coach-2", "draft": 3,
        "features": {"discovery_questions": 5, "talk_ratio": None}, "at": "2026-05-02T10:11:12Z",
    }  # fmt: skip
    path = tmp_path / "reviews.jsonl"
    lines = [review, {**review, "value": 3}, {**review, "value": 3, "blind": True}, {**review, "value": None}]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n", encoding="utf-8")
    found = list(from_reviews(path))
    assert [item.strength for item in found] == [OVERRIDE, CONFIRMED, OVERRIDE, OVERRIDE]
    assert found[3].value is None
    assert found[0].features == {"discovery_questions": 5, "talk_ratio": None}


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "not JSON"), ('{"call": "a"}', "dimension"), ('{"value": 9}', "line 1"), ("[]", "line 1")],
)
def test_a_line_that_is_no_review_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(UnreadableData, match=said):
        list(from_reviews(path))
    with pytest.raises(UnreadableData, match="can't be read"):
        list(from_reviews(tmp_path / "none.jsonl"))


def test_agreement_by_hand() -> None:
    assert quadratic_kappa([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1
    assert quadratic_kappa([1, 5], [5, 1]) == -1
    # Observed 2/4; by chance the variances and the difference of means: (1.25 + 1.25 + 0).
    assert quadratic_kappa([1, 2, 3, 4], [2, 1, 3, 4]) == pytest.approx(1 - 0.5 / 2.5)
    assert quadratic_kappa([3, 3], [3, 3]) == 1
    assert exact([1, 2], [1, 3]) == 0.5
    assert within_one([1, 2, 5], [1, 3, 3]) == pytest.approx(2 / 3)
    assert bias([2, 2], [3, 4]) == 1.5
    low, high = bootstrap(quadratic_kappa, [1, 2, 3, 4, 5] * 8, [1, 2, 3, 4, 4] * 8, list(range(40)))
    assert low <= quadratic_kappa([1, 2, 3, 4, 5] * 8, [1, 2, 3, 4, 4] * 8) <= high


def test_probabilities_of_a_trained_head_add_up() -> None:
    head = learn(NEXT_STEP, scores(100)).head
    for item in scores(20, seed=5):
        chances = probabilities(head, latent(head, NEXT_STEP, contributions(head, NEXT_STEP, item.features)))
        assert sum(chances) == pytest.approx(1)
        assert min(chances) >= 0
