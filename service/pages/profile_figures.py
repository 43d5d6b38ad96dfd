"""A rep's last calls as figures: middle, spread, count and trend of each dimension. Pure functions.

People's scores go first: where at least `FEWEST` calls have one, drafts don't count. Where fewer have, drafts
stand in for what nobody has scored, and the figure says so. Below `FEWEST` calls nothing is said.
"""

import datetime as dt
import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LAST = 10
"""Calls that a profile looks at."""
FEWEST = 3
"""Calls below which there are no figures."""
RECENT = 3
"""Calls that a trend compares with those before, which have to be as many at least."""
MOVED = 1.0
"""Points that the middle has to move before a trend is one."""
HIGH, LOW = 4, 2
"""Values from which, and up to which, a moment is among the best or the weakest."""
Trend = Literal["rising", "falling", "steady"]


@dataclass(frozen=True, slots=True)
class Point:
    """A call's value of a dimension, 1..5; `confirmed` where a person gave it, else it is the draft."""

    call: uuid.UUID
    title: str
    day: dt.date
    value: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A dimension over a rep's last calls, oldest first.

    `middle` is the median, `low` and `high` the quartiles of the `count` calls that count: of people's scores
    if `drafts` is 0, else of theirs and so many drafts. All None below `FEWEST` calls.
    """

    dimension: str
    title: str
    points: tuple[Point, ...]
    count: int
    drafts: int
    middle: float | None = None
    low: float | None = None
    high: float | None = None
    trend: Trend | None = None


def figure(dimension: str, title: str, points: Sequence[Point]) -> Figure:
    """The figure of a dimension; `points` are oldest first."""
    given = [point for point in points if point.confirmed]
    counted = given if len(given) >= FEWEST else list(points)
    drafts = sum(not point.confirmed for point in counted)
    if len(counted) < FEWEST:
        return Figure(dimension, title, tuple(points), len(counted), drafts)
    values = [point.value for point in counted]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Figure(dimension, title, tuple(points), len(counted), drafts, middle, low, high, trend(values))


def trend(values: Sequence[int]) -> Trend | None:
    """Whether the middle of the last calls lies a point above or below that of those before."""
    if len(values) < 2 * RECENT:
        return None
    moved = statistics.median(values[-RECENT:]) - statistics.median(values[:-RECENT])
    if abs(moved) < MOVED:
        return "steady"
    return "rising" if moved > 0 else "falling"


def moments(figures: Sequence[Figure], most: int) -> tuple[list[tuple[str, Point]], list[tuple[str, Point]]]:
    """Scores whose quotes are worth hearing, as (dimension, point): the best and the weakest.

    People's before drafts, then the farther ones from the middle of the scale, then the newer ones.
    """
    found = [(one.dimension, point) for one in figures for point in one.points]

    def chosen(kept: list[tuple[str, Point]]) -> list[tuple[str, Point]]:
        return sorted(
            kept, key=lambda item: (not item[1].confirmed, -abs(item[1].value - 3), -item[1].day.toordinal())
        )[:most]

    return (
        chosen([item for item in found if item[1].value >= HIGH]),
        chosen([item for item in found if item[1].value <= LOW]),
    )
