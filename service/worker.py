"""A worker process: takes jobs from the queue until it is stopped, and takes up what others dropped."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from sqlalchemy.exc import DBAPIError

from models.errors import CallError
from service import jobs, logs
from service.alone import when_alone
from service.auth import store as people
from service.calls import dropped, sweeping, watching
from service.calls.perform import Models
from service.calls.tasks import Bench, work_prefix
from service.database import Database
from service.edge import Parts
from service.learning.asking import ask_when_due
from service.privacy import retention
from service.problems import Problem
from service.readiness import check_work
from service.revision import check_tables
from service.settings import Settings, load_settings
from service.storage import Storage

log = structlog.get_logger("ridealong.worker")

SIGNS = 6  # of life in the time after which a worker counts as dead
LONGEST_PAUSE = 15  # seconds between tries to reach a database that is away
ERRANDS = 4  # messages and fetches at a time, beside the analyses; they mostly wait for others
GRACE = 6.0  # seconds that jobs get to put down what they hold when the worker stops
LEARN_EVERY = 3600  # seconds between looks at whether it is time to learn from reviews
CLEAR_EVERY = 3600  # seconds between searches for files that no row speaks of
WATCH_AGAIN = 30  # seconds after which a folder that couldn't be watched is tried again
LEFT_BEHIND = 24 * 3600  # seconds after which an unpacked recording of another machine belongs to nobody


async def work(settings: Settings, url: str, *, concurrency: int, stopping: asyncio.Event) -> None:
    """Take jobs, `concurrency` at a time, until `stopping` is set; a database that is away is waited for."""
    _remove_left_behind(settings.data / "work")
    models = Models(settings)
    with _threads(concurrency) as threads:
        pause = 0.5
        while not stopping.is_set():
            began = time.monotonic()
            try:
                await _session(settings, url, models, threads, concurrency=concurrency, stopping=stopping)
            except (ConnectorException, DBAPIError, OSError) as error:
                log.warning("database away", error=type(error).__name__)
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = 0.5
            if not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)
                pause = min(2 * pause, LONGEST_PAUSE)


async def _session(
    settings: Settings,
    url: str,
    models: Models,
    threads: ThreadPoolExecutor,
    *,
    concurrency: int,
    stopping: asyncio.Event,
) -> None:
    """Work for as long as the database is there."""
    connections = concurrency + ERRANDS + 4
    database, queue = Database(url, connections=connections), jobs.queue(url, connections=connections)
    try:
        async with queue.open_async():
            async with database.transaction() as session:
                secret = await people.setting(session, "secret", os.urandom(32).hex())
            parts = Parts(settings, database, Storage(settings), queue, bytes.fromhex(secret))
            bench = Bench(parts, models, threads, stopping)
            register(queue)
            slots = {jobs.ANALYSES: concurrency, jobs.ERRANDS: ERRANDS}
            await _run([_worker(bench, name, most) for name, most in slots.items()], parts, stopping)
    finally:
        await database.close()


def _worker(bench: Bench, queue: str, concurrency: int) -> Worker:
    """Takes jobs of one queue, so many at a time."""
    parts = bench.parts
    return Worker(
        parts.queue,
        queues=[queue],
        concurrency=concurrency,
        delete_jobs="successful",
        additional_context={"bench": bench, "parts": parts},
        install_signal_handlers=False,
        fetch_job_polling_interval=2.0,
        update_heartbeat_interval=parts.settings.stalled_seconds / SIGNS,
        stalled_worker_timeout=2 * parts.settings.stalled_seconds,
    )


def register(queue: procrastinate.App) -> None:
    """Make the tasks of every slice known to a queue: each `tasks.py` has a `register(queue)`."""
    for name in jobs.TASK_MODULES:
        import_module(name).register(queue)


async def _run(workers: Sequence[Worker], parts: Parts, stopping: asyncio.Event) -> None:
    running = [asyncio.ensure_future(worker.run()) for worker in workers]  # type: ignore[no-untyped-call]
    chores = (_look_after(workers, parts), _tidy(parts), _learn(parts), _watch(parts, stopping))
    beside = [asyncio.ensure_future(chore) for chore in chores]
    stopped = asyncio.ensure_future(stopping.wait())
    all_of_it: set[asyncio.Future[Any]] = {*running, stopped}
    try:
        await asyncio.wait(all_of_it, return_when=asyncio.FIRST_COMPLETED)
        for worker in workers:
            worker.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait(running, timeout=GRACE if stopping.is_set() else None)
        for one in running:
            if one.done():
                one.result()
            else:
                log.warning("jobs left to others")
    finally:
        for future in (*beside, stopped):
            future.cancel()
        await asyncio.gather(*beside, stopped, return_exceptions=True)


async def _watch(parts: Parts, stopping: asyncio.Event) -> None:
    """Take in what comes into the watched folder, where one is set."""
    while parts.settings.watch is not None and not stopping.is_set():
        try:
            await watching.watch(parts, stopping)
        except (CallError, Problem, DBAPIError, OSError) as error:
            reason = str(error) if isinstance(error, CallError) else type(error).__name__
            log.warning("folder not watched", reason=reason)
            await asyncio.sleep(WATCH_AGAIN)


async def _look_after(workers: Sequence[Worker], parts: Parts) -> None:
    """Give signs of life, even while only the last jobs are ending, and take up what was dropped."""
    every = parts.settings.stalled_seconds / SIGNS
    while True:
        for worker in workers:
            await _safely(_sign_of_life(worker, parts))
        await _safely(_take_up(parts))
        await asyncio.sleep(every)


async def _tidy(parts: Parts) -> None:
    """Delete what is due by age and clear away what no row speaks of; a large storage takes a while."""
    while True:
        await _safely(_let_go(parts))
        await _safely(_clear_away(parts))
        await asyncio.sleep(CLEAR_EVERY)


async def _learn(parts: Parts) -> None:
    """Have a run of learning done when it is time for one."""
    while True:
        await _safely(_ask_when_due(parts))
        await asyncio.sleep(LEARN_EVERY)


async def _safely(chore: Awaitable[None]) -> None:
    try:
        await chore
    except Exception as error:  # noqa: BLE001 - whatever fails in one of them, the others must go on
        log.warning("a chore failed", error=type(error).__name__)


async def _sign_of_life(worker: Worker, parts: Parts) -> None:
    if worker.worker_id is not None:
        await parts.queue.job_manager.update_heartbeat(worker.worker_id)


async def _take_up(parts: Parts) -> None:
    if taken := await dropped.take_up(parts, quiet_seconds=parts.settings.stalled_seconds * 2 / 3):
        log.info("taken up", jobs=taken)


async def _ask_when_due(parts: Parts) -> None:
    async with parts.database.transaction() as session:
        run = await ask_when_due(session, parts.queue, parts.settings)
    if run is not None:
        log.info("learning asked for", run=str(run.id))


async def _let_go(parts: Parts) -> None:
    gone = await retention.apply(parts)
    if gone != retention.Deleted():
        log.info("deleted by age", recordings=gone.recordings, calls=gone.calls, entries=gone.entries)


async def _clear_away(parts: Parts) -> None:
    if gone := await sweeping.sweep(parts):
        log.info("cleared away", files=gone)


@contextmanager
def _threads(concurrency: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that nobody waits for at the end: what they do then is lost anyway."""
    pool = ThreadPoolExecutor(concurrency * 2, thread_name_prefix="analysis")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _remove_left_behind(folder: Path) -> None:
    """Delete unpacked recordings of processes that were killed, at the start of one that has none yet.

    In a container that is started again, a worker may get the number of the one that was killed.
    """
    for found in folder.glob("*"):
        pid = found.name.removeprefix(f"{socket.gethostname()}-").split("-")[0]
        ours = pid.isdigit() and found.name.startswith(work_prefix(int(pid)))
        dead = ours and (int(pid) == os.getpid() or not _is_running(int(pid)))
        with contextlib.suppress(OSError):
            if dead or time.time() - found.stat().st_mtime > LEFT_BEHIND:
                shutil.rmtree(found, ignore_errors=True)


