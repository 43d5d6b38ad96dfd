"""The job that analyses a call, stage by stage. Imported by workers only: it needs every model."""

import asyncio
import os
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import procrastinate
import structlog
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from models.audio import NoSpace
from models.errors import CallError, ModelMissing
from service import jobs
from service.calls import drawing, fetches, stages
from service.calls.perform import Made, Models, Sound, Tell, perform
from service.calls.results import store, task_of
from service.calls.stages import Done, StageLost, Ticket
from service.edge import Parts
from service.storage import StorageUnreachable

log = structlog.get_logger("ridealong.jobs")

MACHINE = (ModelMissing, NoSpace, StorageUnreachable)
"""Errors that name a fault of the machine, not of the call: they may be gone the next time."""
FIRST_WAIT, LONGEST_WAIT = 5, 900  # seconds before a stage is tried again
TELL_EVERY = 1.0  # seconds
PATIENCE = 120  # seconds for which a finished stage waits for a database that doesn't answer


class TryAgain(Exception):
    """The job ends here and is taken up again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class BackOff(BaseRetryStrategy):
    """Jobs are taken up again when they say so, and soon where the database was away."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """See procrastinate."""
        wait = exception.seconds if isinstance(exception, TryAgain) else FIRST_WAIT
        return RetryDecision(retry_in={"seconds": wait})


@dataclass(slots=True)
class Bench:
    """What the analyses of a worker process share: models, threads, and whether it is about to stop."""

    parts: Parts
    models: Models
    threads: ThreadPoolExecutor
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def folder(self) -> Path:
        """Where recordings lie while they are decoded."""
        return self.parts.settings.data / "work"


def register(app: procrastinate.App) -> None:
    """Make the tasks of this slice known to a worker's queue."""
    app.task(name=jobs.ANALYSE, pass_context=True, retry=BackOff())(analyse)
    app.task(name=jobs.FETCH, pass_context=True, retry=BackOff())(fetch)
    app.task(name=jobs.DRAW, pass_context=True, retry=BackOff())(draw_one)


async def draw_one(context: procrastinate.JobContext, *, recording_id: str) -> None:
    """Draw a recording that was decoded before drawings were kept."""
    bench: Bench = context.additional_context["bench"]
    await drawing.draw(bench.parts, uuid.UUID(recording_id), bench.folder, work_prefix())


async def fetch(context: procrastinate.JobContext, *, fetch_id: str) -> None:
    """Fetch a recording from a URL, and take it in."""
    bench: Bench = context.additional_context["bench"]
    await fetches.perform(bench.parts, uuid.UUID(fetch_id))


async def analyse(context: procrastinate.JobContext, *, call_id: str) -> None:
    """Do the stages of a call that aren't done, and store each as it ends."""
    bench: Bench = context.additional_context["bench"]
    job = context.job.id or 0
    with structlog.contextvars.bound_contextvars(call=call_id, job=job):
        await _Run(bench, uuid.UUID(call_id), job).run()


