"""What is known beforehand and what scores say, together in one head."""

from dataclasses import replace

import numpy as np
import pytest

from models.agreement import bias
from models.framework import load_framework
from models.heads import load_prior
from training.anchors import anchors_of
from training.calibration import calibrated
from training.heads import Settings, learn
from training.ordinal import MonotoneOrdinal, Prior
from training.score_data import REVIEWED, Scored
from training.scorer import covered, guess, spread

FRAMEWORK = load_framework()
STEP = FRAMEWORK.dimension("next_step")
ANCHORS = anchors_of(FRAMEWORK)["next_step"]
_PRIOR = load_prior(FRAMEWORK)
assert _PRIOR is not None
PRIOR = _PRIOR.of("next_step")


def scores(count: int, *, lower: float = 0.0, reviewers: tuple[str, ...] = ("reader",)) -> list[Scored]:
    """Scores as the prior would give them, `lower` by so much; nobody is ever named for a next step."""
    random = np.random.default_rng(1)
    found = []
    for number in range(count):
        features = {use.name: float(random.integers(0, 2)) for use in STEP.features}
        features["next_step_attendees"] = 0.0
        worth = PRIOR.base + sum(term.weight * term.transform(features[term.feature]) for term in PRIOR.terms)
        for reviewer in reviewers:
            value = int(np.clip(round(worth - lower + random.normal(scale=0.5)), 1, 5))
            found.append(Scored(f"c{number}", f"g{number % 8}", "next_step", value, reviewer, 1.0, features))
    return found


def test_a_feature_that_never_varies_keeps_its_weight_and_points() -> None:
    head = learn(STEP, scores(80), Settings(penalty=1.0), PRIOR).head
    kept = {term.feature: term for term in head.terms}["next_step_attendees"]
    known = {term.feature: term for term in PRIOR.terms}["next_step_attendees"]
    assert (kept.weight, kept.points) == (known.weight, known.points)


def test_a_feature_that_is_never_known_keeps_its_weight_and_reference() -> None:
    unknown = [replace(one, features={**one.features, "next_step_timed": None}) for one in scores(80)]
    head = learn(STEP, unknown, Settings(penalty=1.0), PRIOR).head
    known = {term.feature: term for term in PRIOR.terms}["next_step_timed"]
    assert {term.feature: term for term in head.terms}["next_step_timed"] == known


def test_the_stronger_the_penalty_the_nearer_to_what_was_known() -> None:
    # Here nothing counts but whether there is a time; the prior says otherwise.
    turned = [replace(one, value=2 + 2 * int(one.features["next_step_timed"] or 0)) for one in scores(120)]

    def astray(penalty: float) -> float:
        head = learn(STEP, turned, Settings(penalty=penalty), PRIOR).head
        weights = {term.feature: term.weight for term in PRIOR.terms}
        return sum(abs(term.weight - weights[term.feature]) for term in head.terms)

    assert astray(1e5) < 0.5
    assert astray(1.0) > 1.0


@pytest.mark.parametrize("lower", [0.0, 0.8])
def test_drafts_are_no_kinder_or_stricter_than_the_scores_learned_from(lower: float) -> None:
    # All reviewers used to move away from the anchors together, and the drafts stayed behind.
    given = scores(150, lower=lower, reviewers=("one", "two"))
    found = guess(learn(STEP, given, Settings(), PRIOR, ANCHORS).head, STEP, given)
    assert bias([one.scored.value or 0 for one in found], [one.value for one in found]) == pytest.approx(
        0, abs=0.12
    )


def test_severities_of_reviewers_are_recovered() -> None:
    given = [
        replace(one, value=int(np.clip((one.value or 3) - strict, 1, 5)), reviewer=name)
        for name, strict in (("mild", 0), ("plain", 0), ("strict", 1))
        for one in scores(100)
    ]
    severity = learn(STEP, given, Settings(), PRIOR, ANCHORS).severity
    assert severity["strict"] - severity["mild"] == pytest.approx(1.0, abs=0.3)
    assert severity["plain"] == pytest.approx(severity["mild"], abs=0.1)
    # Told from the ordinary reviewer, so they even out.
    assert sum(severity.values()) == pytest.approx(0, abs=0.001)


def test_drafts_that_shrink_are_spread() -> None:
    given = scores(150)
    found = guess(learn(STEP, given, Settings(), PRIOR).head, STEP, given)
    shrunk = [
        replace(one, chances=tuple(0.6 * c + 0.4 * (k == 2) for k, c in enumerate(one.chances)))
        for one in found
    ]
    assert spread(shrunk) > spread(found) >= 1


def test_a_kept_prior_gets_intervals_that_hold_what_they_state() -> None:
    given = scores(200, lower=0.7)
    head = calibrated(PRIOR, STEP, given, _PRIOR)
    assert (
        covered(guess(head, STEP, given), head.mass) >= 0.8 > covered(guess(PRIOR, STEP, given), PRIOR.mass)
    )
    other = replace(PRIOR, terms=tuple(replace(term, weight=0.5) for term in PRIOR.terms))
    assert calibrated(other, STEP, given, _PRIOR) == other
    assert calibrated(PRIOR, STEP, [], _PRIOR) == PRIOR


def test_a_kept_head_is_set_right_when_scores_of_writers_new_to_it_come() -> None:
    given = scores(200, lower=0.7)
    known = tuple({one.group for one in given})
    other = replace(
        PRIOR, terms=tuple(replace(term, weight=0.98 * term.weight) for term in PRIOR.terms), writers=known
    )
    assert calibrated(other, STEP, given, _PRIOR) == other
    new = [replace(one, group=f"new {one.group}") for one in given]
    head = calibrated(other, STEP, [*given, *new], _PRIOR)
    assert covered(guess(head, STEP, new), head.mass) >= 0.8 > covered(guess(other, STEP, new), other.mass)
    before, after = (guess(one, STEP, new) for one in (other, head))
    truth = [one.scored.value or 0 for one in after]
    assert abs(bias(truth, [one.value for one in after])) < 0.1
    assert abs(bias(truth, [one.value for one in before])) > 0.2
    milder = [replace(one, group=f"new {one.group}") for one in scores(200)]
    mixed, all_mild = (calibrated(other, STEP, [*scores(200), *some], _PRIOR) for some in (new, milder))
    assert head.base < mixed.base < all_mild.base  # what it learned from counts, too
    reviewed = [replace(one, group=f"{REVIEWED}{one.call}") for one in new]  # it may have learned from these
    assert calibrated(other, STEP, [*new, *reviewed], _PRIOR) == other


def test_a_prior_that_does_not_fit_is_refused() -> None:
    prior = Prior(((0.0, 1.0),), ((1.0,),), (1.0, 2.0), (1.0,))
    table, values = np.array([[0.0], [1.0], [1.0]]), [1, 3, 3]
    assert MonotoneOrdinal(prior=prior).fit(table, values).classes_.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="classes are 1 to 3"):
        MonotoneOrdinal(prior=prior).fit(table, [1, 4, 4])
    with pytest.raises(ValueError, match="it must have 2 features"):
        MonotoneOrdinal(prior=prior).fit(np.hstack([table, table]), values)
