"""All queries about runs of learning and versions of weights."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from service.auth.permissions import Who
from service.auth.tables import Person
from service.learning.in_use import Use, in_use
from service.learning.tables import LearningRun, RunState, Weights, WeightsUse
from service.privacy.store import record
from service.problems import Conflict, NotFound

NO_RUN = "There is no such run."
SHIPPED = "shipped"
"""What the weights that come with Ridealong are called where a version is asked for."""
_LOCK = 0x51DEA14  # two administrators put versions in use in turns


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run, the name of who asked for it (None: the service), and the version it made, if any."""

    run: LearningRun
    by: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version of weights and when it was put in use last, if ever, by whom (None: the service)."""

    weights: Weights
    since: dt.datetime | None
    by: str | None


async def ask(session: AsyncSession, framework: str, by: uuid.UUID | None) -> tuple[LearningRun, bool]:
    """A run that waits or is under way, a new one if there is none; whether it is new."""
    row = insert(LearningRun).values(
        id=uuid.uuid4(), framework=framework, by_id=by, state=RunState.WAITING, teams={}, figures=[]
    )
    made = await session.scalar(row.on_conflict_do_nothing().returning(LearningRun.id))
    query = select(LearningRun).where(
        LearningRun.framework == framework, LearningRun.state.in_((RunState.WAITING, RunState.RUNNING))
    )
    found = (await session.scalars(query)).first()
    if found is None:  # the one that was in the way ended in this very moment
        return await ask(session, framework, by)
    return found, made is not None


async def runs(
    session: AsyncSession,
    framework: str | None = None,
    *,
    after: tuple[dt.datetime, uuid.UUID] | None = None,
    limit: int = 50,
    done: bool = False,
) -> list[RunShown]:
    """Runs, newest first; `done` are those that went through alone."""
    query = (
        select(LearningRun, Person.name, Weights.version)
        .outerjoin(Person, Person.id == LearningRun.by_id)
        .outerjoin(Weights, Weights.run_id == LearningRun.id)
    )
    if framework is not None:
        query = query.where(LearningRun.framework == framework)
    if done:
        query = query.where(LearningRun.state == RunState.DONE)
    if after is not None:
        query = query.where(tuple_(LearningRun.created_at, LearningRun.id) < tuple_(*after))
    query = query.order_by(LearningRun.created_at.desc(), LearningRun.id.desc()).limit(limit)
    return [RunShown(*row) for row in await session.execute(query)]


async def run(session: AsyncSession, run_id: uuid.UUID) -> RunShown:
    """One run. Raises NotFound where there is none."""
    query = (
        select(LearningRun, Person.name, Weights.version)
        .outerjoin(Person, Person.id == LearningRun.by_id)
        .outerjoin(Weights, Weights.run_id == LearningRun.id)
        .where(LearningRun.id == run_id)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise NotFound(NO_RUN)
    return RunShown(*row)


async def report(session: AsyncSession, run_id: uuid.UUID) -> str | None:
    """The report of a run; None where there was nothing to measure on. Raises NotFound without such a run."""
    query = select(LearningRun).where(LearningRun.id == run_id).options(undefer(LearningRun.report))
    found = await session.scalar(query)
    if found is None:
        raise NotFound(NO_RUN)
    return found.report


async def with_report(session: AsyncSession, ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Which of some runs have a report."""
    query = select(LearningRun.id).where(LearningRun.id.in_(ids), LearningRun.report.is_not(None))
    return frozenset(await session.scalars(query))


async def versions(session: AsyncSession, framework: str) -> list[VersionShown]:
    """The versions of a framework's weights, newest first."""
    last = (
        select(WeightsUse.weights_id, func.max(WeightsUse.number).label("number"))
        .where(WeightsUse.framework == framework)
        .group_by(WeightsUse.weights_id)
        .subquery()
    )
    query = (
        select(Weights, WeightsUse.since, Person.name)
        .outerjoin(last, last.c.weights_id == Weights.id)
        .outerjoin(WeightsUse, (WeightsUse.framework == framework) & (WeightsUse.number == last.c.number))
        .outerjoin(Person, Person.id == WeightsUse.by_id)
        .where(Weights.framework == framework)
        .order_by(Weights.made_at.desc(), Weights.id)
    )
    return [VersionShown(*row) for row in await session.execute(query)]


async def waiting(session: AsyncSession, framework: str) -> Weights | None:
    """The newest version, if nobody has decided on it: made since the last change of what is in use."""
    now = await in_use(session, framework)
    query = select(Weights).where(Weights.framework == framework).order_by(Weights.made_at.desc()).limit(1)
    found = await session.scalar(query)
    if found is None or (now.since is not None and found.made_at <= now.since):
        return None
    return found


async def put_in_use(session: AsyncSession, framework: str, version: str, who: Who | None) -> Use:
    """Draft by a version from now on, or by what was shipped; drafts that are there stay.

    Raises:
        NotFound: there is no such version.
        Conflict: it is in use.
    """
    await lock_use(session)
    now = await in_use(session, framework)
    chosen = None
    if version != SHIPPED:
        query = select(Weights).where(Weights.framework == framework, Weights.version == version)
        chosen = await session.scalar(query)
        if chosen is None:
            raise NotFound(f"version: there is no such version; give one of the list, or {SHIPPED}.")
    if now.weights_id == (chosen.id if chosen else None):
        raise Conflict(f"{version} is in use already.")
    session.add(
        WeightsUse(
            framework=framework,
            number=now.number + 1,
            weights_id=chosen.id if chosen else None,
            by_id=who.id if who else None,
        )
    )
    await session.flush()
    record(
        session,
        who,
        "weights put in use",
        framework=framework,
        version=version,
        before=now.version or SHIPPED,
    )
    return await in_use(session, framework)


async def lock_use(session: AsyncSession) -> None:
    """Keep others from changing what is in use until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def last_begun(session: AsyncSession, framework: str) -> dt.datetime | None:
    """When the last run of a framework was asked for, whatever came of it."""
    query = select(func.max(LearningRun.created_at)).where(LearningRun.framework == framework)
    return await session.scalar(query)


async def set_state(
    session: AsyncSession, run_id: uuid.UUID, state: RunState, reason: str | None = None
) -> None:
    """Where a run is now."""
    ended = state in (RunState.DONE, RunState.FAILED)
    await session.execute(
        update(LearningRun)
        .where(LearningRun.id == run_id)
        .values(state=state, reason=reason, finished_at=func.clock_timestamp() if ended else None)
    )
