"""Have a run done by a worker: because somebody asks, or because it is time."""

import datetime as dt
import uuid

import procrastinate
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.administration import store as administration
from service.learning import store
from service.learning.gathering import reviewed_since_last
from service.learning.tables import LearningRun
from service.privacy.store import record
from service.settings import Settings


async def ask(
    session: AsyncSession, queue: procrastinate.App, framework: str, by: uuid.UUID | None
) -> LearningRun:
    """The run that waits or is under way, else a new one with its job."""
    found, new = await store.ask(session, framework, by)
    if new:
        await jobs.enqueue(
            session, queue, jobs.LEARN, priority=jobs.BATCH, lock=jobs.LEARN, run_id=str(found.id)
        )
    return found


async def ask_when_due(
    session: AsyncSession, queue: procrastinate.App, settings: Settings
) -> LearningRun | None:
    """A run if it is time for one and enough calls were reviewed since the last; `settings` of the start."""
    now = await administration.effective(session, settings)
    if now.learning_days is None:
        return None
    last = await store.last_begun(session, now.framework)
    if last is not None and last > dt.datetime.now(dt.UTC) - dt.timedelta(days=now.learning_days):
        return None
    if await reviewed_since_last(session, now.framework) < now.learning_least:
        return None
    found = await ask(session, queue, now.framework, None)
    record(session, None, "learning asked for", framework=now.framework, run=str(found.id))
    return found
