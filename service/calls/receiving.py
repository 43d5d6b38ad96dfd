"""From a file on the disk to one that can be taken in: what it is, its checksum, its place in storage."""

import asyncio
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Protocol

import structlog
from obstore.exceptions import BaseError

from models.errors import UnreadableTranscript
from models.files import printable
from models.transcripts import call_date, read_transcript, transcript_to_json
from service.calls.details import Details
from service.calls.ingest import Taken
from service.calls.sniffing import ACCEPTED, HEAD, sniff
from service.problems import DiskFull, TooLarge, Unusable
from service.storage import CHUNK, Storage, recording_key

TRANSCRIPT_SUFFIXES = frozenset({".vtt", ".srt", ".json", ".txt"})
MOST_TRANSCRIPT = 50_000_000  # bytes, as in models.transcripts
TRANSCRIPT_TYPE = "application/json"
log = structlog.get_logger("ridealong.uploads")
_NAME = 150  # characters
_NAME_BYTES = 240  # file systems take 255


class Digest(Protocol):
    """What `hashlib.sha256()` gives."""

    def update(self, data: memoryview, /) -> None:
        """Add bytes."""

    def hexdigest(self) -> str:
        """The checksum of all that was added, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be used; `day` is the date that a transcript of ours gives."""

    path: Path
    taken: Taken
    day: dt.date | None = None


def file_name(given: str) -> str:
    """A sender's name for a file as one we show: without folders, on one line, not too long."""
    name = printable(" ".join(PurePosixPath(given.replace("\\", "/")).name.split())) or "recording"
    if len(name) <= _NAME and len(name.encode()) <= _NAME_BYTES:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    room = _NAME_BYTES - len(suffix.encode())
    kept = name[: _NAME - len(suffix)].encode()[:room]
    return kept.decode(errors="ignore") + suffix


def size_shown(size: int) -> str:
    """Bytes in words of people."""
    for unit, step in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".0 ", " ")
    return f"{size} bytes"


def too_large(name: str, most: int) -> TooLarge:
    """The refusal of a file that is over the limit."""
    return TooLarge(f"{name}: it is larger than {size_shown(most)}; send a shorter or more compressed one.")


async def examine(path: Path, name: str, sha256: str | None = None) -> Examined:
    """What a file is, by its content; `sha256` is its checksum, where it was taken while it was written.

    Raises:
        Unusable: it is empty, or neither a recording nor a transcript that is accepted.
        UnreadableTranscript: a transcript can't be read; the message says where.
    """
    return await asyncio.to_thread(_examine, path, file_name(name), sha256)


def _examine(path: Path, name: str, sha256: str | None) -> Examined:
    size = path.stat().st_size
    if size == 0:
        raise Unusable(f"{name}: the file is empty (0 bytes); export or upload it again.")
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD))
        if kind is not None:
            file.seek(0)
            digest = sha256 or hashlib.file_digest(file, "sha256").hexdigest()
            return Examined(path, Taken(name, digest, size, kind))
    if PurePosixPath(name).suffix.lower() not in TRANSCRIPT_SUFFIXES:
        raise Unusable(f"{name}: this is none of the files that are accepted: {ACCEPTED}.")
    return _transcript(path, name, size)


def _transcript(path: Path, name: str, size: int) -> Examined:
    """A transcript in the one form that is kept; ours says it all, and an odd encoding is dealt with once."""
    if size > MOST_TRANSCRIPT:
        raise TooLarge(f"{name}: it is over 50 MB; give one call's transcript.")
    with tempfile.TemporaryDirectory() as folder:
        # Its reader goes by the suffix, and names the file in its messages.
        copy = Path(folder, name)
        shutil.copyfile(path, copy)
        found = read_transcript(copy)
        day = call_date(copy)
    if any("\0" in word.text for turn in found.turns for word in turn.words) or any(
        "\0" in turn.speaker for turn in found.turns
    ):
        raise UnreadableTranscript(f"{name}: there is a zero character in its text; take it out.")
    words = json.dumps(transcript_to_json(found), ensure_ascii=False)
    digest = hashlib.sha256(words.encode()).hexdigest()
    taken = Taken(name, digest, size, TRANSCRIPT_TYPE, transcript=words)
    return Examined(path, taken, day)


async def stored(storage: Storage, found: Examined, team: uuid.UUID, *, ours: bool = False) -> Taken:
    """Put a recording where the team's file of that content lies; a transcript needs no place.

    What lies there already, whole, is left as it is: the key is the content's. `ours` is a file that nobody
    else writes to, so that it needn't be copied on the same disk.
    """
    if found.taken.transcript is not None:
        return found.taken
    key = recording_key(team, found.taken.sha256)
    if await storage.size(key) != found.taken.size:
        try:
            await storage.put_file(key, found.path, ours=ours)
        except (OSError, BaseError) as error:
            log.warning("not stored", error=type(error).__name__)
            raise DiskFull(
                "The service can't store the file now: its storage is full or away; tell whoever runs it, "
                "and send the file again later."
            ) from error
    return replace(found.taken, key=key)


def dated(details: Details, found: Examined) -> Details:
    """The details with the day that a transcript gives, where nobody said another."""
    if details.happened_on is None and found.day is not None:
        return replace(details, happened_on=found.day)
    return details


async def write(
    pieces: AsyncIterator[bytes], path: Path, start: int, most: int, digest: Digest | None = None
) -> int:
    """Write what comes to a file from byte `start` on; how many bytes the file has then.

    What came before the sender or the disk failed stays written. Memory is bounded by a piece and twice
    `CHUNK`: one is written, and added to `digest`, while the next comes.

    Raises:
        OverflowError: more than `most` bytes would be in the file; nothing beyond is written.
        DiskFull: there is no room.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    waiting, come = bytearray(), start
    writing: asyncio.Task[None] | None = None
    try:
        try:
            async for piece in pieces:
                if come + len(piece) > most:
                    raise OverflowError
                come += len(piece)
                waiting += piece
                if len(waiting) >= CHUNK:
                    await _ended(writing)
                    place = come - len(waiting)
                    writing = asyncio.ensure_future(asyncio.to_thread(_put, handle, waiting, place, digest))
                    waiting = bytearray()
        finally:
            await _ended(writing)
            if waiting:
                _put(handle, waiting, come - len(waiting), digest)
        return come  # noqa: TRY300 - the handlers are for what is above
    except TimeoutError:  # the sender's, though it is an OSError
        raise
    except OSError as error:
        raise DiskFull(
            f"The service can't write it down ({error.strerror}); tell whoever runs it."
        ) from error
    finally:
        os.close(handle)


async def _ended(writing: "asyncio.Task[None] | None") -> None:
    """Wait until a piece is written, even if the request is given up: its file is about to be closed."""
    given_up: asyncio.CancelledError | None = None
    while writing is not None and not writing.done():
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError as error:
            given_up = error
        except OSError:
            break
    if given_up is not None:
        raise given_up
    if writing is not None:
        writing.result()


def _put(handle: int, data: bytes | bytearray, place: int, digest: Digest | None) -> None:
    os.lseek(handle, place, os.SEEK_SET)
    with memoryview(data) as view:
        done = 0
        while done < len(view):
            done += os.write(handle, view[done:])
        if digest is not None:
            digest.update(view)
