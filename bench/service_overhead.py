"""From upload to scorecard, against `ridealong analyze` on the same file."""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.corpus import SAMPLES
from bench.service_house import House, database, house, load, server, started, stopped, timed
from bench.service_upload import send_one

LOOK = 0.05  # seconds between looks at the call's state
LONGEST = 900.0  # seconds


def _another(source: Path, target: Path, number: int) -> Path:
    """A copy with other bytes at its end, which no decoder reads: the service knows files it has had."""
    shutil.copyfile(source, target)
    with target.open("ab") as file:
        file.write(f"copy {number}".encode())
    return target


def _command(path: Path) -> float:
    command = [sys.executable, "-c", "from service.cli import main; main()", "analyze", str(path), "--json"]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _service(there: House, path: Path, url: str) -> tuple[float, float]:
    """Seconds from the upload's begin to the call's end, and how many of them its stages took."""
    began = time.perf_counter()
    send_one(there, path)
    with psycopg.connect(url, autocommit=True) as connection:
        newest = "select id, state, reason from call order by created_at desc limit 1"
        while True:
            call, state, reason = _row(connection, newest)
            if state == "done":
                break
            if state == "failed" or time.perf_counter() - began > LONGEST:
                raise SystemExit(f"the call is {state}: {reason}; see the worker's log")
            time.sleep(LOOK)
        seconds = time.perf_counter() - began
        (stages,) = _row(connection, "select sum(clock_seconds) from stage where call_id = %s", call)
    return seconds, float(stages)


def _row(connection: "psycopg.Connection[Any]", query: str, *values: Any) -> Any:
    return connection.execute(query, values).fetchone()


def overhead(arguments: argparse.Namespace) -> None:
    """Print both, and how much of the service's time is not analysis."""
    source: Path = arguments.file
    with (
        server(arguments.folder) as (data, server_url),
        database(server_url) as url,
        house(data, url) as there,
    ):
        worker = started("service.worker", data, url)
        try:
            copies = [
                _another(source, data / f"{n}{source.suffix}", n) for n in range(2 * arguments.times + 1)
            ]
            _service(there, copies.pop(), url)  # loads the models, as a worker does once
            plain, ours = [], []
            for _ in range(arguments.times):
                plain.append(_command(copies.pop()))
                ours.append(_service(there, copies.pop(), url))
        finally:
            stopped(worker)
    command = statistics.median(plain)
    seconds, stages = (statistics.median(values) for values in zip(*ours, strict=True))
    print(f"{source.name}, median of {arguments.times}, in turn; {load()}")
    print(f"ridealong analyze: {command:.2f} s, starting and loading models included")
    print(f"upload to scorecard: {seconds:.2f} s, of which its stages took {stages:.2f} s")
    pairs = statistics.median(mine[0] / theirs for mine, theirs in zip(ours, plain, strict=True))
    print(f"ratio to the command in the same round, median: {pairs:.3f}")
    print(f"beside the analysis: {seconds - stages:.2f} s, {100 * (seconds - stages) / stages:.1f} % of it")


DEFAULT = next((SAMPLES / "discovery-clinic").glob("audio.*"))
