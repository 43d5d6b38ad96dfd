"""Shortcuts are found where there are some, and not where there are none."""

from dataclasses import replace

import numpy as np
import pytest

from training.datasets import LabelledCall, scored_calls
from training.marks import Reading
from training.shortcuts import LENGTH, TURNS, WORDS, Shortcut, lines, shortcuts

QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def rescored(calls: list[LabelledCall], measures: np.ndarray) -> list[LabelledCall]:
    """The calls with a single score that follows a measure."""
    places = np.digitize(measures, np.quantile(measures, [0.25, 0.5, 0.75])) + 1
    return [
        replace(call, readings=(Reading("r1", call.name, {"value": int(score)}, ()),))
        for call, score in zip(calls, places, strict=True)
    ]


@pytest.fixture(scope="module")
def calls() -> list[LabelledCall]:
    return [call for call in scored_calls() if call.writer in {"w1", "w3", "w4", "w5"}]


def by_sight(found: list[Shortcut]) -> dict[str, float]:
    return {one.sees: one.kappa.value for one in found if one.model == "ridge"}


def test_scores_that_follow_length_are_given_away_by_it(calls: list[LabelledCall]) -> None:
    words = np.array([sum(len(turn.words) for turn in call.transcript.turns) for call in calls])
    found = shortcuts(rescored(calls, words), QUIET)
    assert by_sight(found)[LENGTH] > 0.7
    assert {one.sees for one in found} == {LENGTH, TURNS, WORDS}
    assert len(list(lines(found))) == 7


def test_scores_by_lot_are_not(calls: list[LabelledCall]) -> None:
    lot = np.random.default_rng(0).permutation(len(calls)).astype(float)
    assert max(by_sight(shortcuts(rescored(calls, lot), QUIET)).values()) < 0.45
