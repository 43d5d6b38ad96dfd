"""All queries about scorings, reviews, contests and comments."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from service.agreement import people_only
from service.auth.permissions import Who
from service.auth.tables import Person
from service.calls.tables import Call, Draft, Scoring
from service.problems import Changed, Conflict, NotFound, Unusable
from service.reviews.tables import Comment, Contest, Review

NOT_SCORED = "The call has no draft yet; its analysis isn't finished."


@dataclass(frozen=True, slots=True)
class Given:
    """One score that a person gives; `value` None says that there was nothing to observe."""

    dimension: str
    value: int | None
    reason: str = ""


async def scoring(session: AsyncSession, call: uuid.UUID, number: int | None = None) -> Scoring | None:
    """A scoring of a call with its document, the newest unless numbered; None where there is none."""
    query = select(Scoring).where(Scoring.call_id == call).options(undefer(Scoring.document))
    if number is not None:
        query = query.where(Scoring.number == number)
    return await session.scalar(query.order_by(Scoring.number.desc()).limit(1))


async def speakers(session: AsyncSession, call: uuid.UUID) -> list[dict[str, Any]]:
    """Who speaks in a call, by its newest scoring: label and name. Its document, a megabyte, is not read."""
    query = select(Scoring.document["speakers"]).where(Scoring.call_id == call)
    return await session.scalar(query.order_by(Scoring.number.desc()).limit(1)) or []


async def document(session: AsyncSession, call: Call, row: Scoring) -> dict[str, Any]:
    """The document of a scoring as it may be sent: without drafts that are withheld from the team."""
    return people_only.without(row.document, await people_only.dimensions(session, call.team_id))


async def scorings(session: AsyncSession, call: uuid.UUID) -> Sequence[Scoring]:
    """Every scoring of a call, newest first, without the documents."""
    query = select(Scoring).where(Scoring.call_id == call).order_by(Scoring.number.desc())
    return (await session.scalars(query)).all()


async def drafts(session: AsyncSession, scoring: uuid.UUID) -> dict[str, Draft]:
    """The drafts of a scoring by dimension."""
    rows = await session.scalars(select(Draft).where(Draft.scoring_id == scoring))
    return {row.dimension: row for row in rows}


async def reviews(session: AsyncSession, call: uuid.UUID) -> Sequence[tuple[Review, str]]:
    """Every review of a call with its reviewer's name, oldest first."""
    query = (
        select(Review, Person.name)
        .join(Person, Person.id == Review.reviewer_id)
        .where(Review.call_id == call)
        .order_by(Review.at, Review.id)
    )
    return [(row, name) for row, name in await session.execute(query)]


def confirmed(given: Sequence[tuple[Review, str]]) -> dict[str, Review]:
    """What counts of each dimension: the newest review."""
    return {row.dimension: row for row, _ in given}


async def add_reviews(
    session: AsyncSession,
    who: Who,
    call: Call,
    read: uuid.UUID | None,
    given: Sequence[Given],
    *,
    blind: bool,
) -> list[Review]:
    """Reviews of dimensions of the newest scoring; `read` is the one that was looked at, None for whichever.

    Raises:
        Conflict: the call has not been scored.
        Unusable: a dimension isn't one of the scoring's, or comes twice; or a blind read leaves one out.
        Changed: the call has been scored anew since.
    """
    scored = await scoring(session, call.id)
    if scored is None:
        raise Conflict(NOT_SCORED)
    if read is not None and read != scored.id:
        raise Changed("The call has been scored anew since you read it; look at the new draft first.")
    found = await drafts(session, scored.id)
    names = [item.dimension for item in given]
    if odd := sorted({name for name in names if name not in found or names.count(name) > 1}):
        raise Unusable(f"{odd[0]}: give each of {', '.join(found)} once at most")
    if blind and (missing := [name for name in found if name not in names]):
        raise Unusable(f"In a blind read all dimensions are scored at once; {', '.join(missing)} is missing.")
    features = _features(scored.document)
    rows = [
        Review(
            call_id=call.id,
            scoring_id=scored.id,
            dimension=item.dimension,
            reviewer_id=who.id,
            draft=found[item.dimension].value,
            value=item.value,
            blind=blind,
            reason=item.reason.strip(),
            features=features,
        )
        for item in given
    ]
    session.add_all(rows)
    await session.flush()
    return rows


def _features(document: Mapping[str, Any]) -> dict[str, Any]:
    return dict(document.get("features") or {})


async def reviewed_reps(
    session: AsyncSession, team: uuid.UUID, shown: ColumnElement[bool]
) -> Sequence[uuid.UUID]:
    """Whom a team's reviews are about, of calls that `shown` lets through."""
    query = select(Call.rep_id).distinct().where(Call.team_id == team, Call.rep_id.is_not(None), shown)
    found = await session.scalars(query.where(exists().where(Review.call_id == Call.id)))
    return [rep for rep in found if rep is not None]


