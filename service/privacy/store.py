"""The audit log: written with every view, change, override, export and deletion, in the same transaction."""

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement import people_only
from service.auth.permissions import Who
from service.privacy.tables import Entry, Hold, KeptReview

LOOK = "look"
"""Where a session keeps the looks at a call that are to be one entry: the call, and those found so far."""


def record(
    session: AsyncSession,
    who: Who | None,
    action: str,
    *,
    about: uuid.UUID | None = None,
    call: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Add an entry: who did what, about whom, with which call. `detail` must hold no words of a call."""
    entry = Entry(
        actor_id=who.id if who else None,
        actor=who.name if who else "Ridealong",
        action=action,
        about_id=about,
        call_id=call,
        detail=detail,
    )
    looked_at, found = session.info.get(LOOK, (None, []))
    if call is not None and call == looked_at and is_look(action):
        found.append(entry)
    else:
        session.add(entry)


def is_look(action: str) -> bool:
    """Whether an entry's action looks at something, listens to it or takes it away, and changes nothing."""
    return re.split(r"[ ._]", action)[-1] in {"viewed", "listened", "exported"}


async def about(
    session: AsyncSession, person: uuid.UUID, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Entries about a person, newest first, from before an entry's id."""
    query = select(Entry).where(Entry.about_id == person).order_by(Entry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Entry.id < before)
    return list(await session.scalars(query))


async def of_call(
    session: AsyncSession, call: uuid.UUID, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Entries about a call, newest first, from before an entry's id."""
    query = select(Entry).where(Entry.call_id == call).order_by(Entry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Entry.id < before)
    return list(await session.scalars(query))


async def hold_of(session: AsyncSession, call: uuid.UUID) -> Hold | None:
    """The hold that keeps a call, if there is one."""
    return await session.get(Hold, call, populate_existing=True)


async def put_on_hold(session: AsyncSession, who: Who, call: uuid.UUID, reason: str) -> Hold:
    """Keep a call whatever its age; one that is kept already gets the new reason."""
    row = insert(Hold).values(call_id=call, reason=reason, set_by=who.id)
    await session.execute(
        row.on_conflict_do_update(index_elements=[Hold.call_id], set_={"reason": row.excluded.reason})
    )
    found = await hold_of(session, call)
    assert found is not None  # noqa: S101 - for mypy: it was put there just now
    return found


async def lift_hold(session: AsyncSession, call: uuid.UUID) -> bool:
    """Let go of a call again; whether it was held."""
    found = await hold_of(session, call)
    if found is None:
        return False
    await session.delete(found)
    await session.flush()
    return True


async def kept(session: AsyncSession, team: uuid.UUID) -> AsyncIterator[dict[str, Any]]:
    """Numbers of a team's reviews that outlived their calls, as `reviews.store.exported` gives the others."""
    withheld = await people_only.dimensions(session, team)
    query = select(KeptReview).where(KeptReview.team_id == team).order_by(KeptReview.day, KeptReview.id)
    async for row in await session.stream_scalars(query.execution_options(yield_per=500)):
        yield {
            "call": str(row.call),
            "dimension": row.dimension,
            "value": row.value,
            "reviewer": str(row.rater),
            "features": row.features,
            "draft": None if row.dimension in withheld else row.draft,
            "blind": row.blind,
            "at": row.day.isoformat(),
        }
