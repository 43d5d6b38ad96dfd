"""Stand-ins of our own for what is slow or heavy, with behaviour a test can reckon with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAMPLE_RATE = 16_000


class SoundInMemory:
    """A recording held as an array (channel, sample), float32 at 16 kHz; read like `models.audio.Audio`."""

    def __init__(self, sound: Floats) -> None:
        self.sound = sound
        self.channels = len(sound)
        self.samples = sound.shape[1]
        self.duration = self.samples / SAMPLE_RATE

    def read(self, channel: int, start: int = 0, stop: int | None = None) -> Floats:
        return self.sound[channel, max(0, start) : self.samples if stop is None else max(0, stop)]


class PitchEncoder:
    """Tells voices apart by pitch: a clip's vector holds how much of it lies in each 100 Hz band."""

    version = "pitch"

    def embed(self, clips: Sequence[Floats]) -> Floats:
        return np.array([self._bands(clip) for clip in clips], np.float32)

    def _bands(self, clip: Floats) -> Floats:
        spectrum = np.abs(np.fft.rfft(clip, SAMPLE_RATE))[:2000]
        bands = np.sqrt(np.sum(np.square(spectrum.reshape(20, 100)), axis=1)) + 1e-6
        return np.asarray(bands / np.linalg.norm(bands), np.float32)


def hum(pitches: Sequence[float], seconds: float) -> Floats:
    """Sounds of different pitch (Hz) one after another, each of the same length."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.concatenate([0.1 * np.sin(2 * np.pi * pitch * time) for pitch in pitches]).astype(np.float32)
