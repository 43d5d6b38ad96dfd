"""From upload to scorecard, against `ridealong analyze` on the same file, started anew or warm.

Whoever comes first in a round changes from round to round, so that a machine that gets busier favours nobody.
"""

import argparse
import itertools
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def _warm(data: Path) -> Iterator[Callable[[Path], float]]:
    """`ridealong analyze` in a process that has its models already; seconds for a file."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.service_warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(data / "warm.log").open("wb"),
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101
    to, come = process.stdin, process.stdout

    def analyse(path: Path) -> float:
        to.write(f"{path}\n")
        to.flush()
        return float(come.readline())

    try:
        yield analyse
    finally:
        to.close()
        process.wait()


def overhead(arguments: argparse.Namespace) -> None:
    """Print all three, and how much of the service's time is not analysis."""
    source: Path = arguments.file
    taken: dict[str, list[float]] = {"command": [], "warm": [], "service": [], "stages": []}
    with (
        server(arguments.folder) as (data, server_url),
        database(server_url) as url,
        house(data, url) as there,
        _warm(data) as warm,
    ):
        worker = started("service.worker", data, url)

        def serve(path: Path) -> None:
            seconds, stages = _service(there, path, url)
            taken["service"].append(seconds)
            taken["stages"].append(stages)

        ways: list[Callable[[Path], None]] = [
            lambda path: taken["command"].append(_command(path)),
            lambda path: taken["warm"].append(warm(path)),
            serve,
        ]
        numbers = itertools.count()

        def another() -> Path:
            number = next(numbers)
            return _another(source, data / f"{number}{source.suffix}", number)

        try:
            warm(another())  # these two load the models, as a worker does once
            _service(there, another(), url)
            for turn in range(arguments.times):
                for way in ways if turn % 2 == 0 else reversed(ways):
                    way(another())
        finally:
            stopped(worker)
    print(f"{source.name}, median of {arguments.times}, in turn; {load()}")
    middle = {name: statistics.median(values) for name, values in taken.items()}
    print(f"ridealong analyze: {middle['command']:.2f} s, starting and loading models included")
    print(f"the same in a process that has its models: {middle['warm']:.2f} s")
    print(
        f"upload to scorecard: {middle['service']:.2f} s, of which its stages took {middle['stages']:.2f} s"
    )
    for name in ("command", "warm"):
        pairs = [ours / theirs for ours, theirs in zip(taken["service"], taken[name], strict=True)]
        shown = " ".join(f"{ratio:.3f}" for ratio in pairs)
        print(f"ratio to the {name} one of the same round, median: {statistics.median(pairs):.3f} ({shown})")
    beside = middle["service"] - middle["stages"]
    print(f"beside the stages: {beside:.2f} s, {100 * beside / middle['stages']:.1f} % of them")


DEFAULT = next((SAMPLES / "discovery-clinic").glob("audio.*"))
