"""Jobs that nobody works on any more, taken up again: those of dead workers, and calls whose job is gone."""

from procrastinate.exceptions import ConnectorException
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from service.calls import stages
from service.calls.tables import Call
from service.edge import Parts
from service.jobs import BATCH

LOCK = 0x51DEA11  # workers sweep one at a time: a job must not be taken from whom it was just given to
_WITHOUT_JOB = text(
    "select id from call where state in ('queued', 'running') and not exists (select from procrastinate_jobs"
    " where lock = call.id::text and status in ('todo', 'doing')) limit 100"
)


async def take_up(parts: Parts, *, quiet_seconds: float) -> int:
    """Put jobs of workers without a sign of life for so long back into the queue; how many there were."""
    async with parts.database.transaction() as session:
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return 0
        manager = parts.queue.job_manager
        stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=quiet_seconds)
        taken = 0
        for job in stalled:
            try:
                await manager.retry_job(job)
                taken += 1
            except ConnectorException:  # it ended in this very moment
                continue
        return taken + await _without_job(session)


async def _without_job(session: AsyncSession) -> int:
    ids = list(await session.scalars(_WITHOUT_JOB))
    for call_id in ids:
        call = await session.get(Call, call_id)
        if call is not None:
            await stages.queue_analysis(session, call, base=BATCH)
    return len(ids)
