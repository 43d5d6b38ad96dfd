"""The sound that stands for a piece of speech."""

import numpy as np

from models.clips import LONGEST_CLIP, clip
from tests.fakes import SAMPLE_RATE, SoundInMemory, hum


def test_silence_around_a_word_is_left_out() -> None:
    sound = np.concatenate([np.zeros(SAMPLE_RATE), hum([300], 0.5), np.zeros(SAMPLE_RATE)]).astype(np.float32)
    found = clip(SoundInMemory(sound[None]), 0.7, 1.9)
    assert 0.5 * SAMPLE_RATE <= len(found) <= 0.57 * SAMPLE_RATE


def test_of_a_long_piece_the_middle_is_taken() -> None:
    found = clip(SoundInMemory(hum([900, 300, 900], 4.0)[None]), 0.0, 12.0)
    assert len(found) == LONGEST_CLIP * SAMPLE_RATE
    spectrum = np.abs(np.fft.rfft(found, SAMPLE_RATE))
    assert np.argmax(spectrum) == 300


def test_beyond_the_end_there_is_nothing() -> None:
    assert len(clip(SoundInMemory(hum([300], 1.0)[None]), 5.0, 6.0)) == 0
