"""`ridealong import`: many recordings from this machine's disk, straight into database and storage."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

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


def import_calls(
    files: Annotated[list[Path], typer.Argument(help="Recordings, or folders of them.", show_default=False)],
    *,
    by: Annotated[str, typer.Option("--by", help="E-mail address of the person who uploads them.")],
    table: Annotated[
        Path | None,
        typer.Option("--csv", help="What is known of each: a column 'file', and any of the options below."),
    ] = None,
    team: Annotated[str | None, typer.Option("--team", help="Team, by name or id.")] = None,
    rep: Annotated[str | None, typer.Option("--rep", help="Whose calls they are, by e-mail or id.")] = None,
    consent: Annotated[
        str | None,
        typer.Option(
            "--consent",
            help="Ground to analyse them on: all_parties, one_party, contract, role_play or synthetic. "
            "Without one they are kept and not analysed.",
        ),
    ] = None,
    account: Annotated[str | None, typer.Option("--account", help="Customer or opportunity.")] = None,
    call_type: Annotated[str | None, typer.Option("--type", help="Such as discovery or demo.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Spoken language, like en.")] = None,
    framework: Annotated[str | None, typer.Option("--framework", help="What to score them by.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Make another call of a file that is known already.")
    ] = False,
) -> None:
    """Take recordings into the service, all of them or none; a CSV says what is known of each."""
    said = {
        "team": team,
        "rep": rep,
        "consent": consent,
        "account": account,
        "call_type": call_type,
        "language": language,
        "framework": framework,
    }
    values = {name: value for name, value in said.items() if value is not None}
    try:
        items = _items(files, table, values)
        taken = asyncio.run(_take(load_settings(), by, items, again=again))
    except Refused as error:
        for fault in error.faults:
            sys.stderr.write(f"ridealong: {printable(str(fault))}\n")
        sys.stderr.write("ridealong: nothing was taken in; mend this and import again\n")
        raise typer.Exit(2) from None
    except Problem as error:
        raise CallError(error.detail) from None
    for item, one in zip(items, taken["items"], strict=True):
        known = " (known already)" if one["duplicate_of"] == one["call"]["id"] else ""
        sys.stdout.write(f"{one['call']['id']}  {one['call']['state']:<12} {shown(item.path)}{known}\n")


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
