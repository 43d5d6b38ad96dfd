"""Exchanges on what comes next are read as the close, or the middle, of one of our calls."""

from training.datasets import labelled_calls
from training.exchanges import KIND, exchanges, grafted
from training.scenes import scenes
from training.steps.next_steps import DENSE, READ, prepared

CALLS = [call for call in labelled_calls() if not call.held_out]


def test_every_exchange_that_ships_has_its_steps_marked_or_none() -> None:
    shipped = exchanges()
    assert len(shipped) == len({one.name for one in shipped}) == 360
    assert {mark.label for one in shipped for mark in one.readings[0].marks} == {"next_step"}
    assert 60 < sum(not one.readings[0].marks for one in shipped) < 120
    writers = {one.writer for one in shipped}
    assert not writers & {call.writer for call in (*labelled_calls(), *scenes())}


def test_an_exchange_keeps_its_words_and_marks_within_a_call() -> None:
    for one, whole in zip(exchanges(), grafted(CALLS), strict=True):
        assert whole.kind == KIND
        assert whole.read is not None
        assert whole.transcript.turns[whole.read.start : whole.read.stop] == one.transcript.turns
        for before, after in zip(one.readings[0].marks, whole.readings[0].marks, strict=True):
            assert after.turn - whole.read.start == before.turn
            assert (after.start, after.stop, after.label) == (before.start, before.stop, before.label)


def test_goodbyes_end_a_call_and_the_rest_has_talk_after_it() -> None:
    ends = [
        whole.read is not None and whole.read.stop == len(whole.transcript.turns) for whole in grafted(CALLS)
    ]
    assert 0.3 < sum(ends) / len(ends) < 0.9
    assert grafted(CALLS) == grafted(CALLS)
    assert grafted([]) == []


def test_only_the_exchanges_own_units_are_learned_from() -> None:
    for row in prepared(grafted(CALLS)[:6]):
        assert row.call.read is not None
        assert row.cues
        assert {turn for turn, _ in row.cues} <= set(row.call.read)
    assert DENSE < READ
