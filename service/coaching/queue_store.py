"""The queries of the queue: each kind by the rows that make it, oldest first, no more than a page."""

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement import people_only
from service.auth.permissions import Action, Who
from service.auth.tables import Person
from service.calls.store import visible
from service.calls.tables import Call, Draft, Scoring, State
from service.coaching.frameworks import thresholds
from service.coaching.queue import ORDER, SETTLE, Item, Kind, Place
from service.coaching.tables import Calibration, CalibrationPart
from service.practice.tables import Attempt, Decision
from service.reviews import blind
from service.reviews.tables import Contest, Review
from service.settings import Settings

WIDE = 2  # an interval of three scores or more
MOST_COUNTED = 100


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


def _reviewing(who: Who, action: Action = Action.CALL_REVIEW) -> ColumnElement[bool]:
    """Calls that somebody looks after: a token for reading shows its person's, one without that nobody's."""
    unlimited = replace(who, scopes=None)
    return and_(visible(who), visible(unlimited, action))


def _page(query: Select[Any], asked: Asked, kind: Kind, since: Any, about: Any) -> Select[Any]:
    query = query.order_by(since, about).limit(asked.limit)
    if asked.after is None:
        return query
    when, order, last = asked.after
    if ORDER[kind] == order:
        return query.where(tuple_(since, about) > tuple_(literal(when), literal(last)))
    return query.where(since >= when if ORDER[kind] > order else since > when)


def _of_call(*more: Any) -> Select[Any]:
    columns = (Call.id, Call.title, Call.rep_id, Person.name)
    return select(*columns, *more).select_from(Call).outerjoin(Person, Person.id == Call.rep_id)


def _item(kind: Kind, row: Any, detail: str = "") -> Item:
    return Item(kind, row.about, row.id, row.title, row.rep_id, row.name, row.since, bool(row.yours), detail)


async def _practice(session: AsyncSession, asked: Asked) -> list[Item]:
    yours = visible(replace(asked.who, scopes=None), Action.ATTEMPT_DECIDE)
    query = (
        _of_call(Attempt.id.label("about"), Attempt.submitted_at.label("since"), yours.label("yours"))
        .join(Attempt, Attempt.call_id == Call.id)
        .where(
            Attempt.submitted_at.is_not(None),
            ~exists().where(Decision.attempt_id == Attempt.id),
            _reviewing(asked.who),
        )
    )
    query = _page(query, asked, Kind.PRACTICE, Attempt.submitted_at, Attempt.id)
    return [_item(Kind.PRACTICE, row) for row in await session.execute(query)]


async def _contests(session: AsyncSession, asked: Asked) -> list[Item]:
    giver = (
        select(Review.reviewer_id)
        .where(Review.call_id == Contest.call_id, Review.dimension == Contest.dimension)
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        _of_call(
            Contest.id.label("about"),
            Contest.at.label("since"),
            giver.is_distinct_from(asked.who.id).label("yours"),
            Contest.dimension,
        )
        .join(Contest, Contest.call_id == Call.id)
        .where(
            Contest.decided_at.is_(None),
            _reviewing(asked.who, Action.CONTEST_DECIDE),
            # That a score is contested tells of it: whoever reads blind is asked for that first.
            await blind.open_to(session, asked.who, asked.settings.blind_share),
        )
    )
    query = _page(query, asked, Kind.CONTEST, Contest.at, Contest.id)
    return [_item(Kind.CONTEST, row, row.dimension) for row in await session.execute(query)]


def _awaited(who: Who) -> Exists:
    """Whether a round waits for somebody's scores."""
    return exists().where(
        CalibrationPart.calibration_id == Calibration.id,
        CalibrationPart.person_id == who.id,
        CalibrationPart.scored_at.is_(None),
        Calibration.closed_at.is_(None),
    )


async def _calibrations(session: AsyncSession, asked: Asked) -> list[Item]:
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
    return [_item(Kind.CALIBRATION, row, SETTLE if row.settle else "") for row in rows]


