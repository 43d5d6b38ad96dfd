"""The queries of the queue: each kind by the rows that make it, oldest first, no more than a page.

All of one kind have the same time until they are due, so that the oldest of a kind is due first.
"""

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import LateralFromClause

from service.auth.permissions import Action, Who
from service.auth.tables import Person
from service.calls.store import visible
from service.calls.tables import Call, State
from service.coaching import queue_drafts
from service.coaching.queue import ORDER, SETTLE, Item, Kind, Place, given
from service.coaching.tables import Calibration, CalibrationPart
from service.practice.tables import Attempt, Decision
from service.reviews import blind
from service.reviews.tables import Contest, Review
from service.settings import Settings

MOST_COUNTED = 100
EARLIEST, LATEST = 1970, 9000  # years of a cursor: days are added and taken away


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose queue, from where on, how much; `days` bounds how old a call may be to be looked at."""

    who: Who
    settings: Settings
    after: Place | None
    limit: int

    @property
    def since(self) -> dt.datetime:
        """Older calls ask for nothing any more."""
        return dt.datetime.now(dt.UTC) - dt.timedelta(days=self.settings.queue_days)


@dataclass(frozen=True, slots=True)
class Reads:
    """Conditions on `Call`: its scores may be known to who asks; they were drawn to read it blind."""

    open: ColumnElement[bool]
    due: ColumnElement[bool]


def _reviewing(who: Who, action: Action = Action.CALL_REVIEW) -> ColumnElement[bool]:
    """Calls that somebody looks after: a token for reading shows its person's, one without that nobody's."""
    unlimited = replace(who, scopes=None)
    return and_(visible(who), visible(unlimited, action))


def _page(query: Select[Any], asked: Asked, kind: Kind, since: Any, about: Any) -> Select[Any]:
    query = query.order_by(since, about).limit(asked.limit)
    if asked.after is None:
        return query
    due, when, order, last = asked.after
    # What of this kind is due at the same moment began then.
    began = due - given(asked.settings, kind)
    if (began, ORDER[kind]) == (when, order):
        return query.where(tuple_(since, about) > tuple_(literal(began), literal(last)))
    return query.where(since >= began if (began, ORDER[kind]) > (when, order) else since > began)


def _of_call(*more: Any) -> Select[Any]:
    columns = (Call.id, Call.title, Call.rep_id, Person.name)
    return select(*columns, *more).select_from(Call).outerjoin(Person, Person.id == Call.rep_id)


def _item(asked: Asked, kind: Kind, row: Any, detail: str = "") -> Item:
    due = row.since + given(asked.settings, kind)
    return Item(
        kind, row.about, row.id, row.title, row.rep_id, row.name, row.since, due, bool(row.yours), detail
    )


def _call_of(call: Any, *conditions: Any, joined: Any = None, **more: Any) -> LateralFromClause:
    """A call by its id, if it meets the conditions, with what else is wanted of it.

    `offset(0)` keeps the planner from beginning at calls: it takes far fewer for somebody's than there are.
    """
    of_it = _of_call(*(value.label(name) for name, value in more.items()))
    if joined is not None:
        of_it = of_it.join(joined, true())
    return of_it.where(Call.id == call, *conditions).offset(0).lateral()


async def _practice(session: AsyncSession, asked: Asked, _: Reads) -> list[Item]:
    yours = visible(replace(asked.who, scopes=None), Action.ATTEMPT_DECIDE)
    call = _call_of(Attempt.call_id, _reviewing(asked.who), yours=yours)
    query = (
        select(Attempt.id.label("about"), Attempt.submitted_at.label("since"), call)
        .join(call, true())
        .where(Attempt.submitted_at.is_not(None), ~exists().where(Decision.attempt_id == Attempt.id))
    )
    query = _page(query, asked, Kind.PRACTICE, Attempt.submitted_at, Attempt.id)
    return [_item(asked, Kind.PRACTICE, row) for row in await session.execute(query)]


async def _contests(session: AsyncSession, asked: Asked, reads: Reads) -> list[Item]:
    giver = (
        select(Review.reviewer_id)
        .where(Review.call_id == Contest.call_id, Review.dimension == Contest.dimension)
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    call = _call_of(
        Contest.call_id,
        _reviewing(asked.who, Action.CONTEST_DECIDE),
        # That a score is contested tells of it: whoever reads blind is asked for that first.
        reads.open,
    )
    query = (
        select(
            Contest.id.label("about"),
            Contest.at.label("since"),
            giver.is_distinct_from(asked.who.id).label("yours"),
            Contest.dimension,
            call,
        )
        .join(call, true())
        .where(Contest.decided_at.is_(None))
    )
    query = _page(query, asked, Kind.CONTEST, Contest.at, Contest.id)
    return [_item(asked, Kind.CONTEST, row, row.dimension) for row in await session.execute(query)]


def _awaited(who: Who) -> Exists:
    """Whether a round waits for somebody's scores."""
    return exists().where(
        CalibrationPart.calibration_id == Calibration.id,
        CalibrationPart.person_id == who.id,
        CalibrationPart.scored_at.is_(None),
        Calibration.closed_at.is_(None),
    )


