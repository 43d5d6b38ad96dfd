"""All queries about scoring a team's calls anew by the weights in use: which ones, and what changed."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.errors import CallError
from models.framework import load_framework
from models.heads import load_heads
from service import jobs
from service.agreement import people_only
from service.auth.permissions import Who
from service.auth.tables import Person
from service.calls import stages
from service.calls.store import visible
from service.calls.tables import Call, Draft, Scoring, State
from service.database import Database
from service.learning.in_use import in_use
from service.learning.tables import RescoredCall, Rescoring
from service.problems import NotFound
from service.reviews import blind

NO_RESCORING = "There is no such rescoring, or it isn't for you."
AT_A_TIME = 100  # calls queued in one transaction


@dataclass(frozen=True, slots=True)
class Change:
    """A dimension whose draft is another one now; None where there was or is none."""

    dimension: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A call whose drafts changed, in which versions of the weights, and how."""

    call: Call
    before: str
    after: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a rescoring's calls that one may see the scores of: how many, still waiting, with another draft.

    `hidden` are those that the person is to read blind first.
    """

    calls: int
    waiting: int
    changed: int
    hidden: int


async def begin(session: AsyncSession, who: Who, team: uuid.UUID, first_day: dt.date) -> Rescoring:
    """An order to score a team's calls since a day anew."""
    row = Rescoring(team_id=team, by_id=who.id, first_day=first_day)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def queue_calls(database: Database, rescoring_id: uuid.UUID) -> None:
    """Have every call of a rescoring scored anew, a hundred a transaction; safe to repeat."""
    more = True
    while more:
        async with database.transaction() as session:
            row = await session.get(Rescoring, rescoring_id, with_for_update=True)
            if row is None or row.done_at is not None:
                return
            more = await _queue_some(session, row)
            if not more:
                row.done_at = await session.scalar(select(func.clock_timestamp()))


async def _queue_some(session: AsyncSession, row: Rescoring) -> bool:
    """Queue some calls of a rescoring that aren't yet; whether there may be more."""
    found = (await session.execute(await _to_do(session, row))).all()
    for call, before in found:
        kept = insert(RescoredCall).values(rescoring_id=row.id, call_id=call.id, before_id=before)
        await session.execute(kept.on_conflict_do_nothing())
        await stages.mark_stale(session, call, "score", base=jobs.BATCH)
    return len(found) == AT_A_TIME


async def _to_do(session: AsyncSession, row: Rescoring) -> Select[Call, uuid.UUID]:
    """Analysed calls of the team whose newest drafts aren't by what is in use. Practice stays as it was."""
    names = await session.scalars(select(Call.framework).where(Call.team_id == row.team_id).distinct())
    by_now = [
        and_(Call.framework == name, Scoring.model_version == version)
        for name in names
        if (version := await version_now(session, name))
    ]
    taken = exists().where(RescoredCall.rescoring_id == row.id, RescoredCall.call_id == Call.id)
    return (
        select(Call, Scoring.id)
        .join(Scoring, and_(Scoring.call_id == Call.id, _is_newest(Scoring)))
        .where(
            Call.team_id == row.team_id,
            Call.state == State.DONE,
            ~Call.practice,
            func.coalesce(Call.happened_on, func.date(Call.created_at)) >= row.first_day,
            ~taken,
            ~or_(false(), *by_now),
        )
        .order_by(Call.created_at.desc(), Call.id)
        .limit(AT_A_TIME)
    )


async def version_now(session: AsyncSession, framework: str) -> str | None:
    """The version that drafts of a framework are made by now; None where its file is gone."""
    found = (await in_use(session, framework)).version
    if found is not None:
        return found
    try:
        return load_heads(load_framework(framework)).version
    except CallError:
        return None


def _is_newest(scoring: Any) -> ColumnElement[bool]:
    other = aliased(Scoring)
    newest = select(func.max(other.number)).where(other.call_id == scoring.call_id).scalar_subquery()
    is_newest: ColumnElement[bool] = scoring.number == newest
    return is_newest


