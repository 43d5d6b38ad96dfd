"""The sound of a piece of speech, as the voice encoder hears it."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
MARGIN: Final = 0.05
LONGEST_CLIP: Final = 2.0
# Frames this far below the loudest of their piece are silence around it: word times are not that exact.
QUIET_DB: Final = 30.0


class Sound(Protocol):
    """What is needed of a recording."""

    def read(self, channel: int, start: int, stop: int, /) -> Floats:
        """Samples of a channel, float32 at 16 kHz."""


def clip(audio: Sound, start: float, end: float) -> Floats:
    """The sound of a stretch given in seconds, its middle if it is long, without the silence around it."""
    excess = max(0.0, end - start + 2 * MARGIN - LONGEST_CLIP) / 2
    first = max(0, round((start - MARGIN + excess) * SAMPLE_RATE))
    sound = audio.read(0, first, round((end + MARGIN - excess) * SAMPLE_RATE))
    frame = SAMPLE_RATE // 100
    count = len(sound) // frame
    if count < 4:
        return sound
    power = np.mean(np.square(sound[: count * frame].reshape(count, frame)), axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-QUIET_DB / 10))
    return sound[max(0, int(loud[0]) - 3) * frame : (int(loud[-1]) + 4) * frame]
