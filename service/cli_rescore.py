"""The command `ridealong rescore`: an old result by today's scorer, in a new file, with before and after."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from models.framework import load_framework
from service import batch


def rescore(
    file: Annotated[Path, typer.Argument(help="Result of analyze or score.", metavar="RESULT.json")],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="New file to write; by default nothing is written, only shown."),
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option("--framework", help="default, donor, or a TOML file; by default the result's own."),
    ] = None,
) -> None:
    """Score an old result anew and show before and after; the old file is never changed."""
    from service.rescore import NotAResult, changes, read_result, rescored  # noqa: PLC0415

    old = read_result(file)
    if out is not None and out.exists():
        raise NotAResult(f"{out}: is there already; name a new file, results are never written over.")
    card = old.scorecard
    name = framework or (card.framework if card else "default")
    context = card.context.name if card and card.context and framework is None else None
    new = rescored(old, load_framework(name, context))
    for line in changes(old, new):
        sys.stdout.write(line + "\n")
    if out is not None:
        batch.write(new, out)
        sys.stdout.write(f"written: {out}\n")
