"""The command line for whoever runs the service: serve, worker, db, settings, backup, restore.

What a command needs is imported inside it: `--help` and the commands on files need neither web nor database.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.settings import Settings

db = typer.Typer(help="Look after the database.", no_args_is_help=True)
Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of database and recordings; RIDEALONG_DATA by default.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a database that isn't empty.")]


def serve(
    *,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Calls analysed at a time.")] = None,
    data: Data = None,
) -> None:
    """Run the service: database, web pages, API and workers; Ctrl-C stops it."""
    from service.serve import serve as run  # noqa: PLC0415

    run(_settings(host=host, port=port, workers=workers, data=data), _tell)


def worker(
    *,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=64, help="Calls analysed at a time.")
    ] = 1,
    data: Data = None,
) -> None:
    """Analyse calls for a service whose database and storage this machine reaches; Ctrl-C stops it."""
    from service.database import running  # noqa: PLC0415
    from service.worker import end_process, run  # noqa: PLC0415

    settings = _settings(data=data)
    with running(settings) as url:
        run(settings, url, concurrency=concurrency)
    end_process()


@db.command("upgrade")
def upgrade_database(*, data: Data = None) -> None:
    """Bring the database's tables to the form that this version needs; safe to repeat."""
    from service.database import running, upgrade  # noqa: PLC0415
    from service.revision import check_tables  # noqa: PLC0415

    with running(_settings(data=data)) as url:
        upgrade(url)
        _tell(f"the tables are those of revision {check_tables(url)}")


def settings(*, data: Data = None) -> None:
    """Print every setting, its value and where that comes from; secrets are not shown."""
    from service.administration.reading import as_they_hold  # noqa: PLC0415
    from service.settings import described  # noqa: PLC0415

    given = _settings(data=data)
    now, stored, fault = as_they_hold(given)
    if fault:
        sys.stderr.write(f"ridealong: {fault}; what an administrator changed is not shown\n")
    rows = list(described(now, stored))
    wide = max(len(name) for name, _, _ in rows)
    for name, value, source in rows:
        sys.stdout.write(f"{name:<{wide}}  {value or '-'}  ({source})\n")


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, like ridealong.tar.")], *, data: Data = None
) -> None:
    """Write database and recordings to one file; the service may go on running."""
    from service.backup import backup as write  # noqa: PLC0415
    from service.database import running  # noqa: PLC0415

    given = _settings(data=data)
    with running(given) as url:
        made = write(given, url, file)
    _tell(f"{file}: the database and {made.recordings} recordings")
    if made.missing:
        _tell(
            f"{len(made.missing)} recordings were missing in the storage, {made.missing[0]} the first of them"
        )


def restore(
    file: Annotated[Path, typer.Argument(help="What `ridealong backup` wrote.")],
    *,
    force: Force = False,
    data: Data = None,
) -> None:
    """Check a backup and put it in the place of what is there; the service must be stopped."""
    from service.backup import restore as read  # noqa: PLC0415
    from service.database import running, upgrade  # noqa: PLC0415

    given = _settings(data=data)
    with running(given) as url:
        found = read(given, url, file, force=force)
        upgrade(url)
    _tell(f"restored: the database and {found.recordings} recordings, every checksum as it should be")


def _settings(**given: object) -> "Settings":
    """Settings with options on top; processes that are started see them, too."""
    from service.settings import PREFIX, load_settings  # noqa: PLC0415

    for name, value in given.items():
        if value is not None:
            os.environ[f"{PREFIX}{name.upper()}"] = str(value)
    return load_settings()


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def add_to(app: typer.Typer) -> None:
    """Put these commands beside the others."""
    for command in (serve, worker, settings, backup, restore):
        app.command()(command)
    app.add_typer(db, name="db")
