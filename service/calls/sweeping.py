"""Clearing away what no row speaks of: files that a crash left behind, uploads that nobody finished."""

import asyncio
import datetime as dt
import time
import uuid

from sqlalchemy import delete, select

from service.auth.tables import OncePerKey
from service.calls import fetches, once
from service.calls.ingest import hold
from service.calls.listing import has_recording
from service.calls.tables import Fetch, Upload
from service.calls.uploads import folder, part_of
from service.edge import Parts

GRACE = 3600.0  # seconds that a file may lie in storage before its row must be there
PREFIX = "recordings"


async def sweep(parts: Parts, *, grace: float = GRACE) -> int:
    """Remove recordings without rows, expired uploads, and old answers; how many files and uploads went.

    `grace` is seconds: younger files may belong to a transaction that isn't committed yet. Safe to run at any
    time and in several processes.
    """
    gone = await _expired(parts)
    gone += await _parts_without_rows(parts, grace)
    before = time.time() - grace
    async for key, written in parts.storage.keys(PREFIX):
        if written < before and await discard(parts, key):
            gone += 1
    return gone


async def discard(parts: Parts, key: str) -> bool:
    """Remove a stored recording unless a row speaks of it; whether it went."""
    async with parts.database.transaction() as session:
        if await has_recording(session, key):
            return False
        await hold(session, key)
        if await has_recording(session, key):
            return False
        await parts.storage.delete(key)
    return True


async def _expired(parts: Parts) -> int:
    now = dt.datetime.now(dt.UTC)
    async with parts.database.transaction() as session:
        await session.execute(delete(OncePerKey).where(OncePerKey.at < now - once.KEPT))
        await session.execute(delete(Fetch).where(Fetch.finished_at < now - fetches.KEPT))
        gone = list(await session.scalars(delete(Upload).where(Upload.expires_at < now).returning(Upload.id)))
    for upload in gone:
        await asyncio.to_thread(part_of(parts.settings, upload).unlink, missing_ok=True)
    return len(gone)


async def _parts_without_rows(parts: Parts, grace: float) -> int:
    """Unfinished files whose upload was ended by its sender or taken in, just before a crash."""
    before = time.time() - grace
    there = folder(parts.settings)
    gone = 0
    for path in list(there.iterdir()) if there.is_dir() else []:
        if path.stat().st_mtime >= before:
            continue
        try:
            upload: uuid.UUID | None = uuid.UUID(path.name)
        except ValueError:
            upload = None  # the temporary file of a request that ended with the process
        async with parts.database.transaction() as session:
            query = select(Upload.id).where(Upload.id == upload, Upload.finished_at.is_(None))
            if upload is not None and await session.scalar(query) is not None:
                continue
        path.unlink(missing_ok=True)
        gone += 1
    return gone
