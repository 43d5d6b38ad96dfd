"""Pieces of text with times in a window become the words of a call."""

import itertools

import pytest

from models.alignment import Timing, longest_silence, longest_unheard, words_of
from models.call import Word
from models.speech_activity import Stretch, Window
from tests.fakes import SAMPLE_RATE

WINDOW = Window((Stretch(0, SAMPLE_RATE, 20 * SAMPLE_RATE),), 0)  # begins one second into the call


def timings(*pieces: str, length: float = 0.4) -> list[Timing]:
    return [
        {
            "word": piece,
            "tokens": [at],
            "start": at * 0.5,
            "end": at * 0.5 + length,
            "probability": 0.9 - at / 50,
        }
        for at, piece in enumerate(pieces)
    ]


def texts(pieces: list[Timing]) -> list[str]:
    return [word.text for word in words_of(pieces, WINDOW, spaced=True)]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ((" three", "-year", " plan"), ["three-year", "plan"]),
        ((" $1", ".75", " each", "."), ["$1.75", "each."]),
        ((" well", " ...", " yes"), ["well...", "yes"]),
        ((" ♪", " la", " la"), ["la", "la"]),
        ((" ...", " -"), []),
        ((), []),
    ],
)
def test_pieces_and_marks_join_the_word_they_belong_to(pieces: tuple[str, ...], expected: list[str]) -> None:
    assert texts(timings(*pieces)) == expected


def test_a_joined_word_spans_its_pieces_and_is_as_likely_as_the_least_likely() -> None:
    [word] = words_of(timings(" three", "-year"), WINDOW, spaced=True)
    assert word == Word(1.0, pytest.approx(1.9), "three-year", pytest.approx(0.88))  # type: ignore[arg-type]


def test_languages_without_spaces_have_a_word_a_piece() -> None:
    words = words_of(timings("你", "好", "。"), WINDOW, spaced=False)
    assert [word.text for word in words] == ["你", "好。"]
    assert all((before.end or 0) <= (after.start or 0) for before, after in itertools.pairwise(words))


def test_words_that_no_sound_is_left_for_are_left_out() -> None:
    said = timings(" we", " can", " do", " that")
    ran_on = timings(" Thank", " you", " for", " watching", " this", length=0.0)
    assert texts([*said, *ran_on]) == ["we", "can", "do", "that"]
    hurried = timings(" of", " the", length=0.0)
    assert texts([*said, *hurried, *timings(" thing")]) == ["we", "can", "do", "that", "of", "the", "thing"]


def test_the_longest_silence_is_the_longest_voiced_time_without_the_end_of_a_word() -> None:
    window = Window((Stretch(0, 0, 5 * SAMPLE_RATE), Stretch(0, 9 * SAMPLE_RATE, 12 * SAMPLE_RATE)), 0)
    words = [Word(0.1, 1.0, "one"), Word(1.0, 1.5, "two"), Word(9.1, 9.5, "three"), Word(9.5, 11.8, "four")]
    assert longest_silence(words, window) == pytest.approx(3.5)  # after "two", to the end of its stretch
    assert longest_silence(words[2:], window) == pytest.approx(5.0)  # nothing in the first stretch
    assert longest_silence([], window) == pytest.approx(5.0)


def test_a_word_that_stands_alone_fills_no_silence_and_a_stretch_without_any_is_unheard() -> None:
    window = Window((Stretch(0, 0, 5 * SAMPLE_RATE), Stretch(0, 9 * SAMPLE_RATE, 12 * SAMPLE_RATE)), 0)
    words = [Word(0.1, 1.0, "one"), Word(2.0, 3.0, "two"), Word(4.5, 4.9, "three")]
    assert longest_silence(words, window, 1) == pytest.approx(3.9)  # from "one" to "three"
    assert longest_silence(words[:1], window, 1) == pytest.approx(5.0)
    assert longest_unheard(words, window) == pytest.approx(3.0)
    assert longest_unheard([*words, Word(9.0, 12.0, "four")], window) == 0
