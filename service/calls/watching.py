"""The watched folder: what is put there becomes calls of `watch_owner`, then lies in `taken` or `refused`.

A file `calls.csv` in it says what is known of each recording, as in a batch upload. A process that is killed
after a file became a call and before it was moved takes it up again, and it is recognised then.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from watchfiles import awatch

from models.errors import UnreadableTranscript
from service import jobs
from service.auth import store as people
from service.auth.permissions import Who
from service.calls.details import Given
from service.calls.metadata_csv import Refused, Row, read, text_of
from service.calls.open_files import being_written
from service.calls.receiving import file_name
from service.calls.tables import Source
from service.calls.taking import Item, take_one
from service.edge import Parts
from service.problems import DiskFull, Forbidden, NotFound, TooLarge, Unusable
from service.settings import Settings, WrongSetting

log = structlog.get_logger("ridealong.watch")

LOCK = 0x51DEA12  # of the one process that watches
REST = 3.0  # seconds that size and time of a file must stay as they are
LOOK_EVERY = 1000  # milliseconds, where nothing is heard of a change
AGAIN = 30.0  # seconds after which a file that couldn't be taken is tried again
BUNCH = 100  # files that are taken before the folder is looked at again
TABLE = "calls.csv"
UNFINISHED = frozenset({".part", ".tmp", ".crdownload", ".filepart", ".partial"})


@dataclass(frozen=True, slots=True)
class Sight:
    """How a file looked, and since when it looks so; seconds of a clock that only goes on."""

    size: int
    changed: int
    since: float


@dataclass(slots=True)
class Watched:
    """A watched folder: how its files looked, and what its `calls.csv` said when it looked as it does."""

    folder: Path
    sights: dict[Path, Sight]
    table: Sight | None = None
    rows: Mapping[str, Row] | None = None

    def look(self, rest: float) -> list[Path]:
        """Files to take now: they rest, nobody has them open to write, and `calls.csv` is whole, too."""
        ready, self.sights = rested(_there(self.folder), self.sights, time.monotonic(), rest)
        table = self.folder / TABLE
        if table in self.sights and table not in ready:
            return []
        whole = [path for path in ready if path != table and not being_written(path)]
        sight = self.sights.get(table)
        if whole and (sight != self.table or sight is None):
            self.rows, self.table = _table(self.folder), sight
        return whole if self.rows is not None else []

    def as_before(self, path: Path) -> bool:
        """Whether a file is still as it was seen when it was found whole."""
        sight = self.sights.get(path)
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        return sight is not None and (status.st_size, status.st_mtime_ns) == (sight.size, sight.changed)

    def later(self, path: Path) -> None:
        """Leave a file for a while, so that it isn't in the others' way."""
        self.sights[path] = replace(self.sights[path], since=time.monotonic() + AGAIN)


def rested(
    found: Mapping[Path, tuple[int, int]], before: Mapping[Path, Sight], now: float, rest: float
) -> tuple[list[Path], dict[Path, Sight]]:
    """Files that look the same for `rest` seconds, oldest name first, and how every file looks now.

    `found` has size and time of change of each.
    """
    sights: dict[Path, Sight] = {}
    for path, (size, changed) in found.items():
        old = before.get(path)
        same = old is not None and (old.size, old.changed) == (size, changed)
        sights[path] = old if same and old is not None else Sight(size, changed, now)
    return sorted(path for path, sight in sights.items() if now - sight.since >= rest), sights


async def watch(parts: Parts, stopping: asyncio.Event, *, rest: float = REST) -> None:
    """Take in what is put into the watched folder until told to stop; one process does it, others wait.

    Raises:
        WrongSetting: the folder or its owner isn't there.
    """
    folder = parts.settings.watch
    if folder is None:
        return
    await _owner(parts)
    _folders(folder)
    async with parts.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            try:
                await asyncio.wait_for(stopping.wait(), 10)
            except TimeoutError:
                continue
            return
        watched = Watched(folder, {})
        async for _ in awatch(
            folder, stop_event=stopping, rust_timeout=LOOK_EVERY, yield_on_timeout=True, recursive=False
        ):
            while ready := await asyncio.to_thread(watched.look, rest):
                if stopping.is_set():
                    break
                await take(parts, watched, ready[:BUNCH])


async def take(parts: Parts, watched: Watched, ready: Sequence[Path]) -> None:
    """Make calls of files that are whole, and move each to where it belongs.

    Raises:
        DBAPIError, DiskFull: nothing can be taken now.
    """
    who = await _owner(parts)
    for path in ready:
        if not watched.as_before(path):  # since the others before it were taken
            continue
        name = file_name(path.name)
        row = (watched.rows or {}).get(name)
        item = Item(path, name, row.given if row else Given.model_validate({}))
        try:
            await take_one(parts, who, item, source=Source.WATCH, priority=jobs.BATCH)
        except (Unusable, UnreadableTranscript, TooLarge, Forbidden, NotFound) as error:
            moved = _move(path, watched.folder / "refused")
            moved.with_name(f"{moved.name}.txt").write_text(f"{error}\n", encoding="utf-8")
            log.info("refused", reason=type(error).__name__)
        except (DBAPIError, DiskFull):
            raise
        except Exception as error:  # noqa: BLE001 - one file must not end it
            log.warning("left for later", error=type(error).__name__)
            watched.later(path)
        else:
            if watched.as_before(path):
                _move(path, watched.folder / "taken")
                log.info("taken")
            else:
                log.warning("changed while it was taken; it is taken again once it rests")


def _table(folder: Path) -> dict[str, Row] | None:
    """What `calls.csv` says by file; None where it has faults, which then stand in `calls.csv.txt`."""
    path = folder / TABLE
    complaint = folder / f"{TABLE}.txt"
    if not path.is_file():
        return {}
    try:
        rows = read(text_of(path.read_bytes()))
    except Refused as error:
        lines = "\n".join(str(fault) for fault in error.faults)
        complaint.write_text(f"Nothing is taken in until this is mended:\n{lines}\n", encoding="utf-8")
        return None
    complaint.unlink(missing_ok=True)
    return {row.file: row for row in rows}


def _there(folder: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of change of every file that may be one to take, and of `calls.csv`."""
    found: dict[Path, tuple[int, int]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            wanted = not entry.name.startswith(".") and entry.name != f"{TABLE}.txt"
            if not wanted or Path(entry.name).suffix.lower() in UNFINISHED:
                continue
            try:
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found[folder / entry.name] = (status.st_size, status.st_mtime_ns)
            except FileNotFoundError:  # it went meanwhile
                continue
    return found


def _move(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a name that is free there."""
    target, number = folder / path.name, 2
    while target.exists():
        target = folder / f"{path.stem}-{number}{path.suffix}"
        number += 1
    return path.rename(target)


def _folders(folder: Path) -> None:
    try:
        for name in ("taken", "refused"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(
            f"RIDEALONG_WATCH={folder}: it can't be written to ({error.strerror}); name another folder"
        ) from error


async def _owner(parts: Parts) -> Who:
    email = parts.settings.watch_owner
    return await owner(parts, email, setting=Settings.model_config["env_prefix"] + "WATCH_OWNER")


async def owner(parts: Parts, email: str | None, *, setting: str) -> Who:
    """The person of an e-mail address that a setting or option names.

    Raises:
        WrongSetting: there is nobody of that address.
    """
    async with parts.database.transaction() as session:
        person = await people.person_by_email(session, email) if email else None
        found = await people.who(session, person.id) if person else None
    if found is None:
        raise WrongSetting(f"{setting}={email or ''}: nobody has this e-mail address; add them, or mend it")
    return found
