"""What whoever runs the service asks it: does it answer, can it work, and its figures for Prometheus."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

import structlog
from alembic.script import ScriptDirectory
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from service import problems
from service.calls.tables import State
from service.database import alembic_config
from service.edge import Parts, PartsOf
from service.jobs import QUEUES
from service.settings import Settings

log = structlog.get_logger("ridealong.operations")
router = APIRouter(tags=["operations"], include_in_schema=False)
PATIENCE = 5.0  # seconds that a part of the service gets to answer
# A job's age counts from when it could have been taken: since it came, or since the time it was put off to.
# A worker process takes from each queue by itself, and gives signs of life for each.
_FIGURES = text("""
select 'calls' as figure, state as label, count(*)::float8 as value from call group by state
union all
select case status when 'todo' then 'waiting' else 'running' end, task_name, count(*)
  from procrastinate_jobs where status in ('todo', 'doing') group by status, task_name
union all
select 'oldest', '', coalesce(extract(epoch from max(clock_timestamp() - coalesce(
    job.scheduled_at, (select max(at) from procrastinate_events where job_id = job.id)))), 0)
  from procrastinate_jobs job
  where status = 'todo' and (scheduled_at is null or scheduled_at <= clock_timestamp())
union all
select 'workers', '', ceil(count(*) / cast(:queues as float8)) from procrastinate_workers
  where last_heartbeat > now() - make_interval(secs => cast(:quiet as integer))
""")


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: str


class Ready(BaseModel):
    """Everything that requests need is there."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"database": "ok", "storage": "ok", "queue": "ok"}]}
    )

    database: str
    storage: str
    queue: str


class NotReady(problems.Problem):
    """A part that requests need is away; `parts` says which."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not ready"


@router.get("/health", summary="Whether the process answers")
async def health() -> Health:
    """For whoever starts it again when it hangs; a database that is away is no reason to."""
    return Health(status="ok")


@router.get("/ready", summary="Whether requests can be met")
async def ready(there: PartsOf) -> Ready:
    """Database and its tables, storage and queue, each tried; 503 with what is wrong."""
    checks = {"database": _database, "storage": _storage, "queue": _queue}
    found = await asyncio.gather(*(_tried(name, check, there) for name, check in checks.items()))
    said = dict(zip(checks, found, strict=True))
    wrong = [f"{name}: {answer}" for name, answer in said.items() if answer != "ok"]
    if wrong:
        raise NotReady("; ".join(wrong) + ". `ridealong doctor` says more.", parts=said)
    return Ready(**said)


async def _tried(name: str, check: Callable[[Parts], Awaitable[str]], there: Parts) -> str:
    """One phrase, ok or what is wrong, without addresses: anybody may read it."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await check(there)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from answering
        log.warning("not ready", what=name, error=type(error).__name__)
        return "doesn't answer"


async def _database(there: Parts) -> str:
    async with there.database.transaction() as session:
        found = await session.scalar(text("select version_num from alembic_version"))
    wanted = _newest()
    return "ok" if found == wanted else f"has tables of revision {found}, {wanted} are needed"


async def _storage(there: Parts) -> str:
    await there.storage.check()
    return "ok"


async def _queue(there: Parts) -> str:
    await there.queue.connector.execute_query_one_async("select count(*) from procrastinate_workers")
    return "ok"


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told about calls and jobs. Counts only: no name, no id, nothing that was said."""

    up: Gauge
    calls: Gauge
    waiting: Gauge
    running: Gauge
    oldest: Gauge
    workers: Gauge


def _figures(registry: CollectorRegistry) -> Figures:
    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"ridealong_{name}", about, labels, registry=registry)

    return Figures(
        up=gauge("database_up", "1 if the database answers, else 0"),
        calls=gauge("calls", "Calls by state", "state"),
        waiting=gauge("jobs_waiting", "Jobs that wait for a worker, or for their next try", "task"),
        running=gauge("jobs_running", "Jobs that a worker is on", "task"),
        oldest=gauge("oldest_job_seconds", "How long the oldest job that could be taken has waited"),
        workers=gauge("workers", "Workers that gave a sign of life lately"),
    )


async def _asked(there: Parts) -> Sequence[Any]:
    quiet = 2 * there.settings.stalled_seconds
    async with asyncio.timeout(PATIENCE), there.database.transaction() as session:
        return (await session.execute(_FIGURES, {"quiet": quiet, "queues": len(set(QUEUES.values()))})).all()


def _told(figures: Figures, rows: Sequence[Any]) -> None:
    for labelled in (figures.calls, figures.waiting, figures.running):
        labelled.clear()
    for state in State:
        figures.calls.labels(state=state.value).set(0)
    for kind, label, value in rows:
        gauge: Gauge = getattr(figures, kind)
        (gauge.labels(label) if label else gauge).set(float(value))


def install(app: FastAPI, settings: Settings) -> None:
    """Serve health and readiness, and unless it is off, /metrics with the figures of every request."""
    app.include_router(router)
    if not settings.metrics:
        return
    registry = CollectorRegistry(auto_describe=True)
    Instrumentator(excluded_handlers=["^/health$", "^/ready$", "^/metrics$"], registry=registry).instrument(
        app
    )
    figures = _figures(registry)

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        there: Parts = request.app.state.parts
        try:
            _told(figures, await _asked(there))
            figures.up.set(1)
        except Exception as error:  # noqa: BLE001 - the figures of requests are still worth having
            log.warning("no figures", error=type(error).__name__)
            figures.up.set(0)
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
