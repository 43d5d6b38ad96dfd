"""All queries about coaching notes."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.framework import load_framework
from service.auth.permissions import Who
from service.auth.tables import Person
from service.calls.tables import Call
from service.coaching.tables import CoachingNote, NoteVersion
from service.problems import Conflict, NotFound, Unusable

NO_NOTE = "There is no such note, or it isn't for you."


@dataclass(frozen=True, slots=True)
class Answers:
    """The three questions after a call, and when the two talk next. `skill` is a dimension or None."""

    went_well: str
    differently: str
    practise: str
    skill: str | None = None
    next_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A note as it stands: its row, the newest version, the writer's name."""

    note: CoachingNote
    newest: NoteVersion
    by: str


def check_skill(call: Call, skill: str | None) -> None:
    """Raises Unusable for a skill that the call's framework doesn't have."""
    known = [dimension.id for dimension in load_framework(call.framework).dimensions]
    if skill is not None and skill not in known:
        raise Unusable(f"skill: {skill} is no dimension of {call.framework}; it has {', '.join(known)}")


async def of_call(session: AsyncSession, call: uuid.UUID) -> Sequence[Written]:
    """The notes on a call, oldest first."""
    return await _written(session, CoachingNote.call_id == call)


async def one(session: AsyncSession, note: uuid.UUID, *, lock: bool = False) -> Written:
    """A note. Raises NotFound where there is none."""
    if lock:
        await session.scalar(select(CoachingNote).where(CoachingNote.id == note).with_for_update())
    found = await _written(session, CoachingNote.id == note)
    if not found:
        raise NotFound(NO_NOTE)
    return found[0]


async def _written(session: AsyncSession, condition: object) -> Sequence[Written]:
    newest = and_(NoteVersion.note_id == CoachingNote.id, NoteVersion.version == CoachingNote.version)
    query = (
        select(CoachingNote, NoteVersion, Person.name)
        .join(NoteVersion, newest)
        .join(Person, Person.id == CoachingNote.by_id)
        .where(condition)  # type: ignore[arg-type]  # a condition on columns
        .order_by(CoachingNote.created_at, CoachingNote.id)
        .execution_options(populate_existing=True)
    )
    return [Written(note, version, name) for note, version, name in await session.execute(query)]


async def write(session: AsyncSession, who: Who, call: Call, answers: Answers) -> Written:
    """A first note on a call.

    Raises:
        Conflict: this person has one; they edit it.
    """
    query = select(CoachingNote.id).where(CoachingNote.call_id == call.id, CoachingNote.by_id == who.id)
    if await session.scalar(query):
        raise Conflict("You have written a note on this call; edit that one.")
    note = CoachingNote(call_id=call.id, by_id=who.id, version=1)
    session.add(note)
    await session.flush()
    _add(session, note, answers)
    await session.flush()
    return await one(session, note.id)


async def edit(session: AsyncSession, note: CoachingNote, answers: Answers) -> Written:
    """Another version; the earlier ones stay."""
    note.version += 1
    _add(session, note, answers)
    await session.flush()
    return await one(session, note.id)


def _add(session: AsyncSession, note: CoachingNote, answers: Answers) -> None:
    session.add(
        NoteVersion(
            note_id=note.id,
            version=note.version,
            skill=answers.skill,
            went_well=answers.went_well.strip(),
            differently=answers.differently.strip(),
            practise=answers.practise.strip(),
            next_on=answers.next_on,
        )
    )


async def history(session: AsyncSession, note: uuid.UUID) -> Sequence[NoteVersion]:
    """Every version of a note, newest first."""
    query = select(NoteVersion).where(NoteVersion.note_id == note).order_by(NoteVersion.version.desc())
    return (await session.scalars(query)).all()
