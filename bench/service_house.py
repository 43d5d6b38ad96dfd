"""A service to measure: a database in a folder of its own, the real web process, somebody to ask it."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import psycopg
from sqlalchemy.engine import make_url

from service.auth.permissions import Action
from service.auth.store import key_of
from service.database import running, upgrade
from service.settings import load_settings

SECRET = "ride_bench"  # noqa: S105 - of a service that lives as long as the bench
EVERY = 0.02  # seconds between looks at a process's memory
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class House:
    """A running web process on a database, and the token of a manager of every team in it."""

    data: Path
    url: str
    address: str
    web: psutil.Process
    team: uuid.UUID
    manager: uuid.UUID

    def client(self, **more: Any) -> httpx.Client:
        """A client of the manager's."""
        return httpx.Client(**self.asking, **more)

    @property
    def asking(self) -> dict[str, Any]:
        """What a client of the manager's is made with."""
        return {
            "base_url": f"{self.address}/api/v1",
            "headers": {"Authorization": f"Bearer {SECRET}"},
            "timeout": 600,
        }


@contextmanager
def server(folder: Path | None) -> Iterator[tuple[Path, str]]:
    """A data folder, removed afterwards, and the server that runs in it, or that of `TEST_DATABASE_URL`."""
    data = Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
    try:
        with running(load_settings(data=data, database_url=os.environ.get("TEST_DATABASE_URL"))) as url:
            yield data, url
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def database(url: str) -> Iterator[str]:
    """A database with all tables and no rows, on a server."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        made = make_url(url).set(database=name).render_as_string(hide_password=False)
        try:
            upgrade(made)
            yield made
        finally:
            connection.execute(f'drop database "{name}" with (force)')


def settle(url: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A team and its manager, who has a token for everything."""
    team, manager = uuid.uuid4(), uuid.uuid4()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into team (id, name) values (%s, 'Sales')", (team,))
        connection.execute(
            "insert into person (id, email, name, administrator, time_zone)"
            " values (%s, 'mara@example.com', 'Mara', false, 'UTC')",
            (manager,),
        )
        connection.execute("insert into membership values (%s, %s, 'manager')", (manager, team))
        connection.execute(
            "insert into token (id, person_id, key, name, scopes) values (%s, %s, %s, 'bench', %s)",
            (uuid.uuid4(), manager, key_of(SECRET), [action.value for action in Action]),
        )
    return team, manager


@contextmanager
def house(data: Path, url: str) -> Iterator[House]:
    """The web process on a database."""
    team, manager = settle(url)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        listening.set_inheritable(True)
        process = started("service.web", data, url, "--fd", str(listening.fileno()), fd=listening.fileno())
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            httpx.get(f"{address}/ready", timeout=120).raise_for_status()
            yield House(data, url, address, psutil.Process(process.pid), team, manager)
        finally:
            stopped(process)


def started(module: str, data: Path, url: str, *arguments: str, fd: int | None = None) -> Any:
    """A process of the service as `ridealong serve` starts it; its log is in the data folder."""
    with (data / f"{module}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "RIDEALONG_DATABASE_URL": url, "RIDEALONG_DATA": str(data)},
            pass_fds=() if fd is None else (fd,),
        )


def stopped(process: "subprocess.Popen[bytes]") -> None:
    """End a process that `started` made."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Memory:
    """Watches a process: `before` and `most`, resident bytes, while it is used as a context manager."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.before = self.most = process.memory_info().rss

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.most = max(self.most, self._process.memory_info().rss)

    @property
    def grown(self) -> float:
        """MiB that it took more than before."""
        return (self.most - self.before) / MIB


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile of times, in milliseconds."""
    cut = statistics.quantiles(seconds, n=100, method="inclusive")
    return 1000 * cut[49], 1000 * cut[94]


def load() -> str:
    """How busy the machine is, for beside a figure."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def timed(work: Any) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