class _Run:
    """One job's work on one call."""

    def __init__(self, bench: Bench, call_id: uuid.UUID, job: int) -> None:
        self.bench = bench
        self.call_id = call_id
        self.job = job
        self.database = bench.parts.database

    async def run(self) -> None:
        self.bench.folder.mkdir(parents=True, exist_ok=True)
        taking_over = True
        with TemporaryDirectory(
            prefix=work_prefix(), dir=self.bench.folder, ignore_cleanup_errors=True
        ) as name:
            loop = asyncio.get_running_loop()
            with Sound(lambda path: self._fetch(path, loop), Path(name)) as sound:
                while ticket := await self._begin(taking_over=taking_over):
                    taking_over = False
                    await self._stage(ticket, sound)

    async def _begin(self, *, taking_over: bool) -> Ticket | None:
        if self.bench.stopping.is_set():
            raise TryAgain(0)
        async with self.database.transaction() as session:
            return await stages.begin(
                session,
                self.call_id,
                self.job,
                attempts=self.bench.parts.settings.job_attempts,
                taking_over=taking_over,
            )

    async def _stage(self, ticket: Ticket, sound: Sound) -> None:
        """Do a stage and store what came of it; a lost one is left alone."""
        try:
            await self._do(ticket, sound)
        except StageLost:
            log.info("stage lost", stage=ticket.stage)
        except MACHINE as error:
            await self._set_back(ticket, str(error))
        except CallError as error:
            await self._end(ticket, str(error))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours on one call must not end the worker
            await self._set_back(ticket, _fault(error))

    async def _do(self, ticket: Ticket, sound: Sound) -> None:
        async with self.database.transaction() as session:
            task = await task_of(session, ticket)
        clock, processor = time.monotonic(), time.process_time()
        made = await self._in_thread(
            ticket, lambda tell: perform(ticket.stage, task, sound, self.bench.models, tell)
        )
        done = Done(made.result, made.version, time.monotonic() - clock, time.process_time() - processor)

        async def keep() -> None:
            async with self.database.transaction() as session:
                await store(session, ticket, done, made)

        await _patiently(keep)
        log.info("stage done", stage=ticket.stage, seconds=round(done.clock_seconds, 2))

    async def _in_thread(self, ticket: Ticket, work: Callable[[Tell], Made]) -> Made:
        """Work in a thread; it ends when it next tells its progress to a lost stage or a stopping worker."""
        lost = threading.Event()
        teller = _Teller(self.bench.parts, ticket, lost, asyncio.get_running_loop())
        running = asyncio.get_running_loop().run_in_executor(self.bench.threads, work, teller)
        stopping = asyncio.ensure_future(self.bench.stopping.wait())
        both: set[asyncio.Future[Any]] = {running, stopping}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if running.done():
            return running.result()
        lost.set()
        running.add_done_callback(lambda future: future.cancelled() or future.exception())
        async with self.database.transaction() as session:
            await stages.put_back(session, ticket, fault=None)
        log.info("stage left for later", stage=ticket.stage)
        raise TryAgain(0)

    async def _end(self, ticket: Ticket, reason: str) -> None:
        log.info("call set aside", stage=ticket.stage)
        try:
            async with self.database.transaction() as session:
                await stages.fail(session, ticket, reason)
        except StageLost:
            log.info("stage lost", stage=ticket.stage)

    async def _set_back(self, ticket: Ticket, fault: str) -> None:
        """After a fault that may pass: again later, unless it has been tried often enough."""
        if ticket.attempt >= self.bench.parts.settings.job_attempts:
            await self._end(ticket, fault)
            return
        log.warning("stage failed", stage=ticket.stage, attempt=ticket.attempt)
        try:
            async with self.database.transaction() as session:
                await stages.put_back(session, ticket, fault=fault)
        except StageLost:
            log.info("stage lost", stage=ticket.stage)
            return
        raise TryAgain(wait_before(ticket.attempt + 1))

    def _fetch(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Copy the call's recording to a path, from a thread."""
        asyncio.run_coroutine_threadsafe(self._copy(path), loop).result()

    async def _copy(self, path: Path) -> None:
        async with self.database.transaction() as session:
            found = await stages.recording_of(session, self.call_id)
        if found is None:
            raise StageLost
        try:
            came = await self.bench.parts.storage.fetch(found.key, path)
        except FileNotFoundError:
            raise CallError("The recording is no longer in the storage; upload it again.") from None
        if came != found.sha256:
            raise StorageUnreachable(
                "The recording came back from the storage with other bytes than were stored; "
                "check the disk it lies on, then try again."
            )


class _Teller:
    """Writes how far a stage is, at most once a second, and ends the work when the stage is lost.

    The work doesn't wait for the database: what came of one word on progress is looked at with the next.
    """

    def __init__(
        self, parts: Parts, ticket: Ticket, lost: threading.Event, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._parts = parts
        self._ticket = ticket
        self._lost = lost
        self._loop = loop
        self._last = time.monotonic()
        self._writing: Future[bool] | None = None
        self._one = threading.Lock()  # recognition reports from several threads

    def __call__(self, share: float) -> None:
        if self._lost.is_set():
            raise StageLost
        if not self._one.acquire(blocking=False):
            return
        try:
            if self._writing is not None and self._writing.done():
                written, self._writing = self._writing, None
                if not written.result():
                    self._lost.set()
                    raise StageLost
            if self._writing is None and time.monotonic() - self._last >= TELL_EVERY:
                self._last = time.monotonic()
                self._writing = asyncio.run_coroutine_threadsafe(self._write(share), self._loop)
        finally:
            self._one.release()

    async def _write(self, share: float) -> bool:
        try:
            async with self._parts.database.transaction() as session:
                return await stages.tell(session, self._ticket, share)
        except DBAPIError:  # progress that nobody sees is no reason to stop; storing the result will tell
            return True


async def _patiently(write: Callable[[], Awaitable[None]]) -> None:
    """Do a write; while the database is away, do it again for a while, for minutes of work hang on it."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return await write()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(1)


def wait_before(attempt: int) -> int:
    """Seconds before the second try (5), the third (15), the fourth (45) ... a quarter of an hour at most."""
    return int(min(FIRST_WAIT * 3 ** (attempt - 2), LONGEST_WAIT))


def _fault(error: Exception) -> str:
    """What a person who reports it should pass on; no words of the call."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
    return f"A fault in Ridealong ({place}); try again, and report it if it happens again."


def work_prefix(pid: int | None = None) -> str:
    """How names of a process's folders for unpacked recordings begin."""
    return f"{socket.gethostname()}-{pid or os.getpid()}-"
