"""Queries for the list of calls and for one call with all that belongs to it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from service.auth.permissions import Who
from service.auth.tables import Person
from service.calls.ingest import hold
from service.calls.stages import STAGES, drop_waiting
from service.calls.store import touch, visible
from service.calls.tables import Call, Recording, Stage, State
from service.calls.views import CallPage, CallView, row_of, view_of
from service.edge import cursor
from service.privacy import store as audit
from service.problems import Conflict

GRAM = 3  # letters that the index of names takes at a time
# To the letter as the index of the migration has it: parameters would keep the index from being used.
_GRAMS: ColumnElement[Any] = literal_column(
    "trigrams(coalesce(call.title, '') || E'\\n' || coalesce(call.account, ''))"
)
ON_HOLD = "This call is on legal hold and can't be deleted; a manager of the team lifts the hold."


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls are asked for; None asks for any. Days are those of the calls, else of their coming."""

    team: uuid.UUID | None = None
    rep: uuid.UUID | None = None
    state: State | None = None
    call_type: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    practice: bool | None = None
    text: str | None = None


async def page(
    session: AsyncSession,
    who: Who,
    filters: Filters,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
    *conditions: ColumnElement[bool],
) -> CallPage:
    """Calls that a person may see, newest first, from after a place on; `conditions` on `Call` hold, too."""
    # A list shows no transcripts, and they may be long.
    rows_of = select(Call, Person).outerjoin(Person, Person.id == Call.rep_id)
    query = _filtered(rows_of.options(defer(Call.transcript, raiseload=True)), filters)
    query = (
        query.where(visible(who), *conditions)
        .order_by(Call.created_at.desc(), Call.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(Call.created_at, Call.id) < tuple_(*after))
    rows = (await session.execute(query)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return CallPage(
        items=[row_of(call, rep) for call, rep in rows[:limit]],
        next=cursor(last.created_at.isoformat(), last.id) if last else None,
    )


def _filtered(query: Select[Call, Person], filters: Filters) -> Select[Call, Person]:
    for column, value in (
        (Call.team_id, filters.team),
        (Call.rep_id, filters.rep),
        (Call.state, filters.state),
        (Call.call_type, filters.call_type),
        (Call.practice, filters.practice),
    ):
        if value is not None:
            query = query.where(column == value)
    day = func.coalesce(Call.happened_on, cast(func.timezone("UTC", Call.created_at), Date))
    if filters.since is not None:
        query = query.where(day >= filters.since)
    if filters.until is not None:
        query = query.where(day <= filters.until)
    if filters.text:
        query = query.where(named(filters.text))
    return query


def named(part: str) -> ColumnElement[bool]:
    """The condition that title or account have this in them, whatever their case; by index from `GRAM` on."""
    found = or_(Call.title.icontains(part, autoescape=True), Call.account.icontains(part, autoescape=True))
    if len(part) < GRAM:
        return found
    return and_(_GRAMS.op("@>")(func.trigrams(part)), found)


async def shown(session: AsyncSession, call: Call) -> CallView:
    """A call with its people, file and stages."""
    await session.flush()
    await session.refresh(call)
    people = await _people(session, [call.uploaded_by, *([call.rep_id] if call.rep_id else [])])
    recording = await session.get(Recording, call.recording_id) if call.recording_id else None
    stages = await session.scalars(select(Stage).where(Stage.call_id == call.id))
    order = sorted(stages, key=lambda stage: STAGES.index(stage.name))
    return view_of(
        call,
        rep=people.get(call.rep_id) if call.rep_id else None,
        uploader=people[call.uploaded_by],
        recording=recording,
        stages=order,
    )


async def _people(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Person]:
    found = await session.scalars(select(Person).where(Person.id.in_(set(ids))))
    return {person.id: person for person in found}


async def removed(session: AsyncSession, call: Call) -> str | None:
    """Take a call and all that hangs on it out of the database.

    The answer is the storage key that no other call uses any more, None where one does or it had none.

    Raises:
        Conflict: the call is on hold.
    """
    if await audit.hold_of(session, call.id) is not None:
        raise Conflict(ON_HOLD)
    await drop_waiting(session, call.id)
    recording = call.recording_id
    await session.delete(call)
    await session.flush()
    return await _unused(session, recording)


async def without_sound(session: AsyncSession, call: Call) -> str | None:
    """Take a call's recording from it; the storage key that no other call uses any more, as in `removed`."""
    recording, call.recording_id = call.recording_id, None
    call.sound_deleted_at = func.now()
    touch(call)
    await session.flush()
    return await _unused(session, recording)


async def _unused(session: AsyncSession, recording: uuid.UUID | None) -> str | None:
    """Take a recording's row out unless a call has it; its key then."""
    if recording is None:
        return None
    row = await session.get_one(Recording, recording)
    await hold(session, row.key)  # whoever takes the same file in waits, or is seen below
    still = await session.scalar(select(Call.id).where(Call.recording_id == recording).limit(1))
    if still is not None:
        return None
    await session.delete(row)
    return row.key


async def has_recording(session: AsyncSession, key: str) -> bool:
    """Whether a row speaks of the file below a storage key."""
    return await session.scalar(select(Recording.id).where(Recording.key == key).limit(1)) is not None
