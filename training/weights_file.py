"""Write a weights file: heads, and beside them what they were learned from, how, and how good they were."""

import hashlib
from collections.abc import Mapping, Sequence

from models.framework import Framework
from models.heads import Head
from training.score_data import Scored


def data_hash(scored: Sequence[Scored]) -> str:
    """A short hash of all scores and features learned from, whatever their order."""
    rows = sorted(
        repr((one.call, one.dimension, one.value, one.reviewer, one.strength, sorted(one.features.items())))
        for one in scored
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]


def toml(
    framework: Framework,
    heads: Sequence[Head],
    origin: str,
    card: Sequence[str],
    *,
    data: str = "",
    metrics: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """The text of a weights file as `models.heads.load_heads` reads it; `card` is for its users."""
    lines = [f"# {note}" for note in card]
    lines += [f'framework = "{framework.id}"', f'origin = "{origin}"', f'data = "{data}"']
    lines += ["", "[metrics]"] if metrics else []
    for name, figures in (metrics or {}).items():
        told = ", ".join(f"{key} = {round(value, 4)}" for key, value in figures.items())
        lines.append(f"{name} = {{ {told} }}")
    for head in heads:
        lines += ["", "[[heads]]", *_head(head)]
    return "\n".join(lines) + "\n"


def _head(head: Head) -> list[str]:
    lines = [
        f'dimension = "{head.dimension}"',
        f"scale = {head.scale}",
        f"cuts = [{', '.join(map(str, head.cuts))}]",
        f"base = {head.base}",
        f"mass = {head.mass}",
        f"spread = {head.spread}",
        f"centre = {head.centre}",
        *_writers(head),
        "terms = [",
    ]
    for term in head.terms:
        points = ", ".join(f"[{x}, {y}]" for x, y in term.points)
        lines.append(
            f'    {{ feature = "{term.feature}", weight = {term.weight}, reference = {term.reference}, '
            f"points = [{points}] }},"
        )
    return [*lines, "]"]


def _writers(head: Head) -> list[str]:
    names = [f'"{name}",' for name in head.writers]
    rows = (" ".join(names[first : first + 12]) for first in range(0, len(names), 12))
    return ["writers = [", *(f"    {row}" for row in rows), "]"] if names else []
