"""Do a run: gather reviews, learn, store what came of it. For workers and the command line only."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from service.administration import store as administration
from service.database import Database
from service.learning import store
from service.learning.gathering import Reviewed, by_team, reviewed
from service.learning.in_use import in_use, text_in_use
from service.learning.making import Made
from service.learning.tables import LearningRun, RunState, Weights
from service.privacy.store import record
from service.settings import Settings

_LOCK = 0x51DEA15  # held by who works on a run: a dead process lets go of it by itself
Learning = Callable[[str | None, list[Reviewed]], Awaitable[Made]]
"""Learns against the text of the weights in use (None: the shipped ones)."""


class UnderWay(CallError):
    """Somebody works on this framework's run."""


class Interrupted(Exception):
    """Whoever worked on a run stops; it waits for another."""


async def perform(
    database: Database, settings: Settings, run_id: uuid.UUID, learning: Learning
) -> Made | None:
    """Do a run that waits, or whose worker died; None if it is over.

    Raises:
        UnderWay: another process is on it.
        Interrupted: as `learning` did; the run waits again.
        CallError: it can't be done; the reason is stored with the run.
    """
    async with _alone(database):
        async with database.transaction() as session:
            run = await session.get(LearningRun, run_id, with_for_update=True)
            if run is None or run.state in (RunState.DONE, RunState.FAILED):
                return None
            framework = run.framework
            await store.set_state(session, run_id, RunState.RUNNING)
            given = await reviewed(session, framework)
            before = await in_use(session, framework)
            text = await text_in_use(session, framework)
        try:
            made = await learning(text, given)
        except BaseException as error:
            await _give_up(database, run_id, error)
            raise
        async with database.transaction() as session:
            await _keep(session, run_id, given, made)
            now = await administration.effective(session, settings)
            if made.version and now.learning_auto:
                await store.lock_use(session)
                # What somebody chose meanwhile is theirs to decide on.
                if (await in_use(session, framework)).number == before.number:
                    await store.put_in_use(session, framework, made.version, None)
    return made


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    """Raises UnderWay where another process works on a run."""
    async with database.transaction() as holder:
        if not await holder.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
            raise UnderWay("A run is under way; wait until it is done, its outcome is on the page Learning.")
        yield


async def _give_up(database: Database, run_id: uuid.UUID, error: BaseException) -> None:
    """Let the run wait again, or say why it failed."""
    async with database.transaction() as session:
        if not isinstance(error, Exception) or isinstance(error, Interrupted):
            await store.set_state(session, run_id, RunState.WAITING)
        else:
            told = (
                str(error)
                if isinstance(error, CallError)
                else f"A fault in Ridealong ({type(error).__name__})."
            )
            await store.set_state(session, run_id, RunState.FAILED, told)


async def _keep(session: AsyncSession, run_id: uuid.UUID, given: list[Reviewed], made: Made) -> None:
    run = await session.get(LearningRun, run_id, with_for_update=True, populate_existing=True)
    assert run is not None  # noqa: S101 - runs are never deleted
    run.reviews, run.calls = len(given), len({one.call for one in given})
    run.reviewers, run.teams = len({one.reviewer for one in given}), by_team(given)
    run.data_hash, run.against = made.data_hash, made.against
    run.figures, run.report = made.figures, made.report
    run.state, run.finished_at = RunState.DONE, await session.scalar(select(func.clock_timestamp()))
    known = made.version is not None and await session.scalar(
        select(Weights.id).where(Weights.framework == run.framework, Weights.version == made.version)
    )
    if made.text is not None and made.version is not None and not known:
        session.add(
            Weights(
                framework=run.framework,
                version=made.version,
                run_id=run.id,
                learned=made.learned,
                text=made.text,
            )
        )
    await session.flush()
    record(
        session,
        None,
        "learned",
        framework=run.framework,
        run=str(run.id),
        calls=run.calls,
        data=run.data_hash,
        version=made.version,
    )
