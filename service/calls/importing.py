"""Recordings of this machine's disk taken into the service, all or none: what `ridealong import` does."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.errors import CallError
from models.files import printable, shown
from service import batch
from service.calls import metadata_csv
from service.calls.details import described
from service.calls.metadata_csv import Refused
from service.calls.receiving import file_name
from service.calls.taking import Item, take_many
from service.calls.watching import owner
from service.database import Database, running, upgraded
from service.edge import Parts
from service.jobs import queue
from service.problems import Problem
from service.settings import Settings, load_settings
from service.storage import Storage

_RECORDINGS = ".wav .mp3 .m4a .mp4 .flac .ogg .oga .opus .webm"
SUFFIXES = frozenset(_RECORDINGS.split()) | batch.TRANSCRIPTS


class NothingTaken(Exception):
    """Lines of what is wrong with files or CSV; nothing was taken in."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(*faults)
        self.faults = faults


def import_files(
    files: Sequence[Path], table: Path | None, by: str, values: dict[str, str], *, again: bool
) -> list[str]:
    """Take files in, and say a line about each: its call's id, its state, its path.

    Raises:
        NothingTaken: with what is wrong, a line each.
        CallError: an option, the CSV or a folder can't be used.
    """
    try:
        items = _items(files, table, values)
        taken = asyncio.run(_take(load_settings(), by, items, again=again))
    except Refused as error:
        raise NothingTaken([printable(str(fault)) for fault in error.faults]) from None
    except Problem as error:
        raise CallError(error.detail) from None
    return [_told(item, one) for item, one in zip(items, taken["items"], strict=True)]


def _told(item: Item, one: Mapping[str, Any]) -> str:
    known = " (known already)" if one["duplicate_of"] == one["call"]["id"] else ""
    return f"{one['call']['id']}  {one['call']['state']:<12} {shown(item.path)}{known}"


def _items(files: Sequence[Path], table: Path | None, values: dict[str, str]) -> list[Item]:
    """The files and what is said of each, by the CSV and else by the options.

    Raises:
        Problem, CallError: an option, the CSV or a folder can't be used.
    """
    paths: list[Path] = []
    for found in batch.collect(files, SUFFIXES):
        if isinstance(found, CallError):
            raise found
        if not found.path.is_file():
            raise CallError(f"{shown(found.path)}: there is no such file; check the name and the folder.")
        paths.append(found.path)
    given = described(values)
    if table is None:
        return [Item(path, path.name, given) for path in paths]
    try:
        text = metadata_csv.text_of(table.read_bytes())
    except OSError as error:
        raise CallError(f"{shown(table)}: it can't be read ({error.strerror}); check --csv.") from None
    lines = metadata_csv.matched(metadata_csv.read(text, values), [file_name(path.name) for path in paths])
    rows = [lines[file_name(path.name)] for path in paths]
    return [Item(path, path.name, row.given, row.line) for path, row in zip(paths, rows, strict=True)]


async def _take(settings: Settings, by: str, items: Sequence[Item], *, again: bool) -> dict[str, Any]:
    with running(settings) as url:
        await upgraded(url)
        database, jobs = Database(url), queue(url)
        async with jobs.open_async():
            try:
                parts = Parts(settings, database, Storage(settings), jobs, b"")
                who = await owner(parts, by, setting="--by")
                _, body = await take_many(parts, who, items, again=again)
            finally:
                await database.close()
    return body
