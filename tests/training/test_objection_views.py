"""Objections and answers as the second look learns them."""

import numpy as np
import pytest

from annotators.call_pieces import Cutter
from annotators.call_reader import columns, load
from annotators.second_look import ANSWER, NAME, OBJECTION
from training.datasets import labelled_calls
from training.look_lessons import Example
from training.steps.objection_data import marks, seen
from training.steps.objection_views import TASKS, examples

OWN = columns(TASKS)


@pytest.fixture(scope="module")
def shown() -> list[tuple[Example, ...]]:
    """Of two calls, as written and stripped."""
    cutter, chance = Cutter(load(name=NAME).vocabulary), np.random.default_rng(0)
    calls = [call for call in labelled_calls() if call.name in {"w1-01", "w1-02"}]
    return [examples(cutter, view, chance) for view in seen(calls)]


def test_each_is_asked_what_readers_were(shown: list[tuple[Example, ...]]) -> None:
    for one in (one for call in shown for one in call):
        sums = {task: float(one.labels[own].sum()) for task, own in OWN.items()}
        if one.seen.ids[1] == ANSWER.kind:
            assert sums["move"] > 0
            assert sums["objection"] == sums["kind"] == sums["status"] == 0
        else:
            assert one.seen.ids[1] == OBJECTION.kind
            assert sums["move"] == 0
            objects = one.labels[OWN["objection"]][1]
            assert sums["kind"] == sums["status"] == objects


def test_every_objection_of_a_reader_is_shown_and_some_turns_that_are_none(
    shown: list[tuple[Example, ...]],
) -> None:
    calls = [call for call in labelled_calls() if call.name in {"w1-01", "w1-02"}]
    marked = sum(
        len(marks(reading, "objection")) / len(call.readings) for call in calls for reading in call.readings
    )
    for style in (shown[::2], shown[1::2]):
        labels = [one.labels[OWN["objection"]] for call in style for one in call]
        assert sum(float(own[1]) for own in labels) >= marked
        assert any(own[0] == 1 for own in labels)


def test_the_same_calls_are_shown_alike() -> None:
    cutter = Cutter(load(name=NAME).vocabulary)
    (written, _) = seen([call for call in labelled_calls() if call.name == "w1-01"])
    one, other = (examples(cutter, written, np.random.default_rng(3)) for _ in range(2))
    assert [example.seen.ids.tolist() for example in one] == [example.seen.ids.tolist() for example in other]
