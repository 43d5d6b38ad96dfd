"""Is a channel a speaker? Compares two channels while they are decoded, in constant memory.

What tells is the level difference between the channels, stretch by stretch. On a two-channel telephone
recording it swings from one side to the other with every turn, by twice the separation of the channels. Where
both channels hold the same sound it stands still; where both hold the same room it moves a little.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.audio.spool import SAMPLE_RATE

Layout = Literal["mono", "stereo", "dual mono", "mixed stereo"]

# Speech on a telephone lives in 300-3400 Hz (ITU-T G.712): hum, rumble and codec noise stay out of it.
_FRAME = 1024
_WINDOW = np.hanning(_FRAME).astype(np.float32)
_BAND = slice(300 * _FRAME // SAMPLE_RATE, 3400 * _FRAME // SAMPLE_RATE)
# Levels are averaged over 4 frames (0.26 s): shorter than a "yeah", long enough to even out a room's echoes.
_GROUP = 4
# Levels are counted in 1 dB cells from -120 dB to +20 dB full scale.
_LOWEST, _CELLS = -120, 140
# Delays between channels that still count as the same sound: 6 ms, that is 2 m between microphones.
_MAX_LAG = SAMPLE_RATE * 6 // 1000

# A stretch is speech-like if it stands 10 dB over the background of its channel and is audible at all.
_OVER_BACKGROUND = 10
_AUDIBLE = -75
# A side that holds under half a second of such stretches says nothing.
_LIVE_STRETCHES = 2
# Sound of one voice in each channel 20 dB down in the other one swings the difference by 40 dB; voices panned
# 6 dB to each side of a mix, by 12 dB; echoes and noise add a few. Between them:
_SEPARATE_SWING = 18.0
# Each side must lead in this share of the speech: a rep who holds a monologue still has a caller.
_SIDE_SHARE = 0.01
# The same sound twice: the difference nearly always stays within 3 dB, and nobody stands out by 15 dB for a
# second, whose words would go with the channel that is left out. The waveforms agree: by 0.9 even with a
# delay of 6 ms in 64 ms frames, where the echoes of a room bring it to 0.9 and less.
_SAME_SWING, _SAME_SHARE = 3.0, 0.05
_ANYONE_SWING, _ANYONE_STRETCHES = 15.0, 4
_SAME_COHERENCE = 0.9
# Independent voices and noises agree by 0.3 at most over any lag; a shared room by 0.5 and more.
_SHARED_COHERENCE = 0.45


@dataclass(frozen=True, slots=True)
class Mix:
    """How the channels of a file become the channels of a call.

    `weights` has a row for each channel of the call, with a factor for each channel of the file.
    `silent` is the position of a channel of the file that was left out because nothing is on it.
    """

    layout: Layout
    weights: tuple[tuple[float, ...], ...]
    silent: int | None = None


MONO = Mix("mono", ((1.0,),))
_STEREO = Mix("stereo", ((1.0, 0.0), (0.0, 1.0)))
_ONE = ((1.0, 0.0),), ((0.0, 1.0),)


class ChannelComparison:
    """Collects what `mix` judges by. Feed it the whole recording, block by block."""

    def __init__(self) -> None:
        self._rest: NDArray[np.float32] = np.zeros((2, 0), np.float32)
        self._stretches = np.zeros((_CELLS, _CELLS), np.int64)  # how often (left level, right level) was met
        self._coherence = np.zeros((_CELLS, _CELLS), np.float64)  # sum of the signed peak correlation there
        self._size = np.zeros((_CELLS, _CELLS), np.float64)  # sum of its size

    def add(self, block: NDArray[np.float32]) -> None:
        """Take in sound at 16 kHz, shape (2, samples)."""
        sound = np.concatenate([self._rest, block], axis=1)
        step = _FRAME * _GROUP
        whole = sound.shape[1] // step
        self._rest = sound[:, whole * step :].copy()
        if whole:
            self._count(sound[:, : whole * step].reshape(2, whole * _GROUP, _FRAME))

    def mix(self) -> Mix:
        """Judge what the two channels are."""
        left, right = self._stretches.sum(axis=1), self._stretches.sum(axis=0)
        floors = _floor(left), _floor(right)
        live = [
            side[floor:].sum() >= _LIVE_STRETCHES for side, floor in zip((left, right), floors, strict=True)
        ]
        louder = int(_level(right) > _level(left))
        if not any(live):
            return Mix("mono", _ONE[louder])
        if not all(live):
            speaker = live.index(True)
            return Mix("mono", _ONE[speaker], silent=1 - speaker)
        return self._judge(floors, louder)

    def _count(self, frames: NDArray[np.float32]) -> None:
        """Count levels and agreement of frames, shape (2, frames, samples)."""
        spectra = np.fft.rfft(frames * _WINDOW)[:, :, _BAND]  # (2, frames, bins)
        power = np.square(spectra.real) + np.square(spectra.imag)
        energy = power.sum(axis=2).reshape(2, -1, _GROUP).mean(axis=2)  # (2, stretches)
        cross = np.zeros((spectra.shape[1], _FRAME // 2 + 1), np.complex64)
        cross[:, _BAND] = spectra[0] * spectra[1].conj()
        lags = np.fft.irfft(cross)[:, np.r_[-_MAX_LAG : _MAX_LAG + 1]] * (_FRAME / 2)  # (frames, lags)
        peak = np.take_along_axis(lags, np.abs(lags).argmax(axis=1)[:, None], axis=1)[:, 0]
        peaks = peak.reshape(-1, _GROUP)
        # Loud frames weigh more, as they do in the level of the stretch.
        scale = np.sqrt(power.sum(axis=2).prod(axis=0)).reshape(-1, _GROUP).sum(axis=1) + 1e-20
        # A full-scale sine has the energy (frame/4)^2 under this window, which is 0 dB here.
        levels = 10 * np.log10(energy / (_FRAME / 4) ** 2 + 1e-15)
        cells = np.clip(np.round(levels).astype(np.int64) - _LOWEST, 0, _CELLS - 1)
        at = (cells[0], cells[1])
        np.add.at(self._stretches, at, 1)
        np.add.at(self._coherence, at, peaks.sum(axis=1) / scale)
        np.add.at(self._size, at, np.abs(peaks).sum(axis=1) / scale)

    def _judge(self, floors: tuple[int, int], louder: int) -> Mix:
        """Judge channels that both hold something, by the stretches where either speaks."""
        speaks = np.zeros((_CELLS, _CELLS), bool)
        speaks[floors[0] :, :] = True
        speaks[:, floors[1] :] = True
        counts = np.where(speaks, self._stretches, 0)
        total = counts.sum()
        difference = _differences(counts)
        coherence = float(self._size[speaks].sum() / total)
        swing = _spread(difference, _SIDE_SHARE * total)
        if swing >= _SEPARATE_SWING or coherence < _SHARED_COHERENCE:
            return _STEREO
        steady = _spread(difference, _SAME_SHARE * total) <= _SAME_SWING
        alone = _spread(difference, _ANYONE_STRETCHES) <= _ANYONE_SWING
        if steady and alone and coherence >= _SAME_COHERENCE:
            return Mix("dual mono", _ONE[louder])
        opposed = float(self._coherence[speaks].sum()) < 0
        return Mix("mixed stereo", ((0.5, -0.5 if opposed else 0.5),))


def _floor(levels: NDArray[np.int64]) -> int:
    """The cell from which on a channel's stretches count as speech, from how often each level was met."""
    background = int(np.searchsorted(np.cumsum(levels), 0.05 * levels.sum()))
    return min(max(background + _OVER_BACKGROUND, _AUDIBLE - _LOWEST), _CELLS - 1)


def _level(levels: NDArray[np.int64]) -> float:
    """Mean power of a channel, relative."""
    return float((levels * 10.0 ** ((np.arange(_CELLS) + _LOWEST) / 10)).sum())


def _differences(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each level difference was met, by whole dB from -(cells - 1) to cells - 1."""
    left, right = np.indices(counts.shape)
    return np.bincount((left - right + _CELLS - 1).ravel(), counts.ravel(), 2 * _CELLS - 1).astype(np.int64)


def _spread(differences: NDArray[np.int64], left_out: float) -> float:
    """The range of differences in dB without the `left_out` stretches (at least one) at either end."""
    met = np.cumsum(differences)
    left_out = max(left_out, _LIVE_STRETCHES - 1)
    low, high = np.searchsorted(met, [left_out, met[-1] - left_out], side="right")
    return float(max(high - low, 0))
