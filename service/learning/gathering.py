"""Which reviews are learned from: each person's newest on each dimension of a call that is still there."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, distinct, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement.tables import PeopleOnly
from service.calls.tables import Call
from service.coaching.tables import CalibrationSettled
from service.learning.tables import LearningRun, RunState
from service.reviews.tables import Review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A person's score as training needs it: no words, no names; `reviewer` is a pseudonym.

    `draft` is what the person saw, None where it abstained or was withheld. `settled` is what a calibration
    round came to, after everybody in it had scored without the draft.
    """

    call: str
    team: str
    dimension: str
    value: int | None
    draft: int | None
    reviewer: str
    blind: bool
    settled: bool
    features: Mapping[str, float | None]


def _open() -> ColumnElement[bool]:
    """Calls whose reviews are anybody's business: practice only once it is handed in."""
    return or_(~Call.practice, Call.submitted_at.is_not(None))


async def reviewed(session: AsyncSession, framework: str) -> list[Reviewed]:
    """The reviews of a framework's calls, oldest first. Reviews of deleted calls went with them."""
    withheld = exists().where(
        PeopleOnly.team_id == Call.team_id,
        PeopleOnly.dimension == Review.dimension,
        PeopleOnly.since <= Review.at,
        or_(PeopleOnly.ended_at.is_(None), PeopleOnly.ended_at > Review.at),
    )
    settled = exists().where(CalibrationSettled.review_id == Review.id)
    query = (
        select(Review, Call.team_id, withheld, settled)
        .join(Call, Call.id == Review.call_id)
        .where(Call.framework == framework, _open())
        .order_by(Review.at, Review.id)
    )
    newest: dict[tuple[uuid.UUID, str, uuid.UUID], Reviewed] = {}
    names: dict[uuid.UUID, str] = {}
    for row, team, hidden, agreed in await session.execute(query):
        name = names.setdefault(row.reviewer_id, f"reviewer {len(names) + 1}")
        newest[row.call_id, row.dimension, row.reviewer_id] = Reviewed(
            call=str(row.call_id),
            team=str(team),
            dimension=row.dimension,
            value=row.value,
            draft=None if hidden else row.draft,
            reviewer=name,
            blind=row.blind,
            settled=agreed,
            features=row.features,
        )
    return list(newest.values())


def by_team(found: Sequence[Reviewed]) -> dict[str, int]:
    """How many reviewed calls of each team."""
    return dict(Counter(team for team, _ in {(one.team, one.call) for one in found}))


async def reviewed_since_last(
    session: AsyncSession, framework: str, teams: frozenset[uuid.UUID] | None = None
) -> int:
    """How many calls (of these teams) were reviewed since the last run that went through began."""
    last = (
        select(func.max(LearningRun.created_at))
        .where(LearningRun.framework == framework, LearningRun.state == RunState.DONE)
        .scalar_subquery()
    )
    query = (
        select(func.count(distinct(Review.call_id)))
        .join(Call, Call.id == Review.call_id)
        .where(Call.framework == framework, _open(), or_(last.is_(None), Review.at > last))
    )
    if teams is not None:
        query = query.where(Call.team_id.in_(teams))
    return int(await session.scalar(query) or 0)
