"""Where somebody speaks, and how the speech of all channels is packed into windows for the recogniser.

The voice detector is Silero VAD, as shipped with faster-whisper. Its probabilities are turned into
stretches here, because the library's own rule clips quiet telephone channels and works on one array in
memory; ours reads a recording block by block, whatever its length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from models.audio import SAMPLE_RATE, Audio

FRAME = 512  # samples a probability stands for: 32 ms
BLOCK = 5_000 * FRAME  # 160 s: bounds the detector's memory
CONTEXT = 64  # samples before a frame that the detector hears with it


@dataclass(frozen=True, slots=True)
class ActivityOptions:
    """When sound counts as speech.

    A stretch begins at a probability of `threshold` and ends when it stays under `release` for
    `min_silence` seconds; stretches under `min_speech` seconds of detected speech are dropped; `pad`
    seconds are added on both sides; none is longer than `longest` seconds: longer speech is cut where the
    detector hears least.
    """

    threshold: float = 0.3
    release: float = 0.15
    min_silence: float = 0.5
    min_speech: float = 0.1
    pad: float = 0.3
    longest: float = 14.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples `start` to `stop` (half-open) of a channel, in which somebody speaks."""

    channel: int
    start: int
    stop: int

    @property
    def samples(self) -> int:
        """Length in samples."""
        return self.stop - self.start


def speech_probabilities(audio: Audio, channel: int) -> NDArray[np.float32]:
    """Probability of speech for each 32 ms of a channel, shape (frame,)."""
    session = get_vad_model().session
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    before = np.zeros(CONTEXT, np.float32)
    parts = [np.zeros(0, np.float32)]
    for start in range(0, audio.samples, BLOCK):
        sound = audio.read(channel, start, start + BLOCK)
        frames = np.pad(sound, (0, -len(sound) % FRAME)).reshape(-1, FRAME)
        contexts = np.vstack(
            [before, frames[:-1, -CONTEXT:]]
        )  # (frame, CONTEXT): the end of each one's predecessor
        before = frames[-1, -CONTEXT:]
        # The state goes on from block to block: the detector remembers far more than a few seconds.
        found, hidden, cell = session.run(
            None, {"input": np.hstack([contexts, frames]), "h": hidden, "c": cell}
        )
        parts.append(np.ravel(found))
    return np.concatenate(parts)


def stretches(
    probabilities: NDArray[np.float32], channel: int, samples: int, options: ActivityOptions
) -> list[Stretch]:
    """Stretches of speech of one channel in time order, apart from each other, inside `samples`."""
    pad = round(options.pad * SAMPLE_RATE)
    longest = int(options.longest * SAMPLE_RATE)
    detected = [
        piece
        for start, stop in _active(probabilities, options)
        for piece in _cut(probabilities, start, stop, max(2, (longest - 2 * pad) // FRAME))
    ]
    padded: list[Stretch] = []
    for index, (start, stop) in enumerate(detected):
        before = detected[index - 1][1] * FRAME if index else 0
        after = detected[index + 1][0] * FRAME if index + 1 < len(detected) else samples
        left = min(pad, max(0, start * FRAME - before) // 2 if index else start * FRAME)
        right = min(pad, max(0, after - stop * FRAME) // 2 if index + 1 < len(detected) else pad)
        padded.append(Stretch(channel, start * FRAME - left, min(samples, stop * FRAME + right)))
    return [stretch for stretch in padded if stretch.samples > 0]


def _active(probabilities: NDArray[np.float32], options: ActivityOptions) -> Iterator[tuple[int, int]]:
    """Frames (start, stop) of detected speech, by hysteresis."""
    quiet_frames = max(1, round(options.min_silence * SAMPLE_RATE / FRAME))
    least = max(1, round(options.min_speech * SAMPLE_RATE / FRAME))
    # Only frames at or above the release level matter; shorter runs of others are bridged.
    heard = np.flatnonzero(probabilities >= options.release)
    if not len(heard):
        return
    breaks = np.flatnonzero(np.diff(heard) > quiet_frames) + 1
    for run in np.split(heard, breaks):
        loud = run[probabilities[run] >= options.threshold]
        if len(loud) >= least:
            yield int(loud[0]), int(run[-1]) + 1


def _cut(
    probabilities: NDArray[np.float32], start: int, stop: int, longest: int
) -> Iterator[tuple[int, int]]:
    """Pieces of at most `longest` frames, cut where the detector hears least in their second half."""
    first = start
    around = np.pad(probabilities[start:stop], 2, mode="edge")
    while stop - start > longest:
        middle = start + longest // 2
        # Smoothed over 5 frames, so that a cut falls into a pause and not into one quiet consonant.
        level = np.convolve(around[middle - first : start + longest - first + 4], np.full(5, 0.2), "valid")
        cut = middle + int(np.argmin(level))
        yield start, cut
        start = cut
    yield start, stop


@dataclass(frozen=True, slots=True)
class Window:
    """Stretches of one channel, heard as one sound with `gap` samples of silence between them."""

    stretches: tuple[Stretch, ...]
    gap: int

    @property
    def channel(self) -> int:
        """The channel that all stretches come from."""
        return self.stretches[0].channel

    @property
    def samples(self) -> int:
        """Length of the window's sound."""
        return sum(stretch.samples for stretch in self.stretches) + self.gap * (len(self.stretches) - 1)

    def sound(self, audio: Audio) -> NDArray[np.float32]:
        """The window's sound, shape (sample,)."""
        sound = np.zeros(self.samples, np.float32)
        at = 0
        for stretch in self.stretches:
            sound[at : at + stretch.samples] = audio.read(stretch.channel, stretch.start, stretch.stop)
            at += stretch.samples + self.gap
        return sound

    def times(self, start: float, end: float) -> tuple[float, float]:
        """Seconds in the window's sound to seconds of the call, for a word that lies in one stretch.

        The stretch is the one that the word's third quarter falls into or is nearest to (alignment counts the
        pause before a word as part of it); the ends are clipped to the stretch.
        """
        spoken = (start + 3 * end) / 4 * SAMPLE_RATE
        at = 0
        best: tuple[float, int, Stretch] | None = None
        for stretch in self.stretches:
            distance = max(at - spoken, spoken - (at + stretch.samples), 0.0)
            if best is None or distance < best[0]:
                best = (distance, at, stretch)
            at += stretch.samples + self.gap
        assert best is not None  # noqa: S101 - a window has at least one stretch
        _, offset, stretch = best
        low, high = stretch.start / SAMPLE_RATE, stretch.stop / SAMPLE_RATE
        shift = (stretch.start - offset) / SAMPLE_RATE
        begin = min(max(start + shift, low), high)
        return begin, min(max(end + shift, begin), high)


def pack(speech: Sequence[Stretch], longest: float, gap: float) -> list[Window]:
    """Put the stretches of one channel, in order, into windows of at most `longest` seconds of sound.

    Nothing is cut: a stretch that is longer by itself gets a window of its own.
    """
    limit, silence = longest * SAMPLE_RATE, round(gap * SAMPLE_RATE)
    windows: list[list[Stretch]] = []
    filled = 0
    for stretch in speech:
        if windows and filled + silence + stretch.samples <= limit:
            windows[-1].append(stretch)
            filled += silence + stretch.samples
        else:
            windows.append([stretch])
            filled = stretch.samples
    return [Window(tuple(window), silence) for window in windows]
