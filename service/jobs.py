"""The job queue: Procrastinate on the same database, jobs enqueued with the rows they are about.

Tasks are named here and defined in each slice's tasks.py, which only workers import: the web process never
loads what analyses calls.
"""

import uuid
from typing import Any

import procrastinate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from service.database import raw_connection

ANALYSE = "analyse"
DELIVER = "deliver"
FETCH = "fetch"
LEARN = "learn"
RESCORE = "rescore"
ANALYSES, ERRANDS = "default", "errands"
"""Queues: what waits for others' machines, or takes long, must not hold up what works on calls."""
QUEUES = {ANALYSE: ANALYSES, DELIVER: ERRANDS, FETCH: ERRANDS, LEARN: ERRANDS, RESCORE: ERRANDS}
DRAW = "draw"
INTERACTIVE = 100  # a person waits
BATCH = 0
FAIR_STEP = 1  # each call that the same person has waiting already puts the next one so much lower
TASK_MODULES = ["service.calls.tasks", "service.learning.tasks", "service.webhooks.tasks"]


def queue(url: str, *, connections: int = 4) -> procrastinate.App:
    """The queue on a database; open it before use. `import_paths` name the tasks for a worker."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url, min_size=0, max_size=connections, kwargs={"connect_timeout": 10}
    )
    return procrastinate.App(connector=connector)


async def enqueue(
    session: AsyncSession,
    app: procrastinate.App,
    task: str,
    *,
    priority: int = INTERACTIVE,
    lock: str | None = None,
    delay: int | None = None,
    **arguments: Any,
) -> int:
    """Put a job into the queue as part of the session's transaction; its id. `delay` is seconds.

    Jobs with the same `lock` never run at the same time.
    """
    deferrer = app.configure_task(
        task,
        lock=lock,
        queue=QUEUES.get(task, ANALYSES),
        priority=priority,
        schedule_in={"seconds": delay} if delay else None,
        connection=await raw_connection(session),
    )
    return await deferrer.defer_async(**arguments)


async def fair_priority(session: AsyncSession, person: uuid.UUID, base: int) -> int:
    """`base`, lowered by what the person has waiting already, so that nobody's pile holds up the others."""
    waiting = await session.scalar(
        text(
            "select count(*) from (select from call where uploaded_by = :person"
            " and state in ('queued', 'running') limit :most) as waiting"
        ).bindparams(person=person, most=INTERACTIVE // FAIR_STEP)
    )
    return max(base - FAIR_STEP * int(waiting or 0), base - INTERACTIVE + 1)
