"""Whose standard drafts are made to, and whose scores they are measured on."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import pytest

from models.agreement import bias
from models.framework import load_framework
from models.heads import Head, load_heads
from tests.training.test_score_report import measured
from tests.training.test_scorer import NEXT_STEP, scores
from training.duels import Duel
from training.heads import learn
from training.score_commands import Trained, between_readers, evaluate, held_out
from training.score_data import OVERRIDE, Scored, blind_alone, people_alone
from training.score_report import page
from training.score_summary import summary
from training.scorer import guess

HARSHER = 1.0


def reviews(count: int, seed: int, reviewers: int = 1) -> list[Scored]:
    """By people of an organisation that is a point harsher than our readers."""
    return [
        replace(
            item,
            call=f"theirs {item.call}",
            group=f"call theirs {item.call}",
            reviewer=f"coach {number % reviewers}",
            strength=OVERRIDE,
        )
        for number, item in enumerate(scores(count, seed, strict={"coach": HARSHER}))
    ]


def off(head: Head, truth: Sequence[Scored]) -> float:
    return bias([item.value or 0 for item in truth], [one.value for one in guess(head, NEXT_STEP, truth)])


@pytest.mark.parametrize("reviewers", [1, 12])
def test_drafts_are_as_strict_as_the_people_who_review(reviewers: int) -> None:
    learnt = learn(NEXT_STEP, [*scores(120), *reviews(60, 4, reviewers)])
    theirs, ours = reviews(150, 5), scores(150, 6)
    assert abs(off(learnt.head, theirs)) < 0.25
    assert off(learnt.readers, theirs) > 0.5
    assert abs(off(learnt.readers, ours)) < 0.25
    coaches = [one for name, one in learnt.severity.items() if name != "reader"]
    assert fmean(coaches) - learnt.severity["reader"] == pytest.approx(HARSHER, abs=0.4)


def test_without_reviews_or_without_readings_there_is_one_standard() -> None:
    for given in (scores(80), reviews(80, 1)):
        learnt = learn(NEXT_STEP, given)
        assert learnt.head == learnt.readers


def test_an_anchor_binds_only_what_nobody_reviewed() -> None:
    ours = Duel("next_step", 90, 0.6, 0.7, better=0.97, missed=(3,))
    theirs = replace(ours, reviewed=50)
    assert not ours.won
    assert theirs.won
    framework = replace(load_framework(), dimensions=(NEXT_STEP,))
    said = [next(iter(summary(Trained((), (one,)), framework))) for one in (ours, theirs)]
    assert "kept" in said[0]
    assert "would miss it" in said[0]
    assert "replaced" in said[1]
    assert "50 reviews by people" in said[1]


def test_agreement_is_told_by_people_who_had_not_seen_the_draft() -> None:
    readings = [replace(item, group="w2") for item in scores(30)]
    held = [item for item in reviews(150, 2) if held_out(item)]
    seen = [replace(item, blind=False) for item in held[::2]]
    blind = held[1::2]
    assert len(blind) >= 10
    assert blind_alone([*readings, *seen, *blind]) == blind
    # Too few people for a figure of their own: our readers', too, but nobody who saw the draft.
    assert blind_alone([*readings, *seen, *blind[:3]]) == [*readings, *blind[:3]]
    assert blind_alone(seen) == seen
    assert people_alone([*readings, *seen]) == seen
    framework = replace(load_framework(), dimensions=(NEXT_STEP,))
    found = evaluate(framework, [*readings, *seen, *blind], load_heads(load_framework()))["next_step"]
    assert found["all"].cases == len(blind)
    assert between_readers([*seen, *(replace(item, reviewer="second") for item in seen)]) != {}
    assert "only reviews made blind" in page(measured([*readings, *seen, *blind]))
    assert "none of these reviews was made blind" in page(measured(seen))
