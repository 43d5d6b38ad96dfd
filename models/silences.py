"""Where nothing is heard, and word times put right by it.

A recogniser's word times touch each other: the word before a pause is drawn out over it, or the one after
begins early. Of 23 changes of speaker without a mark of punctuation in 14 real and simulated recordings, 19
fall where the times leave no pause at all; at 16 the sound is silent for 0.2 s or more, and at no more than
9% of the places where the speaker goes on.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.attribution import span
from models.call import Word

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
FRAME: Final = 160  # 10 ms
# Levels are averaged over this many frames: a single pulse of a low voice is no silence.
SMOOTH: Final = 3
BLOCK: Final = 500  # frames that share a threshold, 5 s
AROUND: Final = 1000  # frames on each side it is found from
# The threshold lies this far up from the noise (5th percentile) to the speech (95th) in decibels; the noise
# counts as no less than this far below, or a recording muted between words would have silence inside them.
SHARE: Final = 0.25
DEEPEST_DB: Final = 45.0
# Stops such as "p" and "t" close the mouth for less.
SHORTEST: Final = 0.12
LEAST_WORD: Final = 0.02
# A word is drawn out by no more than this: what is heard beyond is something that was not recognised.
FARTHEST: Final = 0.3


class MonoSound(Protocol):
    """What is needed of a recording."""

    @property
    def samples(self) -> int:
        """Its length."""

    def read(self, channel: int, start: int, stop: int, /) -> Floats:
        """Samples of a channel, float32 at 16 kHz."""


def levels(audio: MonoSound) -> Floats:
    """The level (frame,) of the first channel in decibels, 10 ms a frame."""
    count = audio.samples // FRAME
    power = np.empty(count, np.float32)
    size = 60 * SAMPLE_RATE // FRAME
    for first in range(0, count, size):
        last = min(count, first + size)
        sound = audio.read(0, first * FRAME, last * FRAME)
        power[first:last] = np.mean(np.square(sound.reshape(-1, FRAME)), axis=1)
    if count >= SMOOTH:
        power = np.convolve(power, np.full(SMOOTH, 1 / SMOOTH, np.float32), "same")
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)


def silences(level: Floats) -> NDArray[np.float64]:
    """Start and end in seconds (silence, 2) of stretches without speech among levels (frame,), in order."""
    quiet = np.zeros(len(level) + 2, np.int8)
    for first in range(0, len(level), BLOCK):
        near = level[max(0, first - AROUND) : first + BLOCK + AROUND]
        noise, speech = np.percentile(near, [5, 95])
        noise = max(noise, speech - DEEPEST_DB)
        block = level[first : first + BLOCK]
        quiet[1 + first : 1 + first + len(block)] = block < noise + SHARE * (speech - noise)
    steps = np.diff(quiet)
    ends = np.stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)], axis=1) * (FRAME / SAMPLE_RATE)
    return np.asarray(ends[ends[:, 1] - ends[:, 0] >= SHORTEST])


def fitted(words: Sequence[Word], silent: NDArray[np.float64]) -> list[Word]:
    """Words whose times leave out the silences (silence, 2) between them; ValueError for words without times.

    Between two words the longest silence counts that touches the stretch from the middle of one to the
    middle of the next.
    """
    times = [list(span(word)) for word in words]
    middles = [(start + end) / 2 for start, end in times]
    lengths = silent[:, 1] - silent[:, 0]
    for index in range(1, len(words)):
        first = int(np.searchsorted(silent[:, 1], middles[index - 1], "right"))
        last = int(np.searchsorted(silent[:, 0], middles[index], "left"))
        if first < last:
            start, end = silent[first + int(np.argmax(lengths[first:last]))]
            before, after = times[index - 1], times[index]
            if start < middles[index - 1] and before[1] - end > start - before[0]:
                # The word was placed too early: most of what is heard of it follows the silence.
                before[0] = float(end)
            elif start <= before[1] + FARTHEST:
                before[1] = max(float(start), before[0] + LEAST_WORD)
            if before[0] < end and end >= after[0] - FARTHEST:
                after[0] = min(float(end), after[1] - LEAST_WORD)
    return [
        Word(min(start, end), max(start, end), word.text, word.probability)
        for word, (start, end) in zip(words, times, strict=True)
    ]
