"""Silences found in sound, and word times put right by them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.call import Word
from models.silences import fitted, levels, silences
from tests.fakes import SAMPLE_RATE, SoundInMemory
from tests.models.spoken import spoken


def noise(loudness: list[tuple[float, float]]) -> SoundInMemory:
    """Noise of one level (RMS) after another, each for some seconds."""
    generator = np.random.default_rng(6)
    parts = [generator.normal(0, rms, round(seconds * SAMPLE_RATE)) for rms, seconds in loudness]
    return SoundInMemory(np.concatenate(parts).astype(np.float32)[None])


@pytest.mark.parametrize("floor", [0.0, 0.003])
def test_pauses_are_found_in_a_quiet_and_in_a_noisy_recording(floor: float) -> None:
    found = silences(levels(noise([(0.1, 1.0), (floor, 0.4), (0.1, 2.0), (floor, 0.3), (0.1, 1.0)])))
    np.testing.assert_allclose(found, [[1.0, 1.4], [3.4, 3.7]], atol=0.03)


def test_steady_sound_and_the_closure_of_a_stop_are_no_silence() -> None:
    assert len(silences(levels(noise([(0.1, 1.0), (0.001, 0.08), (0.1, 1.0)])))) == 0


def test_a_quiet_part_of_a_call_is_not_taken_for_silence() -> None:
    quiet = [(0.01, 1.5), (0.0003, 0.3)] * 20
    assert len(silences(levels(noise([(0.3, 1.5), (0.0003, 0.3)] * 20 + quiet)))) == 40


def test_a_word_drawn_out_over_a_pause_ends_where_the_pause_begins() -> None:
    words = [Word(0.0, 1.3, "back", 0.9), Word(1.3, 1.8, "of", 0.9)]
    one, other = fitted(words, np.array([[1.0, 1.4]]))
    assert (one.start, one.end, other.start, other.end) == (0.0, 1.0, 1.4, 1.8)


def test_a_word_placed_in_the_silence_before_it_begins_where_it_is_heard() -> None:
    words = [Word(0.0, 0.3, "good", 0.9), Word(0.3, 0.8, "morning", 0.9)]
    one, other = fitted(words, np.array([[0.02, 0.22]]))
    assert (one.start, one.end) == (0.22, 0.3)
    assert (other.start, other.end) == (0.3, 0.8)


def test_words_do_not_stretch_over_what_was_not_recognised() -> None:
    words = [Word(0.0, 0.5, "hello", 0.9), Word(9.0, 9.5, "bye", 0.9)]
    assert fitted(words, np.array([[4.0, 5.0]])) == words


def test_without_silences_words_stay_as_they_are() -> None:
    words = spoken("so we meet on monday", 0.0)
    assert fitted(words, np.empty((0, 2))) == words


SPANS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=12)


def chained(spans: list[tuple[float, float]]) -> NDArray[np.float64]:
    ends = np.cumsum(np.array(spans, np.float64).reshape(-1))
    return np.asarray(ends.reshape(-1, 2))


@given(SPANS, SPANS)
def test_fitted_words_keep_their_text_and_never_end_before_they_start(
    words: list[tuple[float, float]], silent: list[tuple[float, float]]
) -> None:
    spans = [Word(float(start), float(end), "word", 0.9) for start, end in chained(words)]
    found = fitted(spans, chained(silent))
    assert len(found) == len(spans)
    assert all((word.start or 0.0) <= (word.end or 0.0) for word in found)
