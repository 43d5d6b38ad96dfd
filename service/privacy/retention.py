"""What is deleted by age: sound, whole calls, entries of the audit log; nothing unless the settings say so.

Age counts from the day a call came in, by the database's clock. Calls on hold and calls that are being
analysed are left alone. Each call goes in a transaction of its own, so that a stop in between loses nothing.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Date, and_, cast, delete, exists, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.administration import store as administration
from service.calls.listing import removed, without_sound
from service.calls.sweeping import discard
from service.calls.tables import Call, Scoring, State
from service.edge import Parts
from service.privacy.store import record
from service.privacy.tables import Entry, Hold, KeptReview
from service.reviews import blind
from service.reviews.tables import Review
from service.settings import Settings

LOCK = 0x51DEA14  # one process at a time
AT_ONCE = 200  # calls that are looked up at a time
_BUSY = (State.QUEUED, State.RUNNING)
_BEFORE = "select set_config('ridealong.audit_before', :before, true)"


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much went: recordings, whole calls, entries of the audit log."""

    recordings: int = 0
    calls: int = 0
    entries: int = 0


def due_sound(days: int, *, ahead: int = 0) -> ColumnElement[bool]:
    """The condition on `Call` that its sound is to go, today or so many days ahead."""
    return and_(Call.recording_id.is_not(None), _due(days, ahead))


def due_whole(days: int, *, ahead: int = 0) -> ColumnElement[bool]:
    """The condition on `Call` that all of it is to go, today or so many days ahead."""
    return _due(days, ahead)


def _due(days: int, ahead: int) -> ColumnElement[bool]:
    age = func.make_interval(0, 0, 0, max(days - ahead, 0))
    held = exists().where(Hold.call_id == Call.id).correlate(Call)
    return and_(Call.created_at < func.now() - age, Call.state.not_in(_BUSY), ~held)


def counted() -> ColumnElement[bool]:
    """The condition on `Call` that others than its rep may know that it is there."""
    return or_(~Call.practice, Call.submitted_at.is_not(None))


async def apply(parts: Parts) -> Deleted:
    """Delete what is due; safe to run at any time and in several processes."""
    async with parts.database.transaction() as guard:
        if not await guard.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return Deleted()
        settings = await administration.effective(guard, parts.settings)
        calls = recordings = entries = 0
        if settings.keep_transcripts_days:
            calls = await _each(parts, due_whole(settings.keep_transcripts_days), settings, whole=True)
        if settings.keep_recordings_days:
            recordings = await _each(parts, due_sound(settings.keep_recordings_days), settings, whole=False)
        if settings.keep_audit_days:
            entries = await _entries(parts, settings.keep_audit_days)
    return Deleted(recordings, calls, entries)


async def _each(parts: Parts, due: ColumnElement[bool], settings: Settings, *, whole: bool) -> int:
    gone = 0
    after: tuple[dt.datetime, uuid.UUID] | None = None
    while True:
        async with parts.database.transaction() as session:
            rows = await _some(session, due, after)
        for _, call in rows:
            gone += await _one(parts, call, due, settings, whole=whole)
        if len(rows) < AT_ONCE:
            return gone
        after = rows[-1]


async def _some(
    session: AsyncSession, due: ColumnElement[bool], after: tuple[dt.datetime, uuid.UUID] | None
) -> Sequence[tuple[dt.datetime, uuid.UUID]]:
    query = select(Call.created_at, Call.id).where(due).order_by(Call.created_at, Call.id).limit(AT_ONCE)
    if after is not None:
        query = query.where(func.row(Call.created_at, Call.id) > func.row(*map(literal, after)))
    return [(made, call) for made, call in await session.execute(query)]


async def _one(
    parts: Parts, call_id: uuid.UUID, due: ColumnElement[bool], settings: Settings, *, whole: bool
) -> bool:
    """Delete a call or its sound, if that is still due; whether it was."""
    async with parts.database.transaction() as session:
        call = await session.scalar(select(Call).where(Call.id == call_id, due).with_for_update(of=Call))
        if call is None:
            return False
        days = settings.keep_transcripts_days if whole else settings.keep_recordings_days
        action = "call.deleted_by_age" if whole else "call.sound_deleted_by_age"
        record(session, None, action, about=call.rep_id, call=call.id, days=days)
        if whole and settings.keep_numbers:
            await keep_numbers(session, call)
        key = await (removed(session, call) if whole else without_sound(session, call))
    if key is not None:
        await discard(parts, key)
    return True


async def keep_numbers(session: AsyncSession, call: Call) -> None:
    """Copy the numbers of a call's reviews to where they outlive it; names and ids don't come with them."""
    rater = func.md5(func.concat(literal(await blind.seed(session)), ":", Review.reviewer_id))
    numbers = (
        select(
            func.gen_random_uuid(),
            literal(call.team_id),
            literal(uuid.uuid4()),
            cast(rater, KeptReview.rater.type),
            Scoring.framework,
            Scoring.framework_version,
            Review.dimension,
            Review.draft,
            Review.value,
            Review.blind,
            Review.features,
            cast(Review.at, Date),
        )
        .join(Scoring, Scoring.id == Review.scoring_id)
        .where(Review.call_id == call.id)
    )
    names = ["id", "team_id", "call", "rater", "framework", "framework_version", "dimension", "draft"]
    columns = [*names, "value", "blind", "features", "day"]
    await session.execute(insert(KeptReview).from_select(columns, numbers, include_defaults=False))


async def _entries(parts: Parts, days: int) -> int:
    """Delete old entries of the audit log, but for those about calls on hold."""
    async with parts.database.transaction() as session:
        before = await session.scalar(select(func.now() - func.make_interval(0, 0, 0, days)))
        assert before is not None  # noqa: S101 - for mypy: a clock answers
        await session.execute(text(_BEFORE).bindparams(before=before.isoformat()))
        held = exists().where(Hold.call_id == Entry.call_id)
        found = await session.execute(delete(Entry).where(Entry.at < before, ~held))
        gone = int(found.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it
        if gone:
            record(session, None, "audit.deleted_by_age", days=days, entries=gone)
    return gone


async def waiting(session: AsyncSession, settings: Settings, ahead: int) -> dict[str, int]:
    """How many calls lose their sound and how many go whole within so many days; those on hold beside.

    Practice that isn't submitted is not in any of the numbers.
    """

    async def count(condition: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(Call).where(counted(), condition)
        return int(await session.scalar(query) or 0)

    sound, whole = settings.keep_recordings_days, settings.keep_transcripts_days
    return {
        "recordings": await count(due_sound(sound, ahead=ahead)) if sound else 0,
        "calls": await count(due_whole(whole, ahead=ahead)) if whole else 0,
        "on_hold": await count(exists().where(Hold.call_id == Call.id).correlate(Call)),
    }
