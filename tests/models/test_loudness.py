"""How loud each voice is, as a cue to who speaks."""

import numpy as np
import pytest

from models.attribution import Piece
from models.loudness import Loudness, loudness_of


def test_the_loudness_of_a_piece_is_that_of_its_own_time() -> None:
    level = np.repeat(np.array([-20, -60, -30], np.float32), 100)
    pieces = [Piece(0, 1, 0.0, 1.0), Piece(1, 2, 2.0, 3.0), Piece(2, 3, 2.9, 9.0), Piece(3, 4, 8.0, 8.0)]
    assert loudness_of(level, pieces).tolist() == pytest.approx([-20, -30, -30, -30], abs=0.01)


def test_a_loud_piece_speaks_for_the_loud_voice_and_a_shout_for_none_in_particular() -> None:
    loudness = np.array([-20, -21, -19, -32, -31, -33] * 4, np.float32)
    labels = np.array([0, 0, 0, 1, 1, 1] * 4)
    voices = Loudness.of(loudness, np.ones(24, np.float32), labels, 2)
    loud, quiet, shout = voices.evidence(np.array([-20, -32, 20], np.float32))
    assert loud[0] > loud[1] + 2
    assert quiet[1] > quiet[0] + 2
    assert shout[0] == pytest.approx(shout[1])


def test_voices_alike_in_loudness_are_not_told_apart_by_it() -> None:
    loudness = np.array([-20, -26, -23, -20, -26, -23], np.float32)
    voices = Loudness.of(loudness, np.ones(6, np.float32), np.array([0, 0, 0, 1, 1, 1]), 2)
    assert np.ptp(voices.evidence(np.array([-20, -26], np.float32)), axis=1).tolist() == pytest.approx([0, 0])
