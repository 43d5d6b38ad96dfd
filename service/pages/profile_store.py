"""Queries for profiles of reps: their last calls, scores as they count, contests, quotes behind scores.

Practice never counts. Nothing is read of calls whose scores the asker must not see yet.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Uuid,
    cast,
    column,
    exists,
    func,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement import people_only
from service.auth.permissions import Who
from service.calls.store import visible
from service.calls.tables import Call, Draft, Scoring
from service.pages.profile_figures import LAST, Point
from service.reviews.tables import Contest, Review


@dataclass(frozen=True, slots=True)
class Seen:
    """A call of a rep. `open` says whether its scores may be sent to the asker."""

    id: uuid.UUID
    rep: uuid.UUID
    title: str
    day: dt.date
    seconds: float | None
    framework: str
    context: str | None
    open: bool


async def last_calls(
    session: AsyncSession, who: Who, reps: Sequence[uuid.UUID], open_to: ColumnElement[bool]
) -> dict[uuid.UUID, list[Seen]]:
    """The last scored calls of each rep that the asker may see, newest first."""
    if not reps:
        return {}
    wanted = values(column("rep", Uuid), name="wanted").data([(rep,) for rep in reps])
    day = func.coalesce(Call.happened_on, cast(func.timezone("UTC", Call.created_at), Date)).label("day")
    newest = (
        select(Call.id, Call.title, day, Call.seconds, Call.framework, Call.context)
        .where(
            Call.rep_id == wanted.c.rep,
            ~Call.practice,
            exists().where(Scoring.call_id == Call.id),
            visible(who),
        )
        .order_by(day.desc(), Call.created_at.desc())
        .limit(LAST)
        .lateral("newest")
    )
    rows = (await session.execute(select(wanted.c.rep, newest).join(newest, true()))).all()
    shown = set(await session.scalars(select(Call.id).where(Call.id.in_([row.id for row in rows]), open_to)))
    found: dict[uuid.UUID, list[Seen]] = {rep: [] for rep in reps}
    for row in rows:
        found[row.rep].append(
            Seen(
                row.id, row.rep, row.title, row.day, row.seconds, row.framework, row.context, row.id in shown
            )
        )
    return {
        rep: sorted(calls, key=lambda call: call.day.toordinal(), reverse=True)
        for rep, calls in found.items()
    }


async def points(session: AsyncSession, calls: Iterable[Seen]) -> dict[uuid.UUID, dict[str, Point]]:
    """What counts of each dimension of calls whose scores are open: the newest review, else the draft.

    A dimension that a person did not observe has no point, whatever the draft says.
    """
    known = {call.id: call for call in calls if call.open}
    found: dict[uuid.UUID, dict[str, Point]] = {call: {} for call in known}
    newest = (
        select(Scoring.id)
        .ext(distinct_on(Scoring.call_id))
        .where(Scoring.call_id.in_(known))
        .order_by(Scoring.call_id, Scoring.number.desc())
    )
    drafts = (
        select(Draft.call_id, Draft.dimension, Draft.value)
        .join(Call, Call.id == Draft.call_id)
        .where(Draft.scoring_id.in_(newest), ~people_only.holds(Call.team_id, Draft.dimension))
    )
    reviews = (
        select(Review.call_id, Review.dimension, Review.value)
        .ext(distinct_on(Review.call_id, Review.dimension))
        .where(Review.call_id.in_(known))
        .order_by(Review.call_id, Review.dimension, Review.at.desc(), Review.id.desc())
    )
    for query, confirmed in ((drafts, False), (reviews, True)):
        for call_id, dimension, value in await session.execute(query):
            call = known[call_id]
            found[call_id].pop(dimension, None)
            if value is not None:
                found[call_id][dimension] = Point(call_id, call.title, call.day, value, confirmed)
    return found


async def contested(session: AsyncSession, calls: Iterable[Seen]) -> dict[uuid.UUID, int]:
    """Contests of each rep that nobody has decided, of calls whose scores are open."""
    reps = {call.id: call.rep for call in calls if call.open}
    rows = await session.scalars(
        select(Contest.call_id).where(Contest.call_id.in_(reps), Contest.decided_at.is_(None))
    )
    found: dict[uuid.UUID, int] = {}
    for call_id in rows:
        found[reps[call_id]] = found.get(reps[call_id], 0) + 1
    return found


async def last_reviews(
    session: AsyncSession, who: Who, reps: Sequence[uuid.UUID], open_to: ColumnElement[bool]
) -> dict[uuid.UUID, dt.datetime]:
    """When somebody last scored a call of each rep."""
    query = (
        select(Call.rep_id, func.max(Review.at))
        .join(Review, Review.call_id == Call.id)
        .where(Call.rep_id.in_(reps), ~Call.practice, visible(who), open_to)
        .group_by(Call.rep_id)
    )
    return {rep: at for rep, at in await session.execute(query) if rep is not None}


async def evidence(session: AsyncSession, call: uuid.UUID, dimension: str) -> dict[str, Any] | None:
    """The strongest evidence behind a call's draft of a dimension; None where there is none."""
    document = Scoring.document
    row = (
        await session.execute(
            select(document["scorecard"]["scores"], Scoring.id)
            .where(Scoring.call_id == call)
            .order_by(Scoring.number.desc())
            .limit(1)
        )
    ).first()
    for score in (row[0] or ()) if row else ():
        if row is not None and score["dimension"] == dimension and score["evidence"]:
            place = document["evidence"][int(score["evidence"][0])]
            found: dict[str, Any] | None = await session.scalar(select(place).where(Scoring.id == row[1]))
            return found
    return None


async def has_sound(session: AsyncSession, call: uuid.UUID) -> bool:
    """Whether there is a recording of a call."""
    return await session.scalar(select(Call.recording_id).where(Call.id == call)) is not None
