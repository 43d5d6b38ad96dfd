"""Which looks at a call are one: the parts of a page, and the page that answers one's own change."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.privacy.store import LOOK, is_look
from service.privacy.tables import Entry

AGAIN = dt.timedelta(seconds=30)
"""How long after a change its page belongs to it."""


@asynccontextmanager
async def one_look(session: AsyncSession, who: Who, call: uuid.UUID) -> AsyncIterator[None]:
    """Looks at a call that are recorded within become one entry: the first, which names the others in `also`.

    Where somebody who looked at just this before has changed the call since, a moment ago, there is none: the
    page that comes back is the answer to the change, and the log has both the look and the change.
    """
    found: list[Entry] = []
    session.info[LOOK] = (call, found)
    try:
        yield
    finally:
        del session.info[LOOK]
    if not found:
        return
    first = found[0]
    if also := sorted({one.action for one in found} - {first.action}):
        first.detail = {**first.detail, "also": also}
    if not await _answers_change(session, who, first):
        session.add(first)


async def _answers_change(session: AsyncSession, who: Who, look: Entry) -> bool:
    """Whether the same look stands in the log already, and after it a change by the same person just now."""
    own = select(Entry.id, Entry.action).where(Entry.call_id == look.call_id, Entry.actor_id == who.id)
    since = func.clock_timestamp() - AGAIN
    recent = (await session.execute(own.where(Entry.at > since).order_by(Entry.id.desc()))).all()
    changed = next((number for number, action in recent if not is_look(action)), None)
    if changed is None:
        return False
    seen = own.where(Entry.id < changed, Entry.action == look.action, Entry.detail == look.detail)
    return (await session.execute(seen.limit(1))).first() is not None
