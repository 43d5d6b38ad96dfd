"""`ridealong serve`: database, web and workers as processes that are watched, and started again."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog

from models.errors import CallError
from service import logs
from service.auth.invitations import first_administrator_link
from service.database import Database, plain, upgrade
from service.embedded import DatabaseUnreachable, start_embedded, stop_embedded
from service.readiness import check_work
from service.settings import Settings

log = structlog.get_logger("ridealong.serve")

LOOK_EVERY = 0.5  # seconds
LONGEST_PAUSE = 30.0  # seconds before a process that keeps ending is started again
STEADY = 10.0  # seconds after which a process counts as well
GRACE = 15.0  # seconds in which children put down what they hold
DATABASE_AGAIN = 20.0  # seconds that a database gets to come back; being told to stop waits as long


class Child:
    """A process that should always be there; `command` may change from start to start."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Callable[[], dict[str, str]],
        *,
        fd: int | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._fds = () if fd is None else (fd,)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._again_at = 0.0
        self._pause = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def look(self) -> None:
        """Start it if it isn't there; one that ends soon again and again is given longer pauses."""
        now = time.monotonic()
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return
            self._close()
            self._pause = (
                0.0 if now - self._started > STEADY else min(max(2 * self._pause, 0.5), LONGEST_PAUSE)
            )
            self._again_at = now + self._pause
            log.warning("process ended", process=self.name, status=status, again_in=self._pause)
        if now >= self._again_at:
            self._started = now
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                self._command,
                stdin=subprocess.PIPE,
                env=self._environment(),
                pass_fds=self._fds,
                start_new_session=True,  # Ctrl-C in the terminal is for this process to pass on
            )

    def ask_to_stop(self) -> None:
        """Have it end by itself."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end; after `until` it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process killed", process=self.name)
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None


class Embedded:
    """The database that runs in the data folder; started again when it is gone."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self._server: Any = start_embedded(self._data)
        self.url = plain(self._server.get_uri())
        self._connection: psycopg.Connection[Any] | None = None
        self._again_at = 0.0
        self._pause = 0.5

    def look(self) -> None:
        """Start it if it doesn't answer."""
        if time.monotonic() < self._again_at:
            return
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self.url, autocommit=True, connect_timeout=5)
            self._connection.execute("select")
            self._pause = 0.5
        except psycopg.OperationalError:
            self._close()
            self._start()

    def _start(self) -> None:
        log.warning("database ended")
        try:
            self._server = start_embedded(self._data, seconds=DATABASE_AGAIN)
            self.url = plain(self._server.get_uri())
        except DatabaseUnreachable as error:
            log.warning("database can't be started", error=str(error), again_in=self._pause)
        self._again_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def stop(self) -> None:
        """Stop it, unless another process of this machine uses it too."""
        self._close()
        stop_embedded(self._server)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[Callable[[], str], Callable[[], None]]]:
    """The database's URL and how to look after it."""
    if settings.database_url:
        url = plain(settings.database_url)
        yield (lambda: url), (lambda: None)
        return
    embedded = Embedded(settings)
    try:
        yield (lambda: embedded.url), embedded.look
    finally:
        embedded.stop()


def listening(settings: Settings) -> socket.socket:
    """The socket that web processes accept from; it outlives them, so that nobody is refused meanwhile.

    Raises:
        CallError: the address is taken or isn't this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        made = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        raise CallError(
            f"{settings.host}:{settings.port} can't be listened on ({error.strerror}); "
            "choose another by --host and --port"
        ) from error
    made.set_inheritable(True)
    return made


def serve(settings: Settings, tell: Callable[[str], None]) -> None:
    """Run everything until SIGINT or SIGTERM; `tell` gets the address, and the first administrator's link.

    Raises:
        CallError: the address is taken, or the database can't be started or reached.
    """
    logs.configure(settings.log_format, part="serve")
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    if settings.workers:
        check_work(settings)
    with listening(settings) as sock, _database(settings) as (url, look):
        upgrade(url())
        port = sock.getsockname()[1]
        shown = settings.model_copy(update={"port": port})
        children = _children(settings, url, sock.fileno(), port)
        try:
            for child in children:
                child.look()
            link = _first_link(url(), shown)
            tell(f"Ridealong is at {shown.address}")
            if link:
                tell(f"Make the first administrator's account at {link}")
            while not stopping.wait(LOOK_EVERY):
                look()
                for child in children:
                    child.look()
        finally:
            tell("stopping")
            until = time.monotonic() + GRACE
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait(until)


def _children(settings: Settings, url: Callable[[], str], fd: int, port: int) -> list[Child]:
    def environment() -> dict[str, str]:
        return {
            **os.environ,
            "RIDEALONG_DATABASE_URL": url(),
            "RIDEALONG_DATA": str(settings.data),
            "RIDEALONG_HOST": settings.host,
            "RIDEALONG_PORT": str(port),
        }

    web = Child("web", [sys.executable, "-m", "service.web", "--fd", str(fd)], environment, fd=fd)
    workers = [
        Child(f"worker {number + 1}", [sys.executable, "-m", "service.worker"], environment)
        for number in range(settings.workers)
    ]
    return [web, *workers]


def _first_link(url: str, settings: Settings) -> str | None:
    """The link by which the first administrator makes an account; None once anybody has one."""

    async def ask() -> str | None:
        database = Database(url, connections=1)
        try:
            return await first_administrator_link(database, settings)
        finally:
            await database.close()

    return asyncio.run(ask())