async def _blind(session: AsyncSession, asked: Asked) -> list[Item]:
    query = _of_call(
        Call.id.label("about"), Call.created_at.label("since"), literal(value=True).label("yours")
    ).where(
        Call.created_at > asked.since,
        Call.state == State.DONE,
        # Practice stands in the queue already, and so does a call with a round that waits for them.
        ~Call.practice,
        ~_awaited(asked.who).where(Calibration.call_id == Call.id),
        _reviewing(asked.who),
        await blind.due(session, asked.who, asked.settings.blind_share),
    )
    query = _page(query, asked, Kind.BLIND, Call.created_at, Call.id)
    return [_item(Kind.BLIND, row) for row in await session.execute(query)]


def _drafts(settings: Settings) -> Any:
    """What nobody has reviewed of a call's newest scoring: low and unsure drafts, whether most miss."""
    newest = (
        select(Scoring.id)
        .where(Scoring.call_id == Call.id)
        .order_by(Scoring.number.desc())
        .limit(1)
        .correlate(Call)
        .scalar_subquery()
    )
    reviewed = exists().where(Review.call_id == Draft.call_id, Review.dimension == Draft.dimension)
    withheld = people_only.holds(Call.team_id, Draft.dimension)
    known = literal(thresholds(settings.framework), JSONB)
    threshold = cast(func.jsonb_extract_path_text(known, Call.framework, Draft.dimension), Integer)
    free = and_(~reviewed.correlate(Draft), ~withheld.correlate(Call, Draft))
    low = and_(Draft.high < threshold, free)  # surely below: else nearly every call would wait here
    unsure = and_(Draft.high - Draft.low >= WIDE, free)
    missing = func.count().filter(Draft.value.is_(None), ~reviewed.correlate(Draft))
    return (
        select(
            func.string_agg(case((low, Draft.dimension)), " ").label("low"),
            func.string_agg(case((unsure, Draft.dimension)), " ").label("unsure"),
            (missing * 2 > func.count()).label("missing"),
        )
        .where(Draft.scoring_id == newest)
        .correlate(Call)
        .lateral("waiting")
    )


async def _looks(session: AsyncSession, asked: Asked, kind: Kind) -> list[Item]:
    waiting = _drafts(asked.settings)
    low, unsure = waiting.c.low.is_not(None), or_(waiting.c.unsure.is_not(None), waiting.c.missing)
    query = (
        _of_call(
            Call.id.label("about"),
            Call.created_at.label("since"),
            literal(value=True).label("yours"),
            waiting.c.low,
            waiting.c.unsure,
        )
        .join(waiting, true())
        .where(
            Call.created_at > asked.since,
            Call.state == State.DONE,
            ~Call.practice,
            _reviewing(asked.who),
            await blind.open_to(session, asked.who, asked.settings.blind_share),
            # A call stands here once: below a threshold says more than unsure.
            low if kind == Kind.BELOW_THRESHOLD else and_(~low, unsure),
        )
    )
    query = _page(query, asked, kind, Call.created_at, Call.id)
    rows = await session.execute(query)
    return [_item(kind, row, (row.low if kind == Kind.BELOW_THRESHOLD else row.unsure) or "") for row in rows]


async def _low(session: AsyncSession, asked: Asked) -> list[Item]:
    return await _looks(session, asked, Kind.BELOW_THRESHOLD)


async def _unsure(session: AsyncSession, asked: Asked) -> list[Item]:
    return await _looks(session, asked, Kind.LOW_CONFIDENCE)


_OF: Mapping[Kind, Callable[[AsyncSession, Asked], Awaitable[list[Item]]]] = {
    Kind.PRACTICE: _practice,
    Kind.CONTEST: _contests,
    Kind.CALIBRATION: _calibrations,
    Kind.BLIND: _blind,
    Kind.BELOW_THRESHOLD: _low,
    Kind.LOW_CONFIDENCE: _unsure,
}


async def items(session: AsyncSession, asked: Asked, kinds: Sequence[Kind]) -> dict[Kind, list[Item]]:
    """What waits by kind, oldest first, from a place on; no more of each than is asked for."""
    return {kind: await _OF[kind](session, asked) for kind in kinds}


def place(values: Sequence[str]) -> Place:
    """A place in the queue from the values of a cursor. Raises ValueError for others."""
    when = dt.datetime.fromisoformat(values[0])
    if when.tzinfo is None:
        raise ValueError(values[0])
    return when, int(values[1]), uuid.UUID(values[2])
