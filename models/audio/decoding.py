"""From a file to `Audio`: packet by packet through libav, to 16 kHz, onto disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from models.audio.convert import Block, Converter, fit, kind
from models.audio.layout import MONO, ChannelComparison, Layout, Mix
from models.audio.length import declared_length
from models.audio.source import AudioSource, check_packet, check_rate, choose_stream, describe, open_container
from models.audio.spool import SAMPLE_RATE, Spool
from models.audio.timeline import Placement, Timeline
from models.errors import UnreadableAudio
from models.files import open_regular, shown

Progress = Callable[[float], None]

# Containers whose time stamps count from the start of the recording, so that sound may start late in them. In
# the others the first stamp is an accident of the recorder or the encoder.
_ABSOLUTE = ("mov,", "matroska,")
# A recording that starts later than this is a piece of a longer stream: players count from its first stamp.
_LATEST_START = 600.0
_BROKEN_SHARE = 0.01
_PROGRESS_STEP = 0.005


class Audio:
    """A decoded recording: samples at 16 kHz on disk, as few channels as it has independent ones.

    `channels` is 2 only where each holds its own speaker; `layout` says what was found in the file. `samples`
    counts per channel, `duration` is seconds. `warnings` tell the user what is missing or was mended.
    A context manager: leaving it deletes the samples, and so does the end of the process.
    """

    def __init__(self, source: AudioSource, spool: Spool, mix: Mix, warnings: tuple[str, ...]) -> None:
        self.source = source
        self.layout: Layout = mix.layout
        self.channels = len(mix.weights)
        self.samples = spool.samples
        self.duration = spool.samples / SAMPLE_RATE
        self.warnings = warnings
        self._spool = spool
        self._weights = mix.weights

    def read(self, channel: int, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """Samples start..stop of a channel, shape (samples,), in -1..1; clipped to the recording.

        Safe to call from several threads at once.

        Raises:
            IndexError: if there is no such channel.
            ValueError: if the recording is closed.
        """
        if self._spool.closed:
            raise ValueError("the recording is closed")
        if not 0 <= channel < self.channels:
            raise IndexError(f"channel {channel} of {self.channels}")
        start = min(max(start, 0), self.samples)
        stop = self.samples if stop is None else min(max(stop, start), self.samples)
        parts = [
            self._spool.read(position, start, stop) * np.float32(weight)
            for position, weight in enumerate(self._weights[channel])
            if weight
        ]
        return parts[0] if len(parts) == 1 else np.sum(parts, axis=0, dtype=np.float32)

    def close(self) -> None:
        """Delete the samples; may be called again."""
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def decode(
    path: Path, *, progress: Progress | None = None, max_hours: float = 12.0, folder: Path | None = None
) -> Audio:
    """Decode a recording to 16 kHz, holding about a second of it in memory at a time.

    Args:
        path: the file; any container and codec listed in `models.audio.source`.
        progress: called with rising values that end with 1.0.
        max_hours: longer recordings are refused, before more than that is decoded.
        folder: where the samples are kept, two bytes each; by default where temporary files go.

    Raises:
        UnreadableAudio: if the file is not a recording, is damaged, encrypted, empty or too long.
        NoSpace: if the samples don't fit on the disk.
    """
    with open_regular(path, UnreadableAudio) as file, open_container(file, path) as container:
        stream = choose_stream(container, path)
        source = describe(file, container, stream, path)
        zero = _zero(container)
        decoding = _Decoding(path, zero, max_hours, folder)
        try:
            report = _Report(progress, source.size)
            for packet in decoding.packets(container, stream):
                decoding.add(packet)
                report(file)
            audio = decoding.finish(source, declared_length(file, container, stream, zero))
        except BaseException:
            decoding.close()
            raise
    if progress is not None:
        progress(1.0)
    return audio


class _Decoding:
    """One recording on its way; owns the samples until `finish` hands them over."""

    def __init__(self, path: Path, zero: float, max_hours: float, folder: Path | None) -> None:
        self._path = path
        self._folder = folder
        self._most_samples = int(max_hours * 3600 * SAMPLE_RATE)
        self._max_hours = max_hours
        self._timeline = Timeline(zero)
        self._comparison = ChannelComparison()
        self._spool: Spool | None = None
        self._converter: Converter | None = None
        self._packets = self._damaged = 0
        self._values = self._broken = 0
        self._cut = False

    def packets(
        self, container: InputContainer, stream: av.AudioStream
    ) -> "Iterator[av.Packet[av.AudioStream]]":
        """The packets of the stream up to its end, or up to where the file can't be read on."""
        try:
            yield from container.demux(stream)
        except av.FFmpegError:
            self._cut = True
        except OSError as problem:
            raise self._error(f"reading it failed ({problem.strerror}); check the disk.") from None

    def add(self, packet: "av.Packet[av.AudioStream]") -> None:
        """Decode a packet; one that can't be decoded is counted and left out."""
        check_packet(packet, self._path)
        self._packets += 1
        try:
            frames = packet.decode()
        except (av.FFmpegError, MemoryError):
            self._damaged += 1
            return
        for frame in frames:
            if frame.samples:
                self._add_frame(frame)

    def _add_frame(self, frame: av.AudioFrame) -> None:
        check_rate(frame.sample_rate, self._path)
        placement = self._timeline.place(frame.time, frame.samples / frame.sample_rate)
        if placement is Placement.DROP:
            return
        if placement is Placement.GAP or (
            self._converter is not None and self._converter.kind != kind(frame)
        ):
            self._flush()
        spool = self._opened(frame.layout.nb_channels)
        if placement is Placement.GAP:
            begin = round((self._timeline.position - frame.samples / frame.sample_rate) * SAMPLE_RATE)
            self._check_length(begin)
            spool.append_silence(max(0, begin - spool.samples))
        if self._converter is None:
            self._converter = self._convert_like(frame)
        self._keep(self._converter.push(frame))

    def _convert_like(self, frame: av.AudioFrame) -> Converter:
        try:
            return Converter(frame)
        except KeyError:
            problem = (
                f"its sound is in {frame.format.name} samples, which can't be read; save it as wav or mp3."
            )
            raise self._error(problem) from None

    def _opened(self, channels: int) -> Spool:
        if self._spool is None:
            self._spool = Spool(2 if channels == 2 else 1, self._folder)
        return self._spool

    def _keep(self, blocks: list[Block]) -> None:
        spool = self._opened(1)
        for block in blocks:
            self._check_length(spool.samples + block.shape[1])
            fitted = fit(block, spool.channels)
            if spool.channels == 2:
                self._comparison.add(fitted)
            spool.append(fitted)

    def _check_length(self, samples: int) -> None:
        if samples > self._most_samples:
            raise self._error(f"it is longer than {self._max_hours:g} hours; split it into single calls.")

    def _flush(self) -> None:
        if self._converter is not None:
            self._keep(self._converter.flush())
            self._values += self._converter.samples
            self._broken += self._converter.broken
            self._converter = None

    def finish(self, source: AudioSource, declared: float | None) -> Audio:
        """Hand the samples over, if there are enough of them to stand for the recording."""
        self._flush()
        spool = self._spool
        if spool is None or not spool.samples:
            problem = "damaged" if self._damaged or self._cut else "empty"
            raise self._error(f"no sound could be decoded, it is {problem}; export it again.")
        spool.finish()
        mix = self._comparison.mix() if spool.channels == 2 else MONO
        warnings = (
            *self._completeness(spool.samples / SAMPLE_RATE, declared),
            *self._repairs(),
            *_left_out(mix),
        )
        return Audio(source, spool, mix, warnings)

    def close(self) -> None:
        """Delete what was decoded."""
        if self._spool is not None:
            self._spool.close()

    def _error(self, problem: str) -> UnreadableAudio:
        return UnreadableAudio(f"{shown(self._path)}: {problem}")

    def _completeness(self, length: float, declared: float | None) -> Iterator[str]:
        """Refuse less than half a recording; warn of a missing end."""
        if declared and length < 0.5 * declared:
            raise self._error(
                f"only {_clock(length)} of {_clock(declared)} could be read, it is cut short; "
                "copy or upload it again."
            )
        if declared and length < declared - max(1.0, 0.01 * declared):
            yield f"The recording is cut short: {_clock(length)} of {_clock(declared)} could be read."
        elif self._cut:
            yield f"The recording is damaged after {_clock(length)}; what follows could not be read."

    def _repairs(self) -> Iterator[str]:
        """Refuse mostly broken sound; warn of what was left out or mended."""
        if self._damaged > 0.5 * self._packets:
            raise self._error("most of its sound is damaged; copy or export it again.")
        if self._damaged:
            yield f"{self._damaged} of {self._packets} packets of sound are damaged and were left out."
        if self._broken > _BROKEN_SHARE * self._values:
            raise self._error(
                f"{self._broken / self._values:.0%} of its samples are no numbers (NaN); export it again."
            )
        if self._broken:
            yield f"{self._broken} samples are not numbers (NaN) and were taken for silence."
        if self._timeline.jumps:
            yield "Its clock jumps; times after a jump may differ from what a player shows."


class _Report:
    """Tells how far the file is read, in steps that a progress bar can show."""

    def __init__(self, progress: Progress | None, size: int) -> None:
        self._progress = progress
        self._size = size
        self._told = 0.0

    def __call__(self, file: BinaryIO) -> None:
        if self._progress is None:
            return
        share = min(file.tell() / self._size, 0.99)
        if share >= self._told + _PROGRESS_STEP:
            self._told = share
            self._progress(share)


def _zero(container: InputContainer) -> float:
    """The time stamp that a player shows as 0:00, seconds."""
    start = (container.start_time or 0) / 1_000_000
    absolute = container.format.name.startswith(_ABSOLUTE)
    return 0.0 if absolute and start <= _LATEST_START else start


def _left_out(mix: Mix) -> Iterator[str]:
    if mix.silent is not None:
        yield f"The {('left', 'right')[mix.silent]} channel is silent and was left out."


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
