"""All queries about what a person may take away, and about what their own calls' list tells."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement import people_only
from service.auth.tables import Membership, Person, Team
from service.calls.tables import Call, Recording, Scoring, TranscriptRevision
from service.coaching.tables import CoachingNote, NoteVersion
from service.notice.tables import Acknowledgement
from service.practice.tables import Attempt, Decision, Scenario, Shared
from service.privacy.tables import Entry
from service.reviews.tables import Comment, Contest, Review


@dataclass(frozen=True, slots=True)
class Standing:
    """What people made of a call: the newest score by dimension, and how many contests of it are open."""

    scores: dict[str, int | None]
    contested: int


async def standings(session: AsyncSession, calls: Sequence[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """By call; those that nobody has scored are left out."""
    newest = (
        select(Review.call_id, Review.dimension, Review.value)
        .where(Review.call_id.in_(calls))
        .ext(distinct_on(Review.call_id, Review.dimension))
        .order_by(Review.call_id, Review.dimension, Review.at.desc(), Review.id.desc())
    )
    scores: dict[uuid.UUID, dict[str, int | None]] = {}
    for call, dimension, value in await session.execute(newest):
        scores.setdefault(call, {})[dimension] = value
    waiting = select(Contest.call_id, func.count()).where(
        Contest.call_id.in_(calls), Contest.decided_at.is_(None)
    )
    open_ = {row[0]: row[1] for row in await session.execute(waiting.group_by(Contest.call_id))}
    return {call: Standing(found, open_.get(call, 0)) for call, found in scores.items()}


def _row(table: Any, row: Any, *without: str) -> dict[str, Any]:
    columns: Table = table.__table__
    return {one.key: getattr(row, one.key) for one in columns.columns if one.key not in without}


async def _rows(
    session: AsyncSession, table: Any, where: ColumnElement[bool], *without: str
) -> list[dict[str, Any]]:
    columns = [getattr(table, one.key) for one in table.__table__.columns if one.key not in without]
    found = await session.execute(select(*columns).where(where).order_by(literal_column("1")))
    return [dict(row._mapping) for row in found]


async def person(session: AsyncSession, who: uuid.UUID) -> dict[str, Any]:
    """The account: what is stored of a person, without what signs them in."""
    row = await session.get_one(Person, who)
    parts = await session.execute(
        select(Team.name, Membership.role)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id == who)
    )
    return {
        **_row(Person, row, "password_hash"),
        "parts": [{"team": team, "role": role} for team, role in parts],
    }


async def log(session: AsyncSession, who: uuid.UUID) -> list[dict[str, Any]]:
    """The audit log about a person."""
    return await _rows(session, Entry, Entry.about_id == who)


async def written(session: AsyncSession, who: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """What a person wrote: reviews, comments, decisions, scenarios, and which notices they have read."""
    return {
        "reviews": await _rows(session, Review, Review.reviewer_id == who, "features"),
        "comments": await _rows(session, Comment, Comment.by_id == who),
        "decisions": await _rows(session, Decision, Decision.coach_id == who),
        "notes": await _notes(session, CoachingNote.by_id == who),
        "contests_decided": await _rows(session, Contest, Contest.decided_by == who),
        "acknowledgements": await _rows(session, Acknowledgement, Acknowledgement.person_id == who),
        "scenarios": await _rows(session, Scenario, Scenario.made_by == who),
    }


async def calls(session: AsyncSession, who: uuid.UUID) -> Sequence[Call]:
    """A person's calls and practice, oldest first."""
    return (
        await session.scalars(select(Call).where(Call.rep_id == who).order_by(Call.created_at, Call.id))
    ).all()


async def of_call(session: AsyncSession, call: Call, *, scored: bool) -> dict[str, Any]:
    """Everything about a call; without what the machine says of it unless `scored`."""
    withheld = await people_only.dimensions(session, call.team_id)
    attempts = await _rows(session, Attempt, Attempt.call_id == call.id)
    decisions = Decision.attempt_id.in_([one["id"] for one in attempts])
    comments = (Comment.call_id == call.id) & Comment.removed_at.is_(None)
    reviews = await _rows(session, Review, Review.call_id == call.id, "features")
    return {
        "call": _row(Call, call, "job_id"),
        "transcripts": await _rows(session, TranscriptRevision, TranscriptRevision.call_id == call.id),
        "scorings": await _scorings(session, call.id, withheld, scored=scored),
        "reviews": [{**one, "draft": None} if one["dimension"] in withheld else one for one in reviews],
        "contests": await _rows(session, Contest, Contest.call_id == call.id),
        "comments": await _rows(session, Comment, comments),
        "notes": await _notes(session, CoachingNote.call_id == call.id),
        "attempts": attempts,
        "decisions": await _rows(session, Decision, decisions),
        "shared": await _rows(session, Shared, Shared.call_id == call.id),
    }


async def _scorings(
    session: AsyncSession, call: uuid.UUID, withheld: frozenset[str], *, scored: bool
) -> list[dict[str, Any]]:
    kept = ("id", "number", "made_at", "revision", "framework", "framework_version", "model_version")
    columns = [getattr(Scoring, name) for name in (*kept, *(("document",) if scored else ()))]
    rows = await session.execute(select(*columns).where(Scoring.call_id == call).order_by(Scoring.number))
    found = [dict(row._mapping) for row in rows]
    for one in found if scored else ():
        one["document"] = people_only.without(one["document"], withheld)
    return found


async def _notes(session: AsyncSession, where: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Coaching notes with every version of theirs."""
    query = (
        select(CoachingNote.call_id, CoachingNote.by_id, *NoteVersion.__table__.columns)
        .join(CoachingNote, CoachingNote.id == NoteVersion.note_id)
        .where(where)
        .order_by(NoteVersion.note_id, NoteVersion.version)
    )
    return [dict(row._mapping) for row in await session.execute(query)]


async def recording(session: AsyncSession, call: Call) -> Recording | None:
    """The file of a call; None where it came as a transcript, or its sound is deleted."""
    return await session.get(Recording, call.recording_id) if call.recording_id else None
