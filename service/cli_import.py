"""`ridealong import`: many recordings from this machine's disk, straight into database and storage.

What takes them in is imported inside the command: `--help` and the commands on files don't need it.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer


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
    from service.calls.importing import NothingTaken, import_files  # noqa: PLC0415

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
        lines = import_files(files, table, by, values, again=again)
    except NothingTaken as error:
        for fault in error.faults:
            sys.stderr.write(f"ridealong: {fault}\n")
        sys.stderr.write("ridealong: nothing was taken in; mend this and import again\n")
        raise typer.Exit(2) from None
    for line in lines:
        sys.stdout.write(line + "\n")
