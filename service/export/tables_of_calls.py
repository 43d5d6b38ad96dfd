"""Calls and their scores as comma-separated values that a spreadsheet opens safely."""

import csv
import io
from collections.abc import Iterable, Mapping

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def line(values: Iterable[object]) -> str:
    """One line; text that would be a formula gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def header(dimensions: Iterable[str]) -> list[str]:
    """Column names: the call, then four for each dimension."""
    scores = [
        f"{name}_{part}" for name in dimensions for part in ("score", "score_by", "draft", "draft_interval")
    ]
    return [
        "call",
        "title",
        "team",
        "rep",
        "account",
        "type",
        "date",
        "practice",
        "minutes",
        "framework",
        "scored_by_model",
        "blind",
        *scores,
    ]


def scores(
    dimensions: Iterable[str],
    drafts: Mapping[str, tuple[int | None, int | None, int | None]],
    given: Mapping[str, tuple[int | None, str]],
) -> list[object]:
    """The four columns of each dimension; an abstention, like a score nobody gave, is an empty cell."""
    cells: list[object] = []
    for name in dimensions:
        value, by = given.get(name, (None, None))
        draft, low, high = drafts.get(name, (None, None, None))
        between = f"{low} to {high}" if low is not None and high is not None else None
        cells += [value, by, draft, between]
    return cells