async def _calibrations(session: AsyncSession, asked: Asked, _: Reads) -> list[Item]:
    settle = and_(
        Calibration.opened_by == asked.who.id,
        Calibration.closed_at.is_not(None),
        Calibration.settled_at.is_(None),
    )
    since = func.coalesce(Calibration.closed_at, Calibration.opened_at)
    query = (
        _of_call(
            Calibration.id.label("about"),
            since.label("since"),
            literal(value=True).label("yours"),
            settle.label("settle"),
        )
        .join(Calibration, Calibration.call_id == Call.id)
        .where(or_(_awaited(asked.who), settle), _reviewing(asked.who, Action.CALIBRATE))
    )
    query = _page(query, asked, Kind.CALIBRATION, since, Calibration.id)
    rows = await session.execute(query)
    return [_item(asked, Kind.CALIBRATION, row, SETTLE if row.settle else "") for row in rows]


async def _blind(session: AsyncSession, asked: Asked, reads: Reads) -> list[Item]:
    query = _of_call(
        Call.id.label("about"), Call.created_at.label("since"), literal(value=True).label("yours")
    ).where(
        Call.created_at > asked.since,
        Call.state == State.DONE,
        # Practice stands in the queue already, and so does a call with a round that waits for them.
        ~Call.practice,
        ~_awaited(asked.who).where(Calibration.call_id == Call.id),
        _reviewing(asked.who),
        reads.due,
    )
    query = _page(query, asked, Kind.BLIND, Call.created_at, Call.id)
    return [_item(asked, Kind.BLIND, row) for row in await session.execute(query)]


async def _looks(session: AsyncSession, asked: Asked, reads: Reads, kind: Kind) -> list[Item]:
    may = queue_drafts.candidates(asked.settings, kind, asked.since)
    waiting = queue_drafts.waiting(asked.settings)
    low, unsure = waiting.c.low.is_not(None), or_(waiting.c.unsure.is_not(None), waiting.c.missing)
    call = _call_of(
        may.c.call_id,
        Call.state == State.DONE,
        ~Call.practice,
        _reviewing(asked.who),
        reads.open,
        # A call stands here once: below a threshold says more than unsure.
        low if kind == Kind.BELOW_THRESHOLD else and_(~low, unsure),
        joined=waiting,
        names=waiting.c.low if kind == Kind.BELOW_THRESHOLD else waiting.c.unsure,
    )
    query = select(may.c.call_id.label("about"), may.c.since, literal(value=True).label("yours"), call).join(
        call, true()
    )
    query = _page(query, asked, kind, may.c.since, may.c.call_id)
    return [_item(asked, kind, row, row.names or "") for row in await session.execute(query)]


async def _low(session: AsyncSession, asked: Asked, reads: Reads) -> list[Item]:
    return await _looks(session, asked, reads, Kind.BELOW_THRESHOLD)


async def _unsure(session: AsyncSession, asked: Asked, reads: Reads) -> list[Item]:
    return await _looks(session, asked, reads, Kind.LOW_CONFIDENCE)


_OF: Mapping[Kind, Callable[[AsyncSession, Asked, Reads], Awaitable[list[Item]]]] = {
    Kind.PRACTICE: _practice,
    Kind.CONTEST: _contests,
    Kind.CALIBRATION: _calibrations,
    Kind.BLIND: _blind,
    Kind.BELOW_THRESHOLD: _low,
    Kind.LOW_CONFIDENCE: _unsure,
}


async def items(session: AsyncSession, asked: Asked, kinds: Sequence[Kind]) -> dict[Kind, list[Item]]:
    """What waits by kind, oldest first, from a place on; no more of each than is asked for."""
    share = asked.settings.blind_share
    reads = Reads(await blind.open_to(session, asked.who, share), await blind.due(session, asked.who, share))
    return {kind: await _OF[kind](session, asked, reads) for kind in kinds}


def place(values: Sequence[str], settings: Settings) -> Place:
    """A place in the queue from the values of a cursor. Raises ValueError for others."""
    when = dt.datetime.fromisoformat(values[0])
    kind = list(Kind)[int(values[1])] if values[1].isdigit() else None
    if kind is None or when.tzinfo is None or not EARLIEST <= when.year <= LATEST:
        raise ValueError(values)
    return when + given(settings, kind), when, ORDER[kind], uuid.UUID(values[2])
