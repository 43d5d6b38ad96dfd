"""Figures of drafts against given scores, of a dimension and of groups of calls, with bootstrap by call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.agreement import Statistic, bias, bootstrap, exact, quadratic_kappa, within_one
from models.heads import interval
from training.scorer import Guess

FEWEST_CALLS = 10  # below this an interval by bootstrap over calls is itself a guess
ROUNDS = 400
BINS = 10
VALUES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and the 95% interval of a bootstrap over calls."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Readers:
    """How two readers of the same call agree, over all pairs of them."""

    pairs: int
    kappa: Measured
    exact: float
    within_one: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Drafts against scores: of one dimension, or one group of calls. Figures are None with too few calls.

    `bias` is draft less score, `coverage` the share of scores inside the stated interval, `width` that
    interval's mean width in scores, 1 to 5. `readers` is None where no call has two.
    """

    cases: int
    calls: int
    kappa: Measured | None
    exact: Measured | None
    within_one: Measured | None
    bias: Measured | None
    coverage: Measured | None
    width: float
    readers: Readers | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Stated probabilities between two tenths: their mean, how often it came true, and how many there are."""

    stated: float
    seen: Measured
    count: int


def cell(guesses: Sequence[Guess], masses: Mapping[str, float]) -> Cell:
    """The figures of some guesses; `masses` is the probability that intervals hold, by dimension."""
    truth, found, calls = _truth(guesses), _found(guesses), [one.scored.call for one in guesses]
    ranges = [interval(one.chances, one.value, masses[one.scored.dimension]) for one in guesses]
    inside = np.array(
        [low <= value <= high for (low, high), value in zip(ranges, truth, strict=True)], dtype=np.float64
    )
    enough = len(set(calls)) >= FEWEST_CALLS

    def measured(statistic: Statistic, one: NDArray[np.float64]) -> Measured | None:
        return _measured(statistic, one, found, calls) if enough else None

    return Cell(
        cases=len(guesses),
        calls=len(set(calls)),
        kappa=measured(quadratic_kappa, truth),
        exact=measured(exact, truth),
        within_one=measured(within_one, truth),
        bias=measured(bias, truth),
        coverage=measured(lambda held, _: float(held.mean()), inside),
        width=float(np.mean([high - low + 1 for low, high in ranges])) if ranges else 0.0,
        readers=between(guesses) if enough else None,
    )


def between(guesses: Iterable[Guess]) -> Readers | None:
    """How readers of the same call and dimension agree; None with too few calls read twice."""
    given: dict[tuple[str, str], dict[str, int]] = {}
    for one in guesses:
        item = one.scored
        if item.value is not None:
            given.setdefault((item.call, item.dimension), {})[item.reviewer] = item.value
    pairs = [(call, a, b) for (call, _), values in given.items() for a, b in combinations(values.values(), 2)]
    calls = [call for call, _, _ in pairs]
    if len(set(calls)) < FEWEST_CALLS:
        return None
    first, second = np.array([a for _, a, _ in pairs], float), np.array([b for _, _, b in pairs], float)
    return Readers(
        len(pairs),
        _measured(quadratic_kappa, first, second, calls),
        exact(first, second),
        within_one(first, second),
    )


def reliability(guesses: Sequence[Guess]) -> list[Bin]:
    """Stated probabilities of every score 1..5 of every case, by tenths, against how often they came true."""
    stated = np.array([chance for one in guesses for chance in one.chances])
    came = np.array([float(one.scored.value == v) for one in guesses for v in VALUES])
    calls = [one.scored.call for one in guesses for _ in VALUES]
    places = np.minimum((stated * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        inside = np.flatnonzero(places == place)
        names = [calls[n] for n in inside]
        if len(set(names)) >= FEWEST_CALLS:
            seen = _measured(lambda hits, _: float(hits.mean()), came[inside], stated[inside], names)
            found.append(Bin(float(stated[inside].mean()), seen, len(inside)))
    return found


def calibration_error(guesses: Sequence[Guess]) -> float:
    """Mean distance of stated from seen, over tenths weighted by count (expected calibration error)."""
    stated = np.array([chance for one in guesses for chance in one.chances])
    came = np.array([float(one.scored.value == v) for one in guesses for v in VALUES])
    places = np.minimum((stated * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float((stated[places == n] - came[places == n]).sum()))
        for n in range(BINS)
        if (places == n).any()
    ]
    return sum(gaps) / len(stated) if len(stated) else float("nan")


def confusion(guesses: Sequence[Guess]) -> list[list[int]]:
    """How often each score (row, 1..5) got each draft (column, 1..5)."""
    table = [[0] * len(VALUES) for _ in VALUES]
    for one in guesses:
        if one.scored.value is not None:
            table[one.scored.value - 1][one.value - 1] += 1
    return table


def _measured(
    statistic: Statistic, one: NDArray[np.float64], other: NDArray[np.float64], calls: Sequence[str]
) -> Measured:
    return Measured(statistic(one, other), *bootstrap(statistic, one, other, calls, rounds=ROUNDS))


def _truth(guesses: Sequence[Guess]) -> NDArray[np.float64]:
    return np.array([one.scored.value or 0 for one in guesses], dtype=np.float64)


def _found(guesses: Sequence[Guess]) -> NDArray[np.float64]:
    return np.array([one.value for one in guesses], dtype=np.float64)
