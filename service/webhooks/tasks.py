"""The job that sends one message. Imported by workers only."""

import uuid

import procrastinate
from sqlalchemy import func

from service import jobs
from service.edge import Parts
from service.webhooks import store
from service.webhooks.delivery import send, wait_after


def register(app: procrastinate.App) -> None:
    """Make the task known to a worker's queue."""
    app.task(name=jobs.DELIVER, pass_context=True)(deliver)


async def deliver(context: procrastinate.JobContext, *, delivery_id: str) -> None:
    """Send a message once; a failed try leaves a later job, until patience ends."""
    parts: Parts = context.additional_context["parts"]
    await attempt(parts, uuid.UUID(delivery_id))


async def attempt(parts: Parts, delivery: uuid.UUID) -> None:
    """One try, and what follows from it, in one transaction: nothing is sent twice by two workers at once."""
    async with parts.database.transaction() as session:
        found = await store.waiting(session, delivery)
        if found is None:
            return
        row, hook = found
        sent = await send(hook.url, hook.secret, str(row.id), row.body, allowed=parts.reachable)
        row.attempts += 1
        row.status, row.error = sent.status, sent.fault
        wait = wait_after(row.attempts)
        if sent.arrived:
            row.done_at = func.clock_timestamp()
        elif wait is None:
            row.dead_at = func.clock_timestamp()
        else:
            await jobs.enqueue(
                session, parts.queue, jobs.DELIVER, priority=jobs.BATCH, delay=wait, delivery_id=str(row.id)
            )
