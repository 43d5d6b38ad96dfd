"""The command `ridealong framework`: a rubric to read, or the check of one that somebody writes."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.framework import contexts_of, load_framework
from models.heads import load_heads
from service.rubric_view import show_framework

Name = Annotated[
    str, typer.Argument(help="default, donor, or a TOML file of your own.", metavar="[NAME|FILE]")
]
ContextName = Annotated[
    str | None,
    typer.Option("--context", help="The words of a trade, like software; ridealong framework lists them."),
]


def framework(
    name: Name = "default",
    *,
    context: ContextName = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", help="Only check this file, its contexts and its weights; print what is wrong."
        ),
    ] = None,
) -> None:
    """Print a rubric: what each score sounds like, the competencies behind it, the contexts it comes in."""
    console = Console(highlight=False)
    if check is not None:
        for line in _checked(check):
            console.print(line, markup=False)
        return
    chosen = load_framework(name, context)
    others = [load_framework(name, other).context for other in contexts_of(chosen)]
    show_framework(console, chosen, [other for other in others if other is not None])


def _checked(path: Path) -> list[str]:
    """What was found in order, a line each.

    Raises:
        UnknownFramework: something is wrong; one line with file and key.
    """
    chosen = load_framework(path)
    names = contexts_of(chosen)
    for name in names:
        load_framework(path, name)
    lines = [f"{path.name}: {chosen.id} {chosen.version}, {len(chosen.dimensions)} dimensions, in order."]
    lines += [f"Contexts in order: {', '.join(names)}."] if names else []
    weights = chosen.path.with_suffix(".weights.toml")
    if not weights.is_file():
        return [*lines, f"To score with it, put its weights beside it, as {weights.name}."]
    return [*lines, f"Weights in order: {load_heads(chosen).version}."]