async def exported(
    session: AsyncSession, team: uuid.UUID, shown: ColumnElement[bool]
) -> AsyncIterator[dict[str, Any]]:
    """A team's reviews as training takes them, of calls that `shown` lets through; no words, no names.

    A draft that is withheld from the team is None.
    """
    withheld = await people_only.dimensions(session, team)
    query = (
        select(Review)
        .join(Call, Call.id == Review.call_id)
        .where(Call.team_id == team, shown)
        .order_by(Review.at, Review.id)
        .execution_options(yield_per=500)
    )
    async for row in await session.stream_scalars(query):
        yield {
            "call": str(row.call_id),
            "dimension": row.dimension,
            "value": row.value,
            "reviewer": str(row.reviewer_id),
            "features": row.features,
            "draft": None if row.dimension in withheld else row.draft,
            "blind": row.blind,
            "at": row.at.isoformat(),
        }


async def contest(session: AsyncSession, who: Who, call: Call, dimension: str, reason: str) -> Contest:
    """A rep's contest of a score of theirs.

    Raises:
        Conflict: nobody has confirmed a score yet (a draft is no judgment), or a contest of it is open.
    """
    if dimension not in confirmed(await reviews(session, call.id)):
        raise Conflict("Nobody has confirmed this score yet; a draft is a proposal, comment on it instead.")
    waiting = select(func.count()).where(
        Contest.call_id == call.id, Contest.dimension == dimension, Contest.decided_at.is_(None)
    )
    if await session.scalar(waiting):
        raise Conflict("This score is contested already; somebody will decide.")
    row = Contest(call_id=call.id, dimension=dimension, by_id=who.id, reason=reason.strip())
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def contests(session: AsyncSession, call: uuid.UUID) -> Sequence[Contest]:
    """Every contest of a call's scores, oldest first."""
    return (await session.scalars(select(Contest).where(Contest.call_id == call).order_by(Contest.at))).all()


async def contests_of(
    session: AsyncSession,
    condition: ColumnElement[bool],
    *,
    undecided: bool,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[Contest]:
    """Contests of scores of calls that a condition on `Call` lets through, newest first."""
    query = select(Contest).join(Call, Call.id == Contest.call_id).where(condition)
    if undecided:
        query = query.where(Contest.decided_at.is_(None))
    if after is not None:
        query = query.where(tuple_(Contest.at, Contest.id) < tuple_(*after))
    return (await session.scalars(query.order_by(Contest.at.desc(), Contest.id.desc()).limit(limit))).all()


async def contest_of(session: AsyncSession, contest: uuid.UUID) -> Contest:
    """One contest, locked. Raises NotFound where there is none."""
    row = await session.scalar(select(Contest).where(Contest.id == contest).with_for_update())
    if row is None:
        raise NotFound("There is no such contest, or it isn't for you.")
    return row


async def decide(session: AsyncSession, who: Who, row: Contest, decision: str) -> None:
    """Close a contest.

    Raises:
        Conflict: it is closed, or this person gave the score that is contested.
    """
    if row.decided_at is not None:
        raise Conflict("This contest has been decided.")
    given = confirmed(await reviews(session, row.call_id)).get(row.dimension)
    if given is not None and given.reviewer_id == who.id:
        raise Conflict("You gave the score that is contested; somebody else has to decide.")
    await session.execute(
        update(Contest)
        .where(Contest.id == row.id)
        .values(decided_by=who.id, decision=decision.strip(), decided_at=func.clock_timestamp())
    )


async def comments(session: AsyncSession, call: uuid.UUID) -> Sequence[tuple[Comment, str]]:
    """Comments on a call with their writers' names, in the order of the call; those on all of it first."""
    query = (
        select(Comment, Person.name)
        .join(Person, Person.id == Comment.by_id)
        .where(Comment.call_id == call, Comment.removed_at.is_(None))
        .order_by(Comment.seconds.nulls_first(), Comment.at)
    )
    return [(row, name) for row, name in await session.execute(query)]


async def comment(
    session: AsyncSession, who: Who, call: uuid.UUID, words: str, seconds: float | None
) -> Comment:
    """A new comment."""
    row = Comment(call_id=call, by_id=who.id, words=words, seconds=seconds)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def remove_comment(session: AsyncSession, who: Who, call: uuid.UUID, comment: uuid.UUID) -> None:
    """Take back one's own comment. Raises NotFound where there is none of theirs."""
    row = await session.get(Comment, comment)
    if row is None or row.call_id != call or row.by_id != who.id or row.removed_at is not None:
        raise NotFound("There is no such comment of yours.")
    row.removed_at = dt.datetime.now(dt.UTC)
