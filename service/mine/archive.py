"""The archive of what a person takes away: JSON, one file a call, and recordings as they were sent."""

import asyncio
import json
import re
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.calls.tables import Call
from service.edge import Parts
from service.mine import store
from service.practice.store import self_score_first

README = """Everything Ridealong holds about you, as of the time in account.json.

account.json     your account and your parts in teams
log.json         who did what with what is about you
written.json     what you wrote about others' calls, and which notices you have read
calls/           a folder for each of your calls and practice recordings: call.json has what was said of it,
                 every transcript, every scoring with its evidence, people's scores, contests, comments,
                 notes and decisions; the recording itself if you asked for recordings

A practice recording that you haven't scored yourself yet comes without its draft.
Times are UTC, positions in a call seconds from its start. Encoding is UTF-8.
"""
_UNSAFE = re.compile(r"[^\w.-]+")


async def write(
    session: AsyncSession, parts: Parts, who: Who, into: IO[bytes], *, recordings: bool
) -> list[Call]:
    """Write the archive into an open file; the calls that are in it. One call at a time is in memory."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("README.txt", README)
        await _add(made, "account.json", await store.person(session, who.id))
        await _add(made, "log.json", await store.log(session, who.id))
        await _add(made, "written.json", await store.written(session, who.id))
        calls = list(await store.calls(session, who.id))
        for call in calls:
            folder = f"calls/{call.created_at:%Y-%m-%d}-{call.id}"
            scored = not await self_score_first(session, who, call)
            await _add(made, f"{folder}/call.json", await store.of_call(session, call, scored=scored))
            file = await store.recording(session, call) if recordings else None
            if file is not None and await parts.storage.size(file.key) == file.size:
                name = _UNSAFE.sub("_", file.name)[-100:]
                await _copy(made, f"{folder}/{name}", parts.storage.read(file.key, 0, file.size))
    return calls


async def _add(made: zipfile.ZipFile, name: str, value: Any) -> None:
    def work() -> None:
        made.writestr(name, json.dumps(value, ensure_ascii=False, indent=1, default=_plain))

    await asyncio.to_thread(work)


def _plain(value: object) -> str:
    """Moments as ISO 8601, ids as text."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


async def _copy(made: zipfile.ZipFile, name: str, pieces: AsyncIterator[bytes]) -> None:
    # Sound is compressed already.
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_STORED
    with made.open(entry, "w", force_zip64=True) as file:
        async for piece in pieces:
            await asyncio.to_thread(file.write, piece)
