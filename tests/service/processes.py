"""The service as its real processes, to be killed: `ridealong serve` on a folder and a port of its own."""

import contextlib
import datetime as dt
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import psutil
import psycopg

from service.auth.store import key_of

ADDRESS = re.compile(r"Ridealong is at (http://\S+)")
T = TypeVar("T")
SOON = 120.0  # seconds; far more than a busy machine needs


def eventually(look: Callable[[], T | None], what: str, seconds: float = SOON) -> T:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


class Service:
    """`ridealong serve` in a process of its own; use as a context."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.data = data
        self.out = data.parent / "serve.txt"
        self._environment = {
            **os.environ,
            "RIDEALONG_DATA": str(data),
            "RIDEALONG_PORT": "0",
            "RIDEALONG_STALLED_SECONDS": "5",
            "RIDEALONG_JOB_ATTEMPTS": "1000",  # being killed is no fault of the call's
            "RIDEALONG_THREADS": "1",
            "RIDEALONG_BLIND_SHARE": "0",
            **{f"RIDEALONG_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[httpx.Client] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait for its address."""
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from service.cli import main; main()", "serve"],
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        found = eventually(self._told, "the address")
        self.address = found[1]

    def _told(self) -> re.Match[str] | None:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended by itself:\n{self.said()[-4000:]}"
        return ADDRESS.search(self.said())

    def said(self) -> str:
        """What it printed."""
        return self.out.read_text(errors="replace")

    def stop(self) -> int:
        """Ctrl-C, and wait; its exit status."""
        assert self.process is not None
        for client in self._clients:
            client.close()
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"Ctrl-C did not stop it; it said:\n{self.said()[-4000:]}") from None

    def processes(self, module: str) -> list[psutil.Process]:
        """The children that run a module."""
        assert self.process is not None
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if module in child.cmdline():
                        found.append(child)
        return found

    def kill(self, what: str) -> None:
        """`kill -9` of web, worker or database, as soon as there is one."""
        if what == "database":
            pid = eventually(self.postmaster, "the database")
        else:
            pid = eventually(lambda: next(iter(self.processes(f"service.{what}")), None), what).pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def postmaster(self) -> int | None:
        """Process id of the embedded server."""
        try:
            pid = int((self.data / "postgresql" / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if psutil.pid_exists(pid) else None

    @property
    def url(self) -> str:
        """The embedded database's."""
        lines = (self.data / "postgresql" / "postmaster.pid").read_text().split("\n")
        return f"postgresql://postgres:@/postgres?host={quote(lines[4], safe='')}"

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; asked again while the database is away."""

        def ask() -> list[tuple[Any, ...]] | None:
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                    cursor = connection.execute(query, values)
                    return cursor.fetchall() if cursor.description else []
            except (psycopg.OperationalError, OSError, IndexError):
                return None

        return eventually(ask, "the database")

    def manager(self) -> tuple[httpx.Client, uuid.UUID, uuid.UUID]:
        """A client with the token of a manager, the team, and a rep in it."""
        team, manager, rep = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        self.sql("insert into team (id, name) values (%s, 'Sales')", team)
        for person, name, role in ((manager, "Mara", "manager"), (rep, "Rita", "rep")):
            self.sql(
                "insert into person (id, email, name, administrator, time_zone)"
                " values (%s, %s, %s, false, 'UTC')",
                person,
                f"{name.lower()}@example.com",
                name,
            )
            self.sql(
                "insert into membership (person_id, team_id, role) values (%s, %s, %s)", person, team, role
            )
        secret = secrets.token_urlsafe(32)
        scopes = ["calls:read", "calls:upload", "calls:run", "calls:edit", "reviews:write", "calls:delete"]
        self.sql(
            "insert into token (id, person_id, key, name, scopes, expires_at)"
            " values (%s, %s, %s, 'test', %s, %s)",
            uuid.uuid4(),
            manager,
            key_of(secret),
            scopes,
            dt.datetime.now(dt.UTC) + dt.timedelta(hours=1),
        )
        client = httpx.Client(
            base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {secret}"}, timeout=60
        )
        self._clients.append(client)
        return client, team, rep


@contextlib.contextmanager
def slow_endings(service: Service, seconds: float, stages: Iterable[str]) -> Iterator[None]:
    """These stages take so long to be stored the first time: long enough to be killed meanwhile."""
    names = ", ".join(f"'{stage}'" for stage in stages)
    service.sql(
        "create function slow_ending() returns trigger language plpgsql as $$ begin"
        f" perform pg_sleep({seconds}); return new; end $$"
    )
    service.sql(
        "create trigger slow_ending before update on stage for each row"
        " when (new.state = 'done' and old.state = 'running' and old.attempts = 1"
        f" and new.name in ({names}))"
        " execute function slow_ending()"
    )
    try:
        yield
    finally:
        service.sql("drop trigger slow_ending on stage")
        service.sql("drop function slow_ending()")
