"""Decoded frames of any rate, format and number of channels, made into float32 at 16 kHz."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from models.audio.spool import SAMPLE_RATE

Block = NDArray[np.float32]  # (channels, samples), one or two channels, -1..1

# Integer samples become floats by these: the offset of silence, and full scale.
_SCALES = {
    "u8": (128.0, 128.0),
    "s16": (0.0, 32_768.0),
    "s32": (0.0, 2_147_483_648.0),
    "flt": (0.0, 1.0),
    "dbl": (0.0, 1.0),
}
_TYPES = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}
# A second of stereo at any usual rate; hundreds of channels come in smaller blocks.
_MOST_VALUES = 200_000
# Far beyond full scale already; larger floats would overflow in the resampler.
_LOUDEST = 8.0


class Converter:
    """Takes in frames of one kind and gives blocks of about a second: one block costs what one frame would.

    `samples` counts the values taken in, `broken` those of them that were NaN or infinite and became zero.

    Raises:
        KeyError: if libav's sample format is none that is known here.
    """

    def __init__(self, frame: av.AudioFrame) -> None:
        self.kind = kind(frame)
        self.samples = 0
        self.broken = 0
        self._rate, self._channels, self._format = self.kind
        self._planar = self._format.endswith("p")
        self._dtype = np.dtype(_TYPES[self._format.removesuffix("p")])
        self._batch = min(self._rate, _MOST_VALUES // self._channels)
        self._frames: list[list[NDArray[np.generic]]] = []  # a view of each plane of each frame
        self._waiting = 0
        self._resampler = (
            None
            if self._rate == SAMPLE_RATE
            else av.AudioResampler(
                format="fltp", layout="mono" if self._channels != 2 else "stereo", rate=SAMPLE_RATE
            )
        )

    def push(self, frame: av.AudioFrame) -> list[Block]:
        """Take in a frame of the kind of the first one; gives what is ready."""
        # Views of the frame's own memory, which they keep alive: copies would cost more than decoding does.
        planes = [memoryview(plane) for plane in frame.planes]
        self._frames.append([np.frombuffer(plane, self._dtype, self._count(frame)) for plane in planes])
        self._waiting += frame.samples
        return self._convert() if self._waiting >= self._batch else []

    def flush(self) -> list[Block]:
        """Give all that is left; the converter may be used on after it."""
        blocks = self._convert() if self._frames else []
        if self._resampler is not None:
            blocks += [frame.to_ndarray().astype(np.float32) for frame in self._resampler.resample(None)]
            self._resampler = av.AudioResampler(
                format="fltp", layout=self._resampler.layout, rate=SAMPLE_RATE
            )
        return blocks

    def _convert(self) -> list[Block]:
        rows = [np.concatenate(parts) for parts in zip(*self._frames, strict=True)]
        self._frames.clear()
        self._waiting = 0
        raw = np.stack(rows) if self._planar else rows[0].reshape(-1, self._channels).T
        offset, scale = _SCALES[self._format.removesuffix("p")]
        sound = raw.astype(np.float32)
        if offset:
            sound -= np.float32(offset)
        if scale != 1.0:
            sound /= np.float32(scale)
        else:
            self._mend(sound)
        self.samples += sound.size
        if self._channels > 2:
            sound = sound.mean(axis=0, keepdims=True)
        return self._resample(sound)

    def _count(self, frame: av.AudioFrame) -> int:
        """Values in a plane of the frame."""
        return frame.samples if self._planar else frame.samples * self._channels

    def _mend(self, sound: NDArray[np.float32]) -> None:
        """Zero what is no number, and bound the rest, in place."""
        finite = np.isfinite(sound)
        if not finite.all():
            self.broken += int(finite.size - np.count_nonzero(finite))
            sound[~finite] = 0
        np.clip(sound, -_LOUDEST, _LOUDEST, out=sound)

    def _resample(self, sound: Block) -> list[Block]:
        if self._resampler is None:
            return [sound]
        layout = "stereo" if len(sound) == 2 else "mono"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout=layout)
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        return [out.to_ndarray().astype(np.float32, copy=False) for out in self._resampler.resample(frame)]


def kind(frame: av.AudioFrame) -> tuple[int, int, str]:
    """What must not change within a converter: samples a second, channels, libav's sample format."""
    return frame.sample_rate, frame.layout.nb_channels, frame.format.name


def fit(block: Block, channels: int) -> Block:
    """The block with one or two channels, as asked for: averaged, or the one repeated."""
    if len(block) == channels:
        return block
    if channels == 1:
        mean: Block = block.mean(axis=0, keepdims=True)
        return mean
    return np.repeat(block, 2, axis=0)
