"""The jobs that learn from reviews and score calls anew. Imported by workers only: they need training."""

import asyncio
import uuid

import procrastinate
import structlog

from models.errors import CallError
from models.framework import load_framework
from service import jobs
from service.calls.tasks import BackOff, Bench, TryAgain
from service.edge import Parts
from service.learning import rescoring
from service.learning.gathering import Reviewed
from service.learning.making import Made, learn
from service.learning.performing import Interrupted, UnderWay, perform
from service.learning.store import run as run_of

log = structlog.get_logger("ridealong.jobs")
BUSY_WAIT = 60  # seconds after which a run that another process works on is looked at again


def register(app: procrastinate.App) -> None:
    """Make the tasks of this slice known to a worker's queue."""
    app.task(name=jobs.LEARN, pass_context=True, retry=BackOff())(learn_from_reviews)
    app.task(name=jobs.RESCORE, pass_context=True, retry=BackOff())(rescore)


async def learn_from_reviews(context: procrastinate.JobContext, *, run_id: str) -> None:
    """Do a run; why it failed is stored with it."""
    bench: Bench = context.additional_context["bench"]
    parts = bench.parts
    async with parts.database.transaction() as session:
        framework = (await run_of(session, uuid.UUID(run_id))).run.framework

    async def learning(text: str | None, given: list[Reviewed]) -> Made:
        def tell(_stage: str, _share: float) -> None:
            if bench.stopping.is_set():
                raise Interrupted

        def work() -> Made:
            return learn(load_framework(framework), text, given, tell, bench.models.language)

        return await asyncio.get_running_loop().run_in_executor(bench.threads, work)

    try:
        made = await perform(parts.database, parts.settings, uuid.UUID(run_id), learning)
    except UnderWay:
        raise TryAgain(BUSY_WAIT) from None
    except Interrupted:
        raise TryAgain(0) from None
    except CallError as error:
        log.warning("learning failed", run=run_id, reason=str(error))
        return
    if made is not None:
        log.info("learned", run=run_id, version=made.version, dimensions=made.learned)


async def rescore(context: procrastinate.JobContext, *, rescoring_id: str) -> None:
    """Queue the calls of a rescoring, so that they are scored when nothing else waits."""
    parts: Parts = context.additional_context["parts"]
    await rescoring.queue_calls(parts.database, uuid.UUID(rescoring_id))
