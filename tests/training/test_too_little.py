"""Dimensions that nothing can be learned of: the head stays, and the run says why."""

from collections.abc import Sequence

import pytest

from models.framework import load_framework
from models.heads import load_heads
from training.score_commands import retrain
from training.score_data import Scored
from training.score_summary import summary
from training.scorer import too_little

DONOR = load_framework("donor")
HEADS = load_heads(DONOR)
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def scores(values: Sequence[int], dimension: str = "ask") -> list[Scored]:
    """Scores of as many calls, eight to a writer; the calls have nothing in them."""
    none = {use.name: 0.0 for use in DONOR.dimension(dimension).features}
    return [
        Scored(f"c{n}", f"g{n // 8}", dimension, value, "r1", 1.0, none) for n, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([3] * 12, "12 scores to learn from"),
        ([3] * 48, "nearly every score is 3"),
        # One writer's calls alone are worth anything else: without them nothing can be told apart.
        ([4] * 8 + [3] * 40, "nearly every score is 3"),
    ],
)
def test_what_cannot_be_learned_keeps_its_head_and_says_why(values: list[int], why: str) -> None:
    given = scores(values)
    trained = retrain(DONOR, given, HEADS, QUIET)
    assert trained.heads == HEADS.heads
    assert trained.promoted == ()
    told = {line.split(":")[0]: line for line in summary(trained, DONOR)}
    assert why in told["ask"]
    assert told["ask"].startswith("ask: kept, as ")
    assert "0 scores to learn from" in told["concerns"]


def test_scores_that_differ_everywhere_can_be_learned_from() -> None:
    assert not too_little(scores([2, 3, 4, 3, 2, 4, 3, 3] * 6))
