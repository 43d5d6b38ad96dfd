"""A framework as text for the terminal: its rubric, the competencies behind it, its contexts."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models.competencies import Competencies
from models.contexts import Context
from models.files import printable
from models.framework import Anchor, Dimension, Framework

INDENT = (0, 0, 0, 2)  # columns on the left


def show_framework(console: Console, framework: Framework, contexts: Sequence[Context]) -> None:
    """Print a framework; `contexts` are those it comes in."""
    console.print(_head(framework))
    for dimension in framework.dimensions:
        console.print(Padding(_dimension(dimension, framework), (1, 0, 0, 0)))
    if framework.competencies is not None:
        console.print(Padding(_competencies(framework, framework.competencies), (1, 0, 0, 0)))
    if contexts:
        console.print(Padding(_contexts(contexts), (1, 0, 0, 0)))


def _head(framework: Framework) -> RenderableType:
    context = framework.context
    words = f"in the words of {context.title} ({context.id} {context.version})" if context else ""
    return Group(
        Text.assemble(
            (_safe(framework.title), "bold"), f"  {framework.id} {framework.version}  ", _safe(words)
        ),
        Text(_safe(framework.description)),
    )


def _dimension(dimension: Dimension, framework: Framework) -> RenderableType:
    emphasis = framework.emphasis[dimension.id]
    marks = [f"practice threshold {dimension.threshold}"]
    marks += [f"emphasis {emphasis:g}"] if emphasis != 1 else []
    return Group(
        Text.assemble((_safe(dimension.title), "bold"), "  ", (", ".join(marks), "dim")),
        Padding(Text(_safe(dimension.looks_at)), INDENT),
        Padding(_anchors(dimension.anchors), INDENT),
        Padding(Text(f"Not observed: {_safe(dimension.not_observed)}", style="dim"), INDENT),
    )


def _anchors(anchors: Sequence[Anchor]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for anchor in anchors:
        table.add_row(Text(str(anchor.value), style="bold cyan"), Text(_safe(anchor.text)))
        for must in anchor.must_have:
            table.add_row("", Text(f"• {_safe(must)}"))
        for example in anchor.examples:
            table.add_row("", Text(f"e.g. {_safe(example)}", style="dim italic"))
    return table


def _competencies(framework: Framework, model: Competencies) -> RenderableType:
    """The competencies that dimensions speak for, by cluster, then the areas of expertise they serve."""
    spoken_for: dict[str, list[str]] = {}
    for dimension in framework.dimensions:
        for title in dimension.competencies:
            spoken_for.setdefault(title, []).append(dimension.title)
    lines: list[RenderableType] = [
        Text.assemble((_safe(model.title), "bold"), f"  {model.id} {model.version}")
    ]
    for cluster in model.clusters:
        mine = [one for one in model.competencies if one.cluster == cluster.id and one.title in spoken_for]
        if mine:
            lines.append(Padding(Text(_safe(cluster.title), style="bold"), INDENT))
        for one in mine:
            by = f"shown in {', '.join(spoken_for[one.title])}; evidence: {', '.join(one.evidence) or 'none'}"
            lines.append(Padding(Text.assemble(_safe(one.title), "  ", (_safe(by), "dim")), (0, 0, 0, 4)))
            lines += [Padding(Text(f"• {_safe(action)}"), (0, 0, 0, 6)) for action in one.actions]
    rest = len(model.competencies) - len(spoken_for)
    lines.append(Padding(Text(f"{rest} more that no dimension here speaks for.", style="dim"), INDENT))
    lines.append(Padding(Text(f"Roles: {', '.join(_safe(role.title) for role in model.roles)}"), INDENT))
    areas = ", ".join(_safe(area.title) for area in model.areas)
    return Group(
        *lines, Padding(Text(f"Areas of expertise: {areas}"), INDENT), Text(model.source, style="dim")
    )


def _contexts(contexts: Sequence[Context]) -> RenderableType:
    rows = [
        Padding(
            Text.assemble(context.id, f"  {context.version}  ", (_safe(context.description), "dim")), INDENT
        )
        for context in contexts
    ]
    return Group(Text("Contexts (--context)", style="bold"), *rows)


def _safe(text: str) -> str:
    return printable(text)
