"""Figures of blind pairs, and what follows from them: when drafts are withheld, who accepts everything.

Pure functions. A pair is a person's score and the draft that was hidden from them meanwhile.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from models.agreement import bias, exact, kappa_interval, quadratic_kappa, within_one

FEW = 10  # pairs of a month or a version below which its figures would tell of single calls
ENOUGH_REVIEWS = 30
ALL_BUT_ALL = 0.95
FAR_ABOVE = 0.10


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person gave (1..5), the draft (1..5), of which call, when, and what had made the draft."""

    call: uuid.UUID
    value: int
    draft: int
    at: dt.datetime
    version: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How people and drafts agree; `low` and `high` are kappa's 95 % interval, `bias` draft less person."""

    pairs: int
    kappa: float
    low: float
    high: float
    exact: float
    within_one: float
    bias: float


def figures(pairs: Sequence[Pair]) -> Figures | None:
    """The figures of some pairs; None without any. Calls, not pairs, are drawn for the interval."""
    if not pairs:
        return None
    truth, found = [pair.value for pair in pairs], [pair.draft for pair in pairs]
    low, high = kappa_interval(truth, found, [pair.call for pair in pairs])
    return Figures(
        len(pairs),
        quadratic_kappa(truth, found),
        low,
        high,
        exact(truth, found),
        within_one(truth, found),
        bias(truth, found),
    )


def people_only(found: Figures | None, *, floor: float, least: int, already: bool) -> bool:
    """Whether the drafts of a dimension are withheld from now on.

    They are once the upper end of kappa's interval lies below the floor: then chance is no explanation. They
    come back once kappa itself reaches the floor, so that a figure at the edge doesn't flicker. With fewer
    than `least` pairs all stays as it is.
    """
    if found is None or found.pairs < least:
        return already
    return found.kappa < floor if already else found.high < floor


def drift(pairs: Iterable[Pair], key: Callable[[Pair], str]) -> list[tuple[str, int, Figures | None]]:
    """Figures by month or version, in the order of time; None where there are fewer than `FEW` pairs."""
    groups: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: pair.at):
        groups.setdefault(key(pair), []).append(pair)
    return [
        (name, len(group), figures(group) if len(group) >= FEW else None) for name, group in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many drafts somebody was shown and scored, and how many of them they left as they were."""

    given: int
    accepted: int

    @property
    def share(self) -> float | None:
        """0..1; None where nothing was given."""
        return self.accepted / self.given if self.given else None


def accepts_everything(mine: Accepted, others: Accepted) -> bool:
    """Whether somebody accepts nearly all drafts, and more of them than colleagues do.

    With few reviews by colleagues there is no comparison, and their own share decides.
    """
    share, theirs = mine.share, others.share
    if share is None or mine.given < ENOUGH_REVIEWS or share < ALL_BUT_ALL:
        return False
    return theirs is None or others.given < ENOUGH_REVIEWS or share - theirs >= FAR_ABOVE
