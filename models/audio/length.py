"""How long a recording says it is, where it says so itself: what shows that its end is missing."""

import struct
from typing import BinaryIO

from av import AudioStream
from av.container import InputContainer

_HEAD = 65_536
# Recorders that can't go back to the header leave a data size of zero or nearly 2 or 4 GiB there.
_UNKNOWN_SIZE = 0x7FFF_0000


def declared_length(
    file: BinaryIO, container: InputContainer, stream: AudioStream, zero: float
) -> float | None:
    """Seconds of sound that the header promises; None where libav only guesses from the file's size.

    `zero` is the time stamp that counts as 0:00, seconds.
    """
    form = container.format.name
    if form == "wav":
        return _wav_length(file)
    if form == "matroska,webm":
        # It has one length for all of the file, and a picture may go on when the sound has ended.
        alone = len(container.streams) == 1 and container.duration
        return container.duration / 1_000_000 - zero if alone and container.duration else None
    states_length = form in {"flac", "aiff", "asf"} or form.startswith("mov,")
    # An mp3 starts after the encoder's delay only where libav found a header with the number of frames.
    states_length |= form == "mp3" and bool(stream.start_time)
    if not states_length or not stream.duration or not stream.time_base:
        return None
    return float(stream.duration * stream.time_base)


def _wav_length(file: BinaryIO) -> float | None:
    position = file.tell()
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(position)
    at, bytes_a_second = 12, 0
    while at + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, at)
        if name == b"fmt " and at + 20 <= len(head):
            bytes_a_second = struct.unpack_from("<I", head, at + 16)[0]
        if name == b"data":
            return size / bytes_a_second if bytes_a_second and 0 < size < _UNKNOWN_SIZE else None
        at += 8 + size + size % 2
    return None
