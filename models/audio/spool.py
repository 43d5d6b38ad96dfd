"""Decoded sound on disk: 16-bit samples at 16 kHz in an anonymous file for each channel."""

import errno
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.errors import CallError

SAMPLE_RATE = 16_000
_FULL_SCALE = 32_768.0


class NoSpace(CallError):
    """There is no room on disk to decode the recording into."""


class Spool:
    """Grows while a recording is decoded, is read from afterwards; nothing of it stays when closed or killed.

    Plain writes and reads, no memory map: mapped pages would count as this process's memory. Silence is left
    out of the file (a hole), so that hours of it take no room.
    """

    def __init__(self, channels: int, folder: Path | None = None) -> None:
        self.channels = channels
        self.samples = 0
        self._folder = folder
        self._lock = threading.Lock()
        self._files: list[BinaryIO] = []
        try:
            for _ in range(channels):
                self._files.append(tempfile.TemporaryFile(buffering=0, dir=folder))  # noqa: SIM115 (close() does)
        except OSError as problem:
            self.close()
            raise self._no_space(problem) from None

    def append(self, block: NDArray[np.float32]) -> None:
        """Add sound, shape (channels, samples), in -1..1; what goes beyond is clipped.

        Raises:
            NoSpace: if the disk is full.
        """
        values = np.rint(block * np.float32(_FULL_SCALE))
        np.clip(values, -_FULL_SCALE, _FULL_SCALE - 1, out=values)
        whole = values.astype("<i2")
        try:
            for file, row in zip(self._files, whole, strict=True):
                if row.any():
                    _write(file, 2 * self.samples, memoryview(row.tobytes()))
        except OSError as problem:
            raise self._no_space(problem) from None
        self.samples += whole.shape[1]

    def append_silence(self, samples: int) -> None:
        """Add silence on all channels."""
        self.samples += samples

    def finish(self) -> None:
        """Give the files their full length, silence at the end included.

        Raises:
            NoSpace: if the disk is full.
        """
        try:
            for file in self._files:
                file.truncate(2 * self.samples)
        except OSError as problem:
            raise self._no_space(problem) from None

    def read(self, channel: int, start: int, stop: int) -> NDArray[np.float32]:
        """Samples of one channel, shape (stop - start,), in -1..1; safe from several threads at once."""
        data = bytearray(2 * (stop - start))
        with self._lock:
            self._files[channel].seek(2 * start)
            _read_into(self._files[channel], memoryview(data))
        values = np.frombuffer(data, "<i2")
        sound = values.astype(np.float32)
        sound /= np.float32(_FULL_SCALE)
        return sound

    @property
    def closed(self) -> bool:
        """Whether the sound is gone."""
        return not self._files

    def close(self) -> None:
        """Let go of the files, which deletes them."""
        while self._files:
            self._files.pop().close()

    def _no_space(self, problem: OSError) -> NoSpace:
        where = printable_folder(self._folder)
        if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return NoSpace(
                f"The disk is full: no room in {where} for the decoded sound; free some, or set TMPDIR."
            )
        reason = problem.strerror or "unknown error"
        return NoSpace(f"The decoded sound can't be kept in {where} ({reason}); check it, or set TMPDIR.")


def printable_folder(folder: Path | None) -> str:
    """The folder that temporary files go to, for a message."""
    return ascii(str(folder or tempfile.gettempdir()))[1:-1]


def _write(file: BinaryIO, at: int, data: memoryview) -> None:
    file.seek(at)
    while data:
        data = data[file.write(data) :]


def _read_into(file: BinaryIO, view: memoryview) -> None:
    while view:
        count = file.readinto(view)  # type: ignore[attr-defined]
        if not count:
            return
        view = view[count:]
