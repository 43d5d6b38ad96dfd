"""Recordings in object storage: a local folder, S3, GCS or Azure, by URL."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from models.errors import CallError
from service.settings import Settings

CHUNK = 1 << 20
PROBE = "ridealong-probe"


class StorageUnreachable(CallError):
    """The object storage can't be used; the message says which and why."""


class Storage:
    """Files by key; written in pieces, read whole or in ranges, in constant memory."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.storage
        self._folder: Path | None = None
        try:
            if self.url.startswith("file://"):
                folder = Path(self.url.removeprefix("file://"))
                folder.mkdir(parents=True, exist_ok=True)
                self._store: ObjectStore = LocalStore(folder)
                self._folder = folder
            else:
                self._store = from_url(self.url, client_options={"allow_http": True})
        except Exception as error:
            raise StorageUnreachable(
                f"{self.url}: can't be opened as object storage ({error}); see RIDEALONG_STORAGE_URL"
            ) from error

    async def put_file(self, key: str, path: Path, *, ours: bool = False) -> None:
        """Store a file; it is there whole or not at all.

        One of `ours`, that nobody writes to any more, gets a second name where that is possible: no copy.
        """
        if not (ours and self._folder and await asyncio.to_thread(_linked, path, self._folder / key)):
            await obstore.put_async(self._store, key, path)

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Store a few bytes."""
        await obstore.put_async(self._store, key, data)

    async def size(self, key: str) -> int | None:
        """Bytes of a file; None where there is none."""
        try:
            return (await obstore.head_async(self._store, key))["size"]
        except (NotFoundError, FileNotFoundError):
            return None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from `start` to before `stop`, in pieces; FileNotFoundError where there is no file."""
        size = await self.size(key)
        if size is None:
            raise FileNotFoundError(key)
        end = size if stop is None else min(stop, size)
        for place in range(start, end, CHUNK):
            yield bytes(
                await obstore.get_range_async(self._store, key, start=place, end=min(place + CHUNK, end))
            )

    async def fetch(self, key: str, path: Path) -> str:
        """Copy a file to the disk; the SHA-256 of what came, hexadecimal."""
        digest = hashlib.sha256()
        with path.open("wb") as file:
            async for piece in self.read(key):
                digest.update(piece)
                file.write(piece)
        return digest.hexdigest()

    async def delete(self, key: str) -> None:
        """Delete a file; nothing happens where there is none."""
        try:
            await obstore.delete_async(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return

    async def keys(self, prefix: str = "") -> AsyncIterator[tuple[str, float]]:
        """Every key below a prefix with the time it was written, seconds since 1970."""
        async for batch in obstore.list(self._store, prefix or None):
            for item in batch:
                yield item["path"], item["last_modified"].timestamp()

    async def check(self) -> str:
        """Write, read and delete a small file; what is in use.

        Raises:
            StorageUnreachable: one of them can't be done.
        """
        probe = f"{PROBE}/{uuid.uuid4().hex}"  # others may be checking, too
        try:
            await self.put_bytes(probe, b"ridealong")
            found = b"".join([piece async for piece in self.read(probe)])
            await self.delete(probe)
        except Exception as error:
            raise StorageUnreachable(f"{self.url}: can't be written to and read from ({error})") from error
        if found != b"ridealong":
            raise StorageUnreachable(f"{self.url}: gives back other bytes than were written")
        return self.url


def _linked(path: Path, target: Path) -> bool:
    """Give a file a second name, on the disk for good; whether that could be done."""
    # Names with # and a number are the store's own for what isn't whole yet; it shows them to nobody.
    beside = target.with_name(f"{target.name}#{uuid.uuid4().int}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.hardlink_to(path)
    except OSError:  # another disk, or one that has no such names
        return False
    try:
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return True


def recording_key(team: object, sha256: str) -> str:
    """Where a team's recording lies; the same file has the same place."""
    return f"recordings/{team}/{sha256[:2]}/{sha256}"
