"""The queries of export: calls with what the machine drafted and people gave, a batch at a time."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement import people_only
from service.auth.permissions import Action, Who
from service.auth.tables import Person, Team
from service.calls.store import visible
from service.calls.tables import Call, Draft, Scoring
from service.reviews import blind
from service.reviews.tables import Review

BATCH = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A call, its newest scoring if scores may be shown, and what the drafts and people say by dimension."""

    call: Call
    team: str
    rep: str | None
    shown: bool
    scoring: Scoring | None
    drafts: dict[str, tuple[int | None, int | None, int | None]]
    given: dict[str, tuple[int | None, str]]


async def reps(
    session: AsyncSession, who: Who, *, team: uuid.UUID | None, rep: uuid.UUID | None
) -> Sequence[uuid.UUID]:
    """Whose calls `rows` gives."""
    query = select(Call.rep_id).distinct().where(visible(who, Action.CALL_EXPORT), Call.rep_id.is_not(None))
    if team is not None:
        query = query.where(Call.team_id == team)
    if rep is not None:
        query = query.where(Call.rep_id == rep)
    return [found for found in await session.scalars(query) if found is not None]


async def rows(
    session: AsyncSession, who: Who, *, team: uuid.UUID | None, rep: uuid.UUID | None, blind_share: float
) -> AsyncIterator[Row]:
    """Every call that the person may export, newest first."""
    shown = await blind.open_to(session, who, blind_share)
    query = (
        select(Call, Team.name, Person.name, shown.label("shown"))
        .join(Team, Team.id == Call.team_id)
        .outerjoin(Person, Person.id == Call.rep_id)
        .where(visible(who, Action.CALL_EXPORT))
        .order_by(Call.created_at.desc(), Call.id.desc())
        .execution_options(yield_per=BATCH)
    )
    if team is not None:
        query = query.where(Call.team_id == team)
    if rep is not None:
        query = query.where(Call.rep_id == rep)
    result = await session.stream(query)
    async for batch in result.partitions(BATCH):
        ids = [row[0].id for row in batch if row[3]]
        scorings, drafts = await _drafts(session, ids)
        given = await _given(session, ids)
        for call, team_name, rep_name, may_show in batch:
            yield Row(
                call,
                team_name,
                rep_name,
                bool(may_show),
                scorings.get(call.id),
                drafts.get(call.id, {}),
                given.get(call.id, {}),
            )


async def _drafts(
    session: AsyncSession, ids: Sequence[uuid.UUID]
) -> tuple[dict[uuid.UUID, Scoring], dict[uuid.UUID, dict[str, tuple[int | None, int | None, int | None]]]]:
    newest = (
        select(Scoring.call_id, func.max(Scoring.number).label("number"))
        .where(Scoring.call_id.in_(ids))
        .group_by(Scoring.call_id)
        .subquery()
    )
    query = (
        select(Scoring, Draft, people_only.holds(Call.team_id, Draft.dimension))
        .join(Call, Call.id == Scoring.call_id)
        .join(newest, (newest.c.call_id == Scoring.call_id) & (newest.c.number == Scoring.number))
        .join(Draft, Draft.scoring_id == Scoring.id)
    )
    scorings: dict[uuid.UUID, Scoring] = {}
    drafts: dict[uuid.UUID, dict[str, tuple[int | None, int | None, int | None]]] = {}
    for scoring, draft, withheld in await session.execute(query):
        scorings[scoring.call_id] = scoring
        shown = (None, None, None) if withheld else (draft.value, draft.low, draft.high)
        drafts.setdefault(scoring.call_id, {})[draft.dimension] = shown
    return scorings, drafts


async def _given(
    session: AsyncSession, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[str, tuple[int | None, str]]]:
    query = (
        select(Review.call_id, Review.dimension, Review.value, Person.name)
        .join(Person, Person.id == Review.reviewer_id)
        .where(Review.call_id.in_(ids))
        .order_by(Review.at, Review.id)
    )
    found: dict[uuid.UUID, dict[str, tuple[int | None, str]]] = {}
    for call, dimension, value, name in await session.execute(query):
        found.setdefault(call, {})[dimension] = (value, name)  # the newest, because it comes last
    return found
