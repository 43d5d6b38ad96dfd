"""A first start or an upgrade that was killed in the middle: the next one comes up right."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from service.database import running, upgrade
from service.embedded import forget_stale, start_embedded
from service.revision import check_tables
from service.settings import load_settings
from tests.service.processes import eventually
from tests.service.test_embedded import answers

UPGRADE = "from service.cli import main; main()", "db", "upgrade"
START = (
    "import sys; from pathlib import Path; from service.embedded import start_embedded;"
    " start_embedded(Path(sys.argv[1]))"
)
# Tables come so slowly that there is time to kill whoever makes them.
SLOW_TABLES = """
create function slow_tables() returns event_trigger language plpgsql
as $$ begin perform pg_sleep(0.3); end $$;
create event trigger slow_tables on ddl_command_end when tag in ('CREATE TABLE')
execute function slow_tables()
"""
QUICK_AGAIN = "drop event trigger if exists slow_tables; drop function if exists slow_tables"
SLEEPING = "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
LONG = os.environ.get("RIDEALONG_TEST") == "long"
TWICE = ("upgrade", "database", "database")


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder where PostgreSQL's own user may look."""
    with TemporaryDirectory(prefix="ridealong-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def started(data: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", *arguments],
        env={**os.environ, "RIDEALONG_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def killed_while_made(data: Path, *, whole: bool) -> None:
    """Kill a first start while the database's folder is being made; what it started, too, or go on alone."""
    process = started(data, START, str(data))
    tree = psutil.Process(process.pid)
    eventually(lambda: next(data.rglob("PG_VERSION"), None), "the folder's beginning")
    for one in [*(tree.children(recursive=True) if whole else []), tree]:
        one.kill()
    process.communicate()


def killed_while_tables_are_made(data: Path, what: str) -> None:
    with running(load_settings(data=data)) as url, psycopg.connect(url, autocommit=True) as connection:
        eventually(
            lambda: True if not connection.execute(SLEEPING).fetchone() else None, "the last one's end"
        )
        connection.execute(SLOW_TABLES)
        process = started(data, *UPGRADE)
        eventually(lambda: connection.execute(SLEEPING).fetchone(), "the first tables")
        pid = process.pid
        if what == "database":
            pid = int((data / "postgresql" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        _, said = process.communicate(timeout=60)
        assert process.returncode != 0
        if what == "database":
            [line] = said.decode().strip().splitlines()
            assert line.startswith("ridealong: ")
            assert "start again" in line


@pytest.mark.parametrize("kills", [("database",)] if not LONG else [("upgrade",), ("database",), TWICE])
def test_a_first_start_that_is_killed_is_made_good_by_the_next(data: Path, kills: tuple[str, ...]) -> None:
    killed_while_made(data, whole=True)
    for what in kills:
        killed_while_tables_are_made(data, what)
        with running(load_settings(data=data)) as url, psycopg.connect(url, autocommit=True) as connection:
            connection.execute(QUICK_AGAIN)
    with running(load_settings(data=data)) as url:
        upgrade(url)
        check_tables(url)
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)
    assert {path.name for path in data.iterdir()} <= {"postgresql", ".postgresql.lock"}


@pytest.mark.skipif(not LONG, reason="takes seconds: RIDEALONG_TEST=long runs it")
def test_what_a_killed_start_left_running_is_in_nobody_s_way(data: Path) -> None:
    killed_while_made(data, whole=False)
    assert answers(start_embedded(data))


def test_notes_that_broke_off_are_no_hindrance(tmp_path: Path) -> None:
    users, postmaster = tmp_path / ".handle_pids.json", tmp_path / "postmaster.pid"
    users.write_text("[12")
    postmaster.write_text(f"-25007\n{tmp_path}\n1700000000\n")  # as initdb's own server has it
    forget_stale(tmp_path)
    assert not users.exists()
    assert not postmaster.exists()
