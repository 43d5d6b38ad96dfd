"""Next steps in whole exchanges: one mark a step, its day wherever it is said, and what is none."""

import pytest

from annotators.step_marks import BEGINS, GOES_ON, NONE, at_least, marked
from tests.annotators.calls import found


def test_the_day_may_follow_in_the_next_sentence() -> None:
    steps = found(
        "next_step",
        "rep: I'll send you the quote and the drawings. You'll have both by Friday.",
        "buyer: Good.",
    )
    assert {step.attributes["date"] for step in steps} == {"2026-03-06"}


def test_the_answer_may_move_the_day() -> None:
    steps = found(
        "next_step", "rep: I'll send you the proposal by Friday.", "buyer: Make it Thursday.", "rep: Will do."
    )
    assert [step.attributes["date"] for step in steps if step.turn == 0] == ["2026-03-05"]


def test_that_same_day_is_the_day_just_named() -> None:
    steps = found(
        "next_step",
        "rep: I'll call you on Monday the ninth and I'll send you the price that same day.",
        "buyer: Yes please.",
    )
    assert {step.attributes["date"] for step in steps} == {"2026-03-09"}


def test_who_gets_it_and_who_sends_it() -> None:
    (gets,) = found("next_step", "rep: You'll have the contract by Friday.", "buyer: Great.")
    (sends,) = found("next_step", "rep: You'll send me the list by Friday.", "buyer: Sure.")
    assert (gets.attributes["owner"], sends.attributes["owner"]) == ("rep", "buyer")


def test_without_known_roles_commitments_count_and_have_no_owner() -> None:
    steps = found("next_step", "A: I'll send you the minutes after the meeting.", "B: Okay.")
    assert steps
    assert {step.attributes["owner"] for step in steps} <= {None, "both"}


@pytest.mark.parametrize(
    ("shares", "spans"),
    [
        ([("B", 0.9), ("I", 0.8)], [(0, 2)]),
        ([("B", 0.9), ("B", 0.8)], [(0, 1), (1, 2)]),
        ([("B", 0.9), ("N", 0.9), ("I", 0.8)], [(0, 3)]),
        ([("N", 0.9)], []),
    ],
)
def test_parts_of_one_step_are_joined(shares: list[tuple[str, float]], spans: list[tuple[int, int]]) -> None:
    likely = {
        index: {other: share if other == name else (1 - share) / 2 for other in (BEGINS, GOES_ON, NONE)}
        for index, (name, share) in enumerate(shares)
    }
    assert [(step.first, step.last) for step in marked(0, likely)] == spans


def test_a_likelihood_is_raised_but_never_lowered() -> None:
    low = at_least({BEGINS: 0.1, GOES_ON: 0.1, NONE: 0.8}, 0.6, BEGINS)
    assert low[NONE] == pytest.approx(0.4)
    assert sum(low.values()) == pytest.approx(1)
    assert at_least({BEGINS: 0.9, GOES_ON: 0.0, NONE: 0.1}, 0.6, GOES_ON)[GOES_ON] == 0
