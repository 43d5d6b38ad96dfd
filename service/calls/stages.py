"""The stages of a call's analysis as the database keeps them: what is next, begun, done or stale.

A worker that begins a stage gets a ticket: the moment it began. Everything it writes later is refused once
somebody else has begun the stage, or the call was cancelled, edited or deleted, so that a worker that was
taken for dead does no harm.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import procrastinate
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from service import jobs
from service.calls.tables import Call, Recording, Stage, StageState, State
from service.webhooks.store import emit

STAGES = ("decode", "recognise", "diarise", "annotate", "score")
"""In the order they run; each depends on all before it."""
OF_SOUND = STAGES[:3]
"""Those that need the recording; the others work on the transcript."""
NO_SOUND = "The sound of this call was deleted, as retention here has it; its transcript can still be scored."
ALIVE = (State.QUEUED, State.RUNNING)
# Jobs that are written in a session's transaction need no connection of the queue's own.
_ON_PAPER = procrastinate.App(connector=procrastinate.PsycopgConnector())


class StageLost(Exception):
    """The stage is no longer this worker's to do: cancelled, stale, deleted, or begun by another."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to do a stage of a call. `attempt` counts from 1."""

    call_id: uuid.UUID
    stage: str
    began: dt.datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a finished stage leaves behind: its result, the version that made it, what it cost in seconds."""

    result: dict[str, Any]
    version: str
    clock_seconds: float
    processor_seconds: float


def from_stage(name: str) -> tuple[str, ...]:
    """A stage and all that depend on it; KeyError for an unknown one."""
    if name not in STAGES:
        raise KeyError(name)
    return STAGES[STAGES.index(name) :]


async def of_call(session: AsyncSession, call_id: uuid.UUID, *, results: bool = False) -> dict[str, Stage]:
    """The stages of a call by name, in their order; those that have no row yet get one."""
    query = select(Stage).where(Stage.call_id == call_id).with_for_update()
    if results:
        query = query.options(undefer(Stage.result))
    found = {stage.name: stage for stage in await session.scalars(query)}
    for name in STAGES:
        if name not in found:
            found[name] = Stage(call_id=call_id, name=name, state=StageState.WAITING, attempts=0, share=0.0)
            session.add(found[name])
    return {name: found[name] for name in STAGES}


async def states(session: AsyncSession, call_id: uuid.UUID) -> dict[str, str]:
    """The state of each stage of a call; waiting where there is no row yet."""
    rows = await session.execute(select(Stage.name, Stage.state).where(Stage.call_id == call_id))
    found = dict.fromkeys(STAGES, StageState.WAITING.value)
    for name, state in rows:
        found[name] = state
    return found


async def locked(session: AsyncSession, call_id: uuid.UUID) -> Call | None:
    """A call that nobody else changes until the transaction ends; None when it is gone."""
    query = select(Call).where(Call.id == call_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def recording_of(session: AsyncSession, call_id: uuid.UUID) -> Recording | None:
    """The recording of a call; None when either is gone."""
    query = select(Recording).join(Call, Call.recording_id == Recording.id).where(Call.id == call_id)
    return await session.scalar(query)


async def queue_analysis(session: AsyncSession, call: Call, *, base: int = jobs.INTERACTIVE) -> None:
    """Have a call's unfinished stages done, as part of the session's transaction."""
    priority = await jobs.fair_priority(session, call.uploaded_by, base)
    call.state, call.reason = State.QUEUED, None
    await drop_waiting(session, call.id)
    call.job_id = await jobs.enqueue(
        session, _ON_PAPER, jobs.ANALYSE, priority=priority, lock=str(call.id), call_id=str(call.id)
    )


async def drop_waiting(session: AsyncSession, call_id: uuid.UUID) -> None:
    """Take a call's waiting jobs out of the queue: one that waits for a later try would hold up a new one."""
    await session.execute(
        text("delete from procrastinate_jobs where lock = :call and status = 'todo'").bindparams(
            call=str(call_id)
        )
    )


async def mark_stale(
    session: AsyncSession,
    call: Call,
    first_stage: str,
    *,
    run: bool = False,
    base: int = jobs.INTERACTIVE,
) -> None:
    """What a stage and those after it made is out of date; have it made again, unless the call may not run.

    A call that is quarantined or cancelled stays so, except that `run` wakes a cancelled one. A worker that
    is on an earlier stage goes on, and comes to these in their turn. `base` is the job's priority.
    """
    await locked(session, call.id)
    stages = await of_call(session, call.id)
    if call.sound_deleted_at is not None and first_stage in OF_SOUND:
        first_stage = STAGES[len(OF_SOUND)]
    for name in from_stage(first_stage):
        stage = stages[name]
        stage.state = StageState.WAITING if stage.finished_at is None else StageState.STALE
        stage.share, stage.attempts, stage.error, stage.started_at = 0.0, 0, None, None
    if call.state in (State.DONE, State.FAILED) or (run and call.state in (State.CANCELLED, State.QUEUED)):
        for stage in stages.values():
            if stage.state == StageState.FAILED:
                stage.state, stage.attempts, stage.error = StageState.WAITING, 0, None
        await queue_analysis(session, call, base=base)


async def try_again(session: AsyncSession, call: Call) -> None:
    """Take up a failed or cancelled call where it stopped, with all its tries before it again."""
    for stage in (await of_call(session, call.id)).values():
        if stage.state != StageState.DONE:
            stage.state = StageState.WAITING if stage.finished_at is None else StageState.STALE
            stage.attempts, stage.error = 0, None
    await queue_analysis(session, call)


