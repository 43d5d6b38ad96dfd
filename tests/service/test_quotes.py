"""Quotes under a score don't repeat themselves."""

from hypothesis import given
from hypothesis import strategies as st

from service.quotes import quotable
from service.result import EvidencePart


def piece(turn: int, start: int, stop: int) -> EvidencePart:
    return EvidencePart(
        label="outcome",
        turn=turn,
        start=start,
        stop=stop,
        speaker="rep",
        quote="words",
        start_time=None,
        end_time=None,
        strength=1.0,
        source="test",
        attributes={},
    )


def test_words_that_a_stronger_piece_quotes_are_not_quoted_again() -> None:
    found = [piece(3, 0, 9), piece(3, 4, 12), piece(3, 9, 12), piece(4, 0, 9)]
    assert quotable(found, [1, 0, 2, 3], 3) == [found[1], found[3]]
    assert quotable(found, [0, 1, 2, 3], 2) == [found[0], found[2]]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(1, 5)), max_size=12))
def test_the_strongest_is_always_quoted_and_no_two_overlap(spans: list[tuple[int, int, int]]) -> None:
    found = [piece(turn, start, start + length) for turn, start, length in spans]
    quoted = quotable(found, range(len(found)), 3)
    assert quoted[:1] == found[:1]
    places = [{(one.turn, word) for word in range(one.start, one.stop)} for one in quoted]
    assert sum(map(len, places)) == len(set().union(*places))
