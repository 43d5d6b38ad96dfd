"""Organisations that score otherwise than our readers do, simulated on our calls.

An organisation has a standard, a number for each call and dimension, and reviewers who round it after their
own severity and some wavering. Nothing of it is drawn from people: it is for finding out how training
behaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from models.framework import Dimension, Framework
from training.score_data import OVERRIDE, REVIEWED, Scored

WAVERING = 0.4  # standard deviation of one reviewer's score of one call, in score points
OWN_WEIGHT = 0.8  # of what the organisation looks at, in the standard of one that weighs otherwise
REVIEWERS = ("reviewer A", "reviewer B")

Worth = Mapping[tuple[str, str], float]  # (call, dimension) -> a number from 1 to 5
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A standard, and the severity of each reviewer in score points; above nought is stricter."""

    name: str
    standard: Worth
    severity: Mapping[str, float]


def organisations(framework: Framework, scored: Sequence[Scored], seed: int) -> list[Organisation]:
    """Three: a point harsher than our readers; one that weighs features otherwise; one of two minds."""
    ours = worth(scored)
    alone = {REVIEWERS[0]: 0.0}
    return [
        Organisation("a point harsher", {key: max(1.0, one - 1) for key, one in ours.items()}, alone),
        Organisation("weighs otherwise", _otherwise(framework, scored, ours, seed), alone),
        Organisation(
            "two reviewers, 1.5 points apart", ours, dict(zip(REVIEWERS, (-0.75, 0.75), strict=True))
        ),
    ]


def worth(scored: Iterable[Scored]) -> Worth:
    """The mean of the readers' scores for each call and dimension."""
    given: dict[tuple[str, str], list[int]] = {}
    for item in scored:
        if item.value is not None:
            given.setdefault((item.call, item.dimension), []).append(item.value)
    return {key: fmean(values) for key, values in given.items()}


def _otherwise(framework: Framework, scored: Sequence[Scored], ours: Worth, seed: int) -> Worth:
    """Standards that look mostly at a half of each dimension's features, drawn by lot."""
    features = {item.call: item.features for item in scored}
    random = np.random.default_rng((seed, 2))
    found: dict[tuple[str, str], float] = {}
    for dimension in framework.dimensions:
        calls = [call for call, name in ours if name == dimension.id]
        if not calls:
            continue
        values = np.array([ours[call, dimension.id] for call in calls])
        seen = _seen(dimension, [features[call] for call in calls], random)
        mixed = np.sqrt(1 - OWN_WEIGHT**2) * _standard(values) + OWN_WEIGHT * _standard(seen)
        own = np.clip(values.mean() + values.std() * _standard(mixed), 1, 5)
        found |= {(call, dimension.id): float(one) for call, one in zip(calls, own, strict=True)}
    return found


def _seen(
    dimension: Dimension, calls: Sequence[Mapping[str, float | None]], random: np.random.Generator
) -> Floats:
    """The sum of some standardised features of each call, shape (call,), each with the framework's sign."""
    columns = []
    for use in dimension.features:
        known = [value for one in calls if (value := one.get(use.name)) is not None]
        usual = fmean(known) if known else 0.0
        column = np.array([usual if (v := one.get(use.name)) is None else v for one in calls])
        if column.std() > 0:
            columns.append(use.sign * _standard(column))
    if not columns:
        return np.zeros(len(calls))
    chosen = random.permutation(len(columns))[: max(1, len(columns) // 2)]
    return np.asarray(sum(columns[n] for n in chosen), dtype=np.float64)


def _standard(values: Floats) -> Floats:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def reviews(
    organisation: Organisation, calls: Mapping[str, Scored], count: int, random: np.random.Generator
) -> list[Scored]:
    """So many calls reviewed on every dimension of the standard, reviewers in turn.

    Calls come in an order by lot; when all were reviewed they come again.
    """
    names = sorted(calls)
    order = [name for _ in range(-(-count // len(names))) for name in random.permutation(names)][:count]
    dimensions = sorted({dimension for _, dimension in organisation.standard})
    seats = sorted(organisation.severity)
    found = []
    for number, call in enumerate(order):
        reviewer = seats[number % len(seats)]
        for dimension in dimensions:
            if (call, dimension) in organisation.standard:
                worth_it = organisation.standard[call, dimension] - organisation.severity[reviewer]
                found.append(
                    replace(
                        calls[call],
                        call=f"{call} as {number}",
                        group=f"{REVIEWED}{call}",
                        dimension=dimension,
                        value=rounded(worth_it, random),
                        reviewer=reviewer,
                        strength=OVERRIDE,
                    )
                )
    return found


def rounded(value: float, random: np.random.Generator) -> int:
    """A score 1..5 for a call worth so much, by somebody who wavers."""
    return int(np.clip(np.floor(value + random.normal(scale=WAVERING) + 0.5), 1, 5))
