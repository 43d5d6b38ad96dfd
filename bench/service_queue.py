"""The queue with an empty task: jobs a second by 1, 2 and 4 workers, against inserting the rows alone."""

import argparse
import asyncio
import os
import subprocess
import sys
import time

import procrastinate
import psycopg
from procrastinate.worker import Worker

from bench.service_house import database, load, server, stopped
from service.database import Database
from service.jobs import enqueue, queue

TASK = "nothing"
WARM = 50  # jobs that wake every worker up before the clock runs
POLL = 2.0  # seconds, as workers of the service ask when nothing wakes them


def register(app: procrastinate.App) -> None:
    """Make the empty task known."""

    @app.task(name=TASK)
    async def nothing() -> None:
        return


async def _work(url: str) -> None:
    """Be a worker, with the options of the service's, until ended."""
    app = queue(url)
    async with app.open_async():
        register(app)
        worker = Worker(app, concurrency=1, delete_jobs="successful", fetch_job_polling_interval=POLL)
        await worker.run()  # type: ignore[no-untyped-call]  # procrastinate's


async def _insert(url: str, jobs: int) -> float:
    """Seconds to enqueue so many jobs, each in a transaction of its own, as uploads do."""
    there, app = Database(url), queue(url)
    async with app.open_async():
        began = time.perf_counter()
        for _ in range(jobs):
            async with there.transaction() as session:
                await enqueue(session, app, TASK)
        found = time.perf_counter() - began
    await there.close()
    return found


async def _insert_together(url: str, jobs: int) -> None:
    app = queue(url)
    async with app.open_async():
        await app.configure_task(TASK).batch_defer_async(*[{} for _ in range(jobs)])


def _left(connection: "psycopg.Connection[tuple[int]]") -> int:
    row = connection.execute("select count(*) from procrastinate_jobs where status <> 'failed'").fetchone()
    return row[0] if row else 0


def _until_none(connection: "psycopg.Connection[tuple[int]]") -> None:
    while _left(connection):
        time.sleep(0.02)


def _rate(url: str, workers: int, jobs: int) -> float:
    """Jobs a second from their commit to the last one's end."""
    command = [sys.executable, "-m", "bench.service_queue", url]
    processes = [subprocess.Popen(command, env=os.environ, stdin=subprocess.PIPE) for _ in range(workers)]
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            awake = "select count(*) from procrastinate_workers"
            while (connection.execute(awake).fetchone() or (0,))[0] < workers:
                time.sleep(0.05)
            asyncio.run(_insert_together(url, WARM))
            _until_none(connection)
            asyncio.run(_insert_together(url, jobs))
            there = _left(connection)
            began = time.perf_counter()
            _until_none(connection)
            found = there / (time.perf_counter() - began)
            for process in processes:
                stopped(process)
            connection.execute("delete from procrastinate_workers")
            return found
    finally:
        for process in processes:
            process.kill()


def jobs(arguments: argparse.Namespace) -> None:
    """Print jobs a second, and the ratio to the rows alone."""
    with server(arguments.folder) as (_, server_url), database(server_url) as url:
        alone = arguments.jobs / asyncio.run(_insert(url, arguments.jobs))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("delete from procrastinate_jobs")
        print(f"inserting {arguments.jobs} rows, a transaction each: {alone:.0f} a second; {load()}")
        for workers in (1, 2, 4):
            found = _rate(url, workers, arguments.jobs)
            print(f"{workers} worker(s): {found:.0f} jobs a second, ratio {found / alone:.2f}; {load()}")


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1]))
