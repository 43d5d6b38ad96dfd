"""The watched folder: what is put there becomes calls of `watch_owner`, then lies in `taken` or `refused`.

A file `calls.csv` in it says what is known of each recording, as in a batch upload. A process that is killed
after a file became a call and before it was moved takes it up again, and it is recognised then.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import func, select
from watchfiles import awatch

from models.errors import UnreadableTranscript
from service import jobs
from service.auth import store as people
from service.auth.permissions import Who
from service.calls.details import Given
from service.calls.metadata_csv import Refused, Row, read, text_of
from service.calls.receiving import file_name
from service.calls.tables import Source
from service.calls.taking import Item, take_one
from service.edge import Parts
from service.problems import Forbidden, NotFound, TooLarge, Unusable
from service.settings import Settings, WrongSetting

log = structlog.get_logger("ridealong.watch")

LOCK = 0x51DEA12  # of the one process that watches
REST = 3.0  # seconds that size and time of a file must stay as they are
LOOK_EVERY = 1000  # milliseconds, where nothing is heard of a change
TABLE = "calls.csv"
UNFINISHED = frozenset({".part", ".tmp", ".crdownload", ".filepart", ".partial"})


@dataclass(frozen=True, slots=True)
class Sight:
    """How a file looked, and since when it looks so; seconds of a clock that only goes on."""

    size: int
    changed: int
    since: float


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
        sights: dict[Path, Sight] = {}
        async for _ in awatch(
            folder, stop_event=stopping, rust_timeout=LOOK_EVERY, yield_on_timeout=True, recursive=False
        ):
            ready, sights = rested(_there(folder), sights, time.monotonic(), rest)
            if ready and not stopping.is_set():
                await take(parts, folder, ready)


async def take(parts: Parts, folder: Path, ready: list[Path]) -> None:
    """Make calls of files that are whole, and move each to where it belongs."""
    who = await _owner(parts)
    rows = _table(folder)
    if rows is None:
        return
    for path in ready:
        name = file_name(path.name)
        row = rows.get(name)
        item = Item(path, name, row.given if row else Given.model_validate({}))
        try:
            await take_one(parts, who, item, source=Source.WATCH, priority=jobs.BATCH)
        except (Unusable, UnreadableTranscript, TooLarge, Forbidden, NotFound) as error:
            moved = _move(path, folder / "refused")
            moved.with_name(f"{moved.name}.txt").write_text(f"{error}\n", encoding="utf-8")
            log.info("refused", reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one file or a database that is away must not end it
            log.warning("left for later", error=type(error).__name__)
        else:
            _move(path, folder / "taken")
            log.info("taken")


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
    """Size and time of change of every file that may be one to take."""
    found: dict[Path, tuple[int, int]] = {}
    for path in folder.iterdir():
        wanted = not path.name.startswith(".") and path.name not in {TABLE, f"{TABLE}.txt"}
        if wanted and path.suffix.lower() not in UNFINISHED and path.is_file() and not path.is_symlink():
            status = path.stat()
            found[path] = (status.st_size, status.st_mtime_ns)
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
