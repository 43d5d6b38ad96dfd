"""A coach's decision on an attempt: what it needs, what it rests on, how far people's scores are from it."""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.auth.tables import Person
from service.calls.tables import Scoring
from service.practice.tables import Attempt, Decision
from service.problems import Conflict, Unusable
from service.reviews import store as reviews


async def decide(
    session: AsyncSession, who: Who, row: Attempt, *, passed: bool, reason: str, evidence: int | None = None
) -> Decision:
    """A coach's word on a submitted attempt; needs that a person has scored every dimension with a threshold.

    Raises:
        Conflict: it isn't submitted, or a dimension has no person's score yet.
        Unusable: there is no evidence at that position.
    """
    if row.submitted_at is None:
        raise Conflict("The rep hasn't submitted this attempt.")
    if missing := [one["dimension"] for one in await standing(session, row) if not one["scored"]]:
        named = ", ".join(name.replace("_", " ") for name in missing)
        raise Conflict(f"Score {named} first: only people's scores count towards a pass.")
    newest = None
    if evidence is not None:
        newest = await _newest(session, row.call_id)
        if newest is None or await _words(session, newest, evidence) is None:
            raise Unusable("evidence: there is none at this position; take one of the newest analysis.")
    decision = Decision(
        attempt_id=row.id,
        coach_id=who.id,
        passed=passed,
        reason=reason.strip(),
        scoring_id=newest,
        evidence=evidence,
    )
    session.add(decision)
    await session.flush()
    await session.refresh(decision)
    return decision


async def _newest(session: AsyncSession, call: uuid.UUID) -> uuid.UUID | None:
    query = select(Scoring.id).where(Scoring.call_id == call).order_by(Scoring.number.desc()).limit(1)
    return await session.scalar(query)


async def _words(session: AsyncSession, scoring: uuid.UUID, position: int) -> dict[str, Any] | None:
    """A piece of evidence by its position, without reading the rest of the document."""
    query = select(Scoring.document["evidence"][position]).where(Scoring.id == scoring)
    found: dict[str, Any] | None = await session.scalar(query)
    return found


async def moment(session: AsyncSession, row: Decision) -> dict[str, Any] | None:
    """The evidence that a decision names; None where it names none."""
    if row.scoring_id is None or row.evidence is None:
        return None
    return await _words(session, row.scoring_id, row.evidence)


async def decision(session: AsyncSession, attempt: uuid.UUID) -> tuple[Decision, str] | None:
    """The newest decision about an attempt and the coach's name."""
    query = (
        select(Decision, Person.name)
        .join(Person, Person.id == Decision.coach_id)
        .where(Decision.attempt_id == attempt)
        .order_by(Decision.at.desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return (found[0], found[1]) if found else None


async def count(session: AsyncSession, attempt: uuid.UUID) -> int:
    """How many decisions there are about an attempt: the version that another one is made of."""
    query = select(func.count()).where(Decision.attempt_id == attempt)
    return int(await session.scalar(query) or 0)


async def standing(session: AsyncSession, row: Attempt) -> list[dict[str, Any]]:
    """By dimension with a threshold: whether people have scored it, what counts, how much is missing."""
    scored = reviews.confirmed(await reviews.reviews(session, row.call_id))
    found = []
    for name, threshold in row.thresholds.items():
        value = scored[name].value if name in scored else None
        found.append(
            {
                "dimension": name,
                "threshold": threshold,
                "scored": name in scored,
                "confirmed": value,
                "missing": None if value is None else max(0, threshold - value),
                "self_score": (row.self_scores or {}).get(name),
            }
        )
    return found
