"""Taking a call in: recording, call, stages and job in one transaction, so that each is there or none."""

import uuid
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.auth.permissions import Who
from service.calls.details import Details
from service.calls.stages import STAGES, queue_analysis
from service.calls.store import visible
from service.calls.tables import Call, Recording, Source, Stage, StageState, State
from service.edge import Parts
from service.privacy import store as audit
from service.problems import Conflict

NO_CONSENT = "Nobody has said on what ground this call may be analysed: set its consent."


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that has come whole: a recording stored below `key`, or a transcript's words as our JSON."""

    name: str
    sha256: str
    size: int
    media_type: str
    key: str | None = None
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The call that a file became.

    `duplicate_of` is an earlier call of the same file; `made` is false when it is the answer itself.
    """

    call: Call
    duplicate_of: uuid.UUID | None
    made: bool


async def accept(
    session: AsyncSession,
    parts: Parts,
    who: Who,
    file: Taken,
    details: Details,
    *,
    source: Source,
    priority: int = jobs.INTERACTIVE,
    again: bool = False,
) -> Accepted:
    """Take a file in, unless the person's team has it as a call already; `again` makes another call of it.

    Only calls that the person may see count: nobody learns from a duplicate what others keep private. Every
    go at practice is a call of its own.
    """
    if details.practice:
        call = await take_in(session, parts, who, file, details, source=source, priority=priority)
        return Accepted(call, None, made=True)
    recording = await _recording(session, parts, file, details.team)
    if recording is None:  # a transcript: whoever sends the same at once waits here
        await hold(session, f"{details.team}/{file.sha256}")
    known = await _known(session, who, file, details.team, recording)
    if known is not None and not again:
        return Accepted(known, known.id, made=False)
    call = await take_in(session, parts, who, file, details, source=source, priority=priority)
    return Accepted(call, known.id if known else None, made=True)


async def take_in(
    session: AsyncSession,
    parts: Parts,
    who: Who,
    file: Taken,
    details: Details,
    *,
    source: Source,
    priority: int = jobs.INTERACTIVE,
    practice: bool = False,
) -> Call:
    """A new call of a file that is in storage: its row, the rows of its stages, its job, the audit entry.

    A recording that the team has already is used again. A call without consent is quarantined, without job.

    Raises:
        Conflict: the stored file has gone meanwhile.
    """
    recording = await _recording(session, parts, file, details.team)
    practice = practice or details.practice
    call = _row(who, file, details, Source.PRACTICE if practice else source, practice=practice)
    call.recording_id = recording.id if recording else None
    session.add(call)
    await session.flush()
    session.add_all(Stage(call_id=call.id, name=name, state=StageState.WAITING) for name in STAGES)
    if call.consent is not None:
        await queue_analysis(session, call, base=priority)
    audit.record(
        session, who, "call.uploaded", about=call.rep_id, call=call.id, source=call.source, practice=practice
    )
    await session.flush()
    return call


def _row(who: Who, file: Taken, details: Details, source: Source, *, practice: bool) -> Call:
    """A call as it begins; whether it may go on is seen after."""
    return Call(
        id=uuid.uuid4(),
        team_id=details.team,
        rep_id=details.rep,
        uploaded_by=who.id,
        transcript_name=file.name if file.transcript is not None else None,
        transcript=file.transcript,
        source=source if practice or file.transcript is None else Source.TRANSCRIPT,
        practice=practice,
        title=details.title or _title(file.name),
        account=details.account,
        call_type=details.call_type,
        happened_on=details.happened_on,
        consent=details.consent,
        language=details.language,
        rep_speaker=details.rep_speaker,
        framework=details.framework,
        context=details.context,
        state=State.QUARANTINED,
        reason=NO_CONSENT,
    )


def _title(name: str) -> str:
    return name.rsplit(".", 1)[0] or name


async def hold(session: AsyncSession, key: str) -> None:
    """Keep others from taking in or clearing away the file below a key until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def _recording(session: AsyncSession, parts: Parts, file: Taken, team: uuid.UUID) -> Recording | None:
    """The team's row of a recording, made where there is none; whoever sends the same at once waits here."""
    if file.key is None:
        return None
    await hold(session, file.key)
    if await parts.storage.size(file.key) != file.size:
        raise Conflict("The file went away while it was taken in; send it again.")
    await session.execute(
        insert(Recording)
        .values(
            id=uuid.uuid4(),
            team_id=team,
            sha256=file.sha256,
            size=file.size,
            name=file.name,
            media_type=file.media_type,
            key=file.key,
        )
        .on_conflict_do_nothing()
    )
    query = select(Recording).where(Recording.team_id == team, Recording.sha256 == file.sha256)
    return (await session.scalars(query)).one()


async def _known(
    session: AsyncSession, who: Who, file: Taken, team: uuid.UUID, recording: Recording | None
) -> Call | None:
    """The newest call of the same file that the person may see; practice is never meant."""
    # A token that may only upload must not make another call with every retry.
    person = replace(who, scopes=None)
    query = select(Call).where(Call.team_id == team, ~Call.practice, visible(person))
    if recording is not None:
        query = query.where(Call.recording_id == recording.id)
    else:
        # By its index; whatever the file was called, the same words are the same call.
        words = func.md5(Call.transcript) == func.md5(file.transcript)
        query = query.where(words, Call.transcript == file.transcript)
    return await session.scalar(query.order_by(Call.created_at.desc(), Call.id.desc()).limit(1))
