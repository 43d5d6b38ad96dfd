"""Where a call stands for somebody: draft, partly or all reviewed, theirs to score first. Never a score."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.calls.tables import Call, Standing
from service.reviews import blind


class Wanted(StrEnum):
    """What a list may be limited to."""

    OPEN = "open"  # some dimension has no person's score, or it is theirs to score first
    REVIEWED = "reviewed"
    FIRST = "first"  # theirs to score before they see a draft


@dataclass(frozen=True, slots=True)
class Stands:
    """How many of a call's dimensions people have scored.

    For whoever has to score it first, `first` is true and the counts are 0: what others gave isn't theirs to
    know yet. `private` is practice that isn't submitted.
    """

    first: bool
    private: bool
    reviewed: int
    dimensions: int


async def of_calls(
    session: AsyncSession, who: Who, calls: Sequence[uuid.UUID], share: float
) -> dict[uuid.UUID, Stands]:
    """By call, in one query; without those that have no draft. `share` is that of blind reads by default."""
    if not calls:
        return {}
    hidden = await _first(session, who, share)
    given = func.count().filter(Standing.by_person)
    query = (
        select(Call.id, hidden, _private(), given, func.count())
        .join(Standing, Standing.call_id == Call.id)
        .where(Call.id.in_(calls))
        .group_by(Call.id)
    )
    return {
        call: Stands(True, private, 0, 0) if first else Stands(False, private, reviewed, dimensions)
        for call, first, private, reviewed, dimensions in await session.execute(query)
    }


async def condition(session: AsyncSession, who: Who, wanted: Wanted, share: float) -> ColumnElement[bool]:
    """The condition on `Call` that it stands so for a person who may see it."""
    first = and_(await _first(session, who, share), _drafted())
    missing = _drafted(not_(Standing.by_person))
    if wanted is Wanted.FIRST:
        return first
    if wanted is Wanted.OPEN:
        return and_(not_(_private()), or_(missing, first))
    return and_(_drafted(), not_(missing), not_(first))


def _drafted(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Standing.call_id == Call.id, *conditions).correlate(Call)


def _private() -> ColumnElement[bool]:
    return and_(Call.practice, Call.submitted_at.is_(None))


async def _first(session: AsyncSession, who: Who, share: float) -> ColumnElement[bool]:
    return or_(await blind.due(session, who, share), blind.awaited(who))
