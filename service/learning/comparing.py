"""One call's newest drafts beside those before, and whether it could be scored by newer weights."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from service.agreement import people_only
from service.calls.tables import Call, Draft, Scoring
from service.learning.in_use import since
from service.learning.rescoring import Change, version_now


@dataclass(frozen=True, slots=True)
class Compared:
    """Since when the weights of the newest drafts are in use, None for shipped ones.

    `newer` is what is in use where that is another version, `before` the version of the drafts before where
    that was another, `changes` what differs from them.
    """

    since: dt.datetime | None
    newer: str | None
    before: str | None
    changes: tuple[Change, ...]


async def compared(session: AsyncSession, call: Call) -> Compared | None:
    """For whoever may see the call's scores; None where it has none."""
    query = select(Scoring).where(Scoring.call_id == call.id).order_by(Scoring.number.desc()).limit(2)
    found = (await session.scalars(query)).all()
    if not found:
        return None
    newest, before = found[0], found[1] if len(found) > 1 else None
    now = await version_now(session, call.framework)
    other = before is not None and before.model_version != newest.model_version
    return Compared(
        since=await since(session, call.framework, newest.model_version, newest.made_at),
        newer=now if now != newest.model_version else None,
        before=before.model_version if before is not None and other else None,
        changes=await _changes(session, call, before, newest) if before is not None and other else (),
    )


async def _changes(session: AsyncSession, call: Call, before: Scoring, newest: Scoring) -> tuple[Change, ...]:
    old, new = aliased(Draft), aliased(Draft)
    withheld = await people_only.dimensions(session, call.team_id)
    query = (
        select(old.dimension, old.value, new.value)
        .join(new, and_(new.scoring_id == newest.id, new.dimension == old.dimension))
        .where(old.scoring_id == before.id, old.value.is_distinct_from(new.value))
        .order_by(old.dimension)
    )
    rows = await session.execute(query)
    return tuple(Change(*row) for row in rows if row[0] not in withheld)
