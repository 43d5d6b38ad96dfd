"""Where no draft is given: counted by reason, beside what readers did there."""

from datetime import date

from models.framework import load_framework
from models.heads import load_heads
from tests.factories import transcript
from training.datasets import LabelledCall
from training.marks import DIMENSIONS, Reading
from training.score_abstentions import abstentions, reasons, tabulated

FRAMEWORK = load_framework()
HEADS = load_heads(FRAMEWORK)
SHORT = transcript(("rep", "hello is this a good moment"), ("buyer", "no sorry call me next week"))
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def call(name: str, *scores: int | None) -> LabelledCall:
    """A call of two turns, with a reading for each score, the same on every dimension."""
    readings = tuple(
        Reading(f"r{number}", name, dict.fromkeys(DIMENSIONS, value), ())
        for number, value in enumerate(scores)
    )
    return LabelledCall(name, "w2", "bakery", "cold call", "punctuated", date(2026, 3, 3), SHORT, readings)


def test_reasons_are_counted_with_what_readers_did() -> None:
    plain = dict.fromkeys(DIMENSIONS)
    found = [
        (call("a", 3, None), {**plain, "value": "nothing offered"}),
        (call("b", None, None), {**plain, "value": "nothing offered"}),
        (call("c", 2), {**plain, "value": "too short"}),
        (call("d", 4, None), plain),
    ]
    one = next(row for row in tabulated(FRAMEWORK, found) if row.dimension == "value")
    first, second = one.withheld
    assert (first.reason, first.calls, first.readings, first.scored) == ("nothing offered", 2, 4, 1)
    assert (second.reason, second.calls, second.readings, second.scored) == ("too short", 1, 1, 1)
    assert (one.calls, one.drafted, one.unobserved) == (4, 2, 1)
    every = next(row for row in tabulated(FRAMEWORK, found) if row.dimension == "presence")
    assert (every.withheld, every.drafted, every.unobserved) == ((), 7, 4)


def test_a_call_is_judged_as_it_would_be_in_use() -> None:
    short = call("a", 3)
    why = reasons(FRAMEWORK, HEADS, short)
    assert set(why) == {dimension.id for dimension in FRAMEWORK.dimensions}
    assert all(why.values())
    rows = abstentions(FRAMEWORK, HEADS, [short], QUIET)
    assert [(row.dimension, row.withheld[0].scored) for row in rows] == [
        (dimension.id, 1) for dimension in FRAMEWORK.dimensions
    ]
    assert abstentions(FRAMEWORK, HEADS, [], QUIET) == []