async def cancel(session: AsyncSession, call: Call) -> None:
    """Stop a call's analysis; a worker that is on it notices within seconds."""
    for stage in (await of_call(session, call.id)).values():
        if stage.state == StageState.RUNNING:
            stage.state, stage.share, stage.started_at = StageState.WAITING, 0.0, None
    await drop_waiting(session, call.id)
    call.state, call.reason = State.CANCELLED, None


async def begin(
    session: AsyncSession, call_id: uuid.UUID, job_id: int, *, attempts: int, taking_over: bool
) -> Ticket | None:
    """Begin the first unfinished stage of a call; None when there is nothing (more) for this worker to do.

    Args:
        session: of a transaction of its own.
        call_id: the call.
        job_id: the job that works on it.
        attempts: how often a stage may begin without ending before the call is set aside.
        taking_over: whether a stage that seems to be running belongs to a worker that is gone.
    """
    call = await locked(session, call_id)
    if call is None or call.state not in ALIVE:
        return None
    stages = await of_call(session, call_id)
    stage = next((stage for stage in stages.values() if stage.state != StageState.DONE), None)
    if stage is None:
        call.state, call.reason = State.DONE, None
        return None
    if stage.state == StageState.RUNNING and not taking_over:
        return None
    if stage.name in OF_SOUND and call.sound_deleted_at is not None:
        await _set_aside(session, call, stage, NO_SOUND)
        return None
    if stage.attempts >= attempts:
        reason = stage.error or (
            f"The worker was stopped {stage.attempts} times in this stage without a word; "
            "see whether the machine has memory to spare, then try again."
        )
        await _set_aside(session, call, stage, reason)
        return None
    began = await session.scalar(select(func.clock_timestamp()))
    assert began is not None  # noqa: S101 - for mypy: a clock answers
    stage.state, stage.share, stage.started_at = StageState.RUNNING, 0.0, began
    stage.attempts += 1
    call.state, call.reason, call.job_id = State.RUNNING, None, job_id
    return Ticket(call_id, stage.name, began, stage.attempts)


async def tell(session: AsyncSession, ticket: Ticket, share: float) -> bool:
    """Write how far a stage is; False when it is no longer the ticket's."""
    changed = await session.execute(
        update(Stage)
        .where(*_mine(ticket), Call.id == Stage.call_id, Call.state == State.RUNNING)
        .values(share=min(max(share, 0.0), 1.0))
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


async def hold(session: AsyncSession, ticket: Ticket) -> tuple[Call, Stage]:
    """The call and the stage of a ticket, kept from others until the transaction ends.

    Raises:
        StageLost: it is no longer the ticket's.
    """
    call = await locked(session, ticket.call_id)
    stage = await session.scalar(select(Stage).where(*_mine(ticket)).with_for_update())
    if call is None or stage is None or call.state != State.RUNNING:
        raise StageLost
    return call, stage


async def finish(session: AsyncSession, ticket: Ticket, done: Done) -> None:
    """Store what a stage made; with the last one the call is done, in the same transaction.

    Raises:
        StageLost: the stage is no longer the ticket's, and nothing of it is stored.
    """
    call, stage = await hold(session, ticket)
    stage.state, stage.share, stage.error = StageState.DONE, 1.0, None
    stage.result, stage.version, stage.finished_at = done.result, done.version, func.clock_timestamp()
    stage.clock_seconds, stage.processor_seconds = done.clock_seconds, done.processor_seconds
    stage.attempts = 0
    stages = await of_call(session, ticket.call_id)
    if all(one.state == StageState.DONE for one in stages.values()):
        call.state, call.reason = State.DONE, None
        await _tell_team(session, call, "call.analysed")


async def fail(session: AsyncSession, ticket: Ticket, reason: str) -> None:
    """Set a call aside with the reason, for a person to decide; raises StageLost as `finish` does."""
    call, stage = await hold(session, ticket)
    await _set_aside(session, call, stage, reason)


async def put_back(session: AsyncSession, ticket: Ticket, *, fault: str | None) -> None:
    """Leave a stage to a later run: after a fault, or because the worker stops (which counts as no attempt).

    Raises:
        StageLost: as in `finish`.
    """
    call, stage = await hold(session, ticket)
    stage.state = StageState.WAITING if stage.finished_at is None else StageState.STALE
    stage.share, stage.started_at, stage.error = 0.0, None, fault
    stage.attempts = ticket.attempt if fault else ticket.attempt - 1
    call.state = State.QUEUED


async def _set_aside(session: AsyncSession, call: Call, stage: Stage, reason: str) -> None:
    stage.state, stage.error, stage.share = StageState.FAILED, reason, 0.0
    call.state, call.reason = State.FAILED, reason
    await _tell_team(session, call, "call.failed")


async def _tell_team(session: AsyncSession, call: Call, event: str) -> None:
    """Practice is nobody's business before it is submitted."""
    if not call.practice:
        await emit(session, _ON_PAPER, call.team_id, event, call=call.id)


def _mine(ticket: Ticket) -> tuple[Any, ...]:
    return (
        Stage.call_id == ticket.call_id,
        Stage.name == ticket.stage,
        Stage.state == StageState.RUNNING,
        Stage.started_at == ticket.began,
    )
