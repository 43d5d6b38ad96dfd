"""How loud a recording is from beginning to end, in few numbers, so that no browser decodes an hour."""

from typing import Any

import numpy as np

from models.audio import Audio

RATE = 16_000
STEP = RATE // 10  # samples of a peak before it is made smaller
BLOCK = 600 * STEP  # samples in memory at a time: a minute
POINTS = 1600


def peaks(audio: Audio, points: int = POINTS) -> dict[str, Any]:
    """`peaks`, 0..100 of the loudest sample of all, a list for each channel, and the length in `seconds`."""
    found = [_steps(audio, channel) for channel in range(audio.channels)]
    loud = np.stack(found) if audio.samples else np.zeros((audio.channels, 0), np.float32)
    return {"peaks": _smaller(loud, points), "seconds": round(audio.duration, 2)}


def _steps(audio: Audio, channel: int) -> np.ndarray[Any, Any]:
    made = []
    for start in range(0, audio.samples, BLOCK):
        sound = np.abs(audio.read(channel, start, start + BLOCK))
        edges = np.arange(0, len(sound), STEP)
        made.append(np.maximum.reduceat(sound, edges))
    return np.concatenate(made) if made else np.zeros(0, np.float32)


def _smaller(loud: np.ndarray[Any, Any], points: int) -> list[list[int]]:
    count = min(points, loud.shape[1])
    if not count:
        return [[] for _ in loud]
    edges = np.linspace(0, loud.shape[1], count + 1).astype(int)
    most = float(loud.max()) or 1.0
    cut = np.maximum.reduceat(loud, edges[:-1], axis=1)
    return [[round(100 * float(value) / most) for value in side[:count]] for side in cut]
