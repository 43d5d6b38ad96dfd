"""Imports from a URL: asked for in a request, fetched by a worker, with a state and a reason to read."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from service import jobs
from service.auth import store as people
from service.auth.permissions import Who
from service.calls import fetching
from service.calls.details import Given
from service.calls.receiving import file_name
from service.calls.tables import Fetch, Source
from service.calls.taking import Item, take_one
from service.calls.uploads import temporary
from service.edge import Parts
from service.problems import NotFound, Problem

NO_FETCH = "There is no such import, or it isn't yours."
OVER = ("done", "failed")
KEPT = dt.timedelta(days=30)
"""After so long nobody asks any more how an import went."""


async def begin(
    session: AsyncSession,
    parts: Parts,
    who: Who,
    given: dict[str, Any],
    *,
    url: str,
    host: str,
    again: bool,
) -> Fetch:
    """An import and its job, in the session's transaction."""
    row = Fetch(person_id=who.id, host=host, url=url, given=given, again=again, state="waiting")
    session.add(row)
    await session.flush()
    await jobs.enqueue(session, parts.queue, jobs.FETCH, lock=f"fetch:{row.id}", fetch_id=str(row.id))
    await session.refresh(row)
    return row


async def find(session: AsyncSession, who: Who, fetch_id: uuid.UUID) -> Fetch:
    """An import of the person's own.

    Raises:
        NotFound: there is none.
    """
    query = select(Fetch).where(Fetch.id == fetch_id, Fetch.person_id == who.id)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(NO_FETCH)
    return found


async def perform(parts: Parts, fetch_id: uuid.UUID) -> None:
    """Fetch and take in; what can't be used is written down, and one that is over is left alone.

    A worker that was killed in between is followed by another, which knows the file if it was taken in.
    """
    async with parts.database.transaction() as session:
        row = await session.get(Fetch, fetch_id)
        if row is None or row.state in OVER or row.url is None:
            return
        row.state = "running"
        who = await people.who(session, row.person_id)
        url, given, again = row.url, Given.model_validate(row.given), row.again
    try:
        if who is None:
            raise NotFound("The account that asked for it is disabled.")
        most = parts.settings.largest_upload
        async with temporary(parts.settings) as path:
            name = await fetching.fetch(url, path, most=most, allowed=parts.reachable)
            item = Item(path, file_name(name), given)
            status, answer = await take_one(parts, who, item, source=Source.URL, again=again)
    except (Problem, CallError) as error:
        await _end(parts, fetch_id, state="failed", reason=str(error))
    else:
        call = uuid.UUID(answer["call"]["id"])
        await _end(parts, fetch_id, state="done", call_id=call, duplicate=status != 201)


async def _end(parts: Parts, fetch_id: uuid.UUID, **values: Any) -> None:
    async with parts.database.transaction() as session:
        row = await session.get(Fetch, fetch_id, with_for_update=True)
        if row is not None:
            for name, value in {**values, "url": None, "finished_at": func.clock_timestamp()}.items():
                setattr(row, name, value)