async def of_team(
    session: AsyncSession, team: uuid.UUID, *, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> list[tuple[Rescoring, str]]:
    """A team's rescorings with who ordered them, newest first."""
    query = (
        select(Rescoring, Person.name)
        .join(Person, Person.id == Rescoring.by_id)
        .where(Rescoring.team_id == team)
    )
    if after is not None:
        query = query.where(tuple_(Rescoring.created_at, Rescoring.id) < tuple_(*after))
    query = query.order_by(Rescoring.created_at.desc(), Rescoring.id.desc()).limit(limit)
    return [(row, name) for row, name in await session.execute(query)]


async def one(session: AsyncSession, rescoring_id: uuid.UUID) -> tuple[Rescoring, str]:
    """A rescoring and who ordered it. Raises NotFound where there is none."""
    query = (
        select(Rescoring, Person.name)
        .join(Person, Person.id == Rescoring.by_id)
        .where(Rescoring.id == rescoring_id)
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound(NO_RESCORING)
    return found[0], found[1]


def _calls(rescoring_id: uuid.UUID, who: Who) -> Select[Call]:
    return (
        select(Call)
        .join(RescoredCall, RescoredCall.call_id == Call.id)
        .where(RescoredCall.rescoring_id == rescoring_id, visible(who))
    )


def _differs() -> ColumnElement[bool]:
    """Whether a rescored call's newest drafts differ from those before, where drafts are shown at all."""
    before, after, newest = aliased(Draft), aliased(Draft), aliased(Scoring)
    return exists().where(
        before.scoring_id == RescoredCall.before_id,
        newest.call_id == RescoredCall.call_id,
        _is_newest(newest),
        after.scoring_id == newest.id,
        after.dimension == before.dimension,
        after.value.is_distinct_from(before.value),
        ~people_only.holds(Call.team_id, before.dimension),
    )


async def progress(session: AsyncSession, who: Who, row: Rescoring, share: float) -> Progress:
    """How far a rescoring is; `share` is that of blind reads."""
    shown = await blind.open_to(session, who, share)
    waiting = Call.state.in_((State.QUEUED, State.RUNNING))
    columns = (
        func.count(),
        func.count().filter(waiting),
        func.count().filter(shown, _differs()),
        func.count().filter(~shown),
    )
    found = (await session.execute(_calls(row.id, who).with_only_columns(*columns))).one()
    return Progress(*found)


async def changed(
    session: AsyncSession,
    who: Who,
    row: Rescoring,
    share: float,
    *,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> list[Changed]:
    """Calls with another draft than before, newest first; never one that the person is to read blind."""
    query = _calls(row.id, who).where(await blind.open_to(session, who, share), _differs())
    if after is not None:
        query = query.where(tuple_(Call.created_at, Call.id) < tuple_(*after))
    query = query.order_by(Call.created_at.desc(), Call.id.desc()).limit(limit)
    calls = (await session.scalars(query)).all()
    found = await _changes(session, row, [call.id for call in calls])
    return [Changed(call, *found[call.id]) for call in calls]


async def _changes(
    session: AsyncSession, row: Rescoring, calls: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[str, str, tuple[Change, ...]]]:
    """Versions before and after and every dimension that differs, by call."""
    old, new, before, after = aliased(Scoring), aliased(Scoring), aliased(Draft), aliased(Draft)
    query = (
        select(Call.id, old.model_version, new.model_version, before.dimension, before.value, after.value)
        .join(RescoredCall, RescoredCall.call_id == Call.id)
        .join(old, old.id == RescoredCall.before_id)
        .join(new, and_(new.call_id == Call.id, _is_newest(new)))
        .join(before, before.scoring_id == old.id)
        .join(after, and_(after.scoring_id == new.id, after.dimension == before.dimension))
        .where(
            RescoredCall.rescoring_id == row.id,
            Call.id.in_(calls),
            after.value.is_distinct_from(before.value),
            ~people_only.holds(Call.team_id, before.dimension),
        )
        .order_by(before.dimension)
    )
    found: dict[uuid.UUID, tuple[str, str, tuple[Change, ...]]] = {}
    for call, was, now, dimension, one_before, one_after in await session.execute(query):
        earlier = found.get(call, (was, now, ()))[2]
        found[call] = (was, now, (*earlier, Change(dimension, one_before, one_after)))
    return found