def _is_running(pid: int) -> bool:
    """Whether a process is there; where asking would end it, as on Windows, it counts as running."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def until_signal(settings: Settings, url: str, *, concurrency: int, watched: bool) -> None:
    """Work until SIGINT or SIGTERM; `watched` workers also stop when whoever started them is gone."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        last = threading.Timer(2 * GRACE, end_process)  # a job that doesn't listen is left to others
        last.daemon = True
        last.start()

    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(name, stop)
    if watched:
        when_alone(lambda: loop.call_soon_threadsafe(stop))
    await work(settings, url, concurrency=concurrency, stopping=stopping)


def run(settings: Settings, url: str, *, concurrency: int, watched: bool = False) -> None:
    """Be a worker until told to stop. Threads in the middle of a model's work go on: end the process then.

    Raises:
        CallError: the database's tables aren't those of this version, or a setting names what isn't there.
    """
    logs.configure(settings.log_format, part="worker")
    check_work(settings)
    check_tables(url)
    log.info("worker starts", pid=os.getpid(), concurrency=concurrency)
    asyncio.run(until_signal(settings, url, concurrency=concurrency, watched=watched))
    log.info("worker stops", pid=os.getpid())


def end_process() -> None:
    """End now: what threads still do is lost anyway, and its stage was given back."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":  # as a child of `ridealong serve`
    try:
        given = load_settings()
        run(given, given.database_url or "", concurrency=1, watched=True)
    except CallError as error:
        sys.stderr.write(f"ridealong: {error}\n")
        sys.exit(2)
    end_process()
