"""The audit log: written with every view, change, override, export and deletion, in the same transaction."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.privacy.tables import Entry


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
    session.add(
        Entry(
            actor_id=who.id if who else None,
            actor=who.name if who else "Ridealong",
            action=action,
            about_id=about,
            call_id=call,
            detail=detail,
        )
    )


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
