"""Ordinal heads: from features to the probability of each score 1..5.

One proportional-odds (cumulative logit) model for each dimension:
    latent          = sum over terms of sign * weight * transform(feature)
    P(score <= k)   = 1 / (1 + exp(-scale * (cut_k - latent)))
Transforms rise and level off, weights aren't negative and the sign is the framework's, so a feature can
only ever move a score its own way. Trained heads have the same form and take the same file's place.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from models.call import Contribution
from models.errors import UnknownFramework
from models.framework import VALUES, Dimension, Framework
from models.tables import read_table

COVERAGE = 0.8  # the share of scores that an interval is to hold

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
Point = Annotated[tuple[float, ...], Field(min_length=2, max_length=2)]


@dataclass(frozen=True, slots=True)
class Term:
    """One feature's part in a head.

    `points` are (feature value, 0..1), rising in both: straight lines between them, level outside.
    `weight` is in the units of the cut points. `reference` is the feature in an ordinary call; effects are
    counted from there, and a feature that isn't known is taken to be there.
    """

    __pydantic_config__ = _STRICT
    feature: str
    weight: Annotated[float, Field(ge=0)]
    reference: float
    points: Annotated[tuple[Point, ...], Field(min_length=2)]

    def transform(self, value: float) -> float:
        """The feature's value on its way from 0 to 1."""
        place = bisect_right([x for x, _ in self.points], value)
        if place == 0:
            return self.points[0][1]
        if place == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[place - 1 : place + 1]
        return y0 + (y1 - y0) * (value - x0) / (x1 - x0)


@dataclass(frozen=True, slots=True)
class Head:
    """The terms of one dimension, its four cut points, and `scale`: logits for one unit of them.

    `mass` is how much of the model's own probability an interval must hold, found so that intervals hold
    COVERAGE of the scores given to calls the model did not learn from (conformal prediction). `spread` is how
    much farther from `centre`, the mean score, a draft lies than the expected score: see `draft`. `writers`
    are those whose calls of ours it learned from, so that it can be measured on others'; none: nobody knows.
    """

    __pydantic_config__ = _STRICT
    dimension: str
    scale: Annotated[float, Field(gt=0)]
    cuts: Annotated[tuple[float, ...], Field(min_length=4, max_length=4)]
    terms: tuple[Term, ...]
    base: float = 0.0
    mass: Annotated[float, Field(gt=0, lt=1)] = COVERAGE
    spread: Annotated[float, Field(ge=1, le=3)] = 1.0
    centre: Annotated[float, Field(ge=1, le=5)] = 3.0
    writers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a framework and the version of the file they came from."""

    heads: tuple[Head, ...]
    version: str

    def of(self, dimension: str) -> Head:
        """The head of a dimension; KeyError where there is none."""
        return {head.dimension: head for head in self.heads}[dimension]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = _STRICT
    framework: str
    origin: Annotated[str, Field(min_length=1)]
    heads: tuple[Head, ...]
    data: str = ""
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)


def load_heads(framework: Framework, path: Path | None = None) -> Heads:
    """The heads of a framework, by default from the `.weights.toml` that lies beside its file.

    The version reads `ORIGIN-HASH`: how the weights came to be, and the content they are. The file also holds
    the hash of the data they were learned from, and how good they were on data they had not seen.

    Raises:
        UnknownFramework: there is no such file, or it does not fit the framework.
    """
    path = path or framework.path.with_suffix(".weights.toml")
    file, version = read_table(path, _File, UnknownFramework)
    if fault := _fault(file, framework):
        raise UnknownFramework(f"{path.name}: {fault}.")
    return Heads(file.heads, f"{file.origin}-{version}")


def load_prior(framework: Framework) -> Heads | None:
    """The heads that training starts from, `NAME.prior.weights.toml`; None where a framework has none.

    Raises UnknownFramework if they do not fit the framework.
    """
    path = framework.path.with_suffix(".prior.weights.toml")
    return load_heads(framework, path) if path.is_file() else None


def _fault(file: _File, framework: Framework) -> str | None:
    if file.framework != framework.id:
        return f"framework: these weights are for {file.framework!r}, not for {framework.id!r}"
    wanted, given = [d.id for d in framework.dimensions], [head.dimension for head in file.heads]
    if sorted(wanted) != sorted(given):
        return f"heads: must be one for each of {', '.join(wanted)}; they are {', '.join(given) or 'none'}"
    for head in file.heads:
        if fault := _head_fault(head, framework.dimension(head.dimension)):
            return f"heads[{head.dimension}].{fault}"
    return None


def _head_fault(head: Head, dimension: Dimension) -> str | None:
    wanted, given = {use.name for use in dimension.features}, [term.feature for term in head.terms]
    if sorted(wanted) != sorted(given):
        odd = sorted(wanted.symmetric_difference(given)) or ["a feature"]
        return f"terms: must be one for each feature of the dimension; look at {', '.join(odd)}"
    if any(a >= b for a, b in pairwise(head.cuts)):
        return "cuts: must rise"
    for term in head.terms:
        if any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(term.points)):
            return f"terms[{term.feature}].points: must rise"
    return None


def contributions(
    head: Head, dimension: Dimension, features: Mapping[str, float | None]
) -> tuple[Contribution, ...]:
    """The exact effect of each known feature, from its reference, in units of the cut points.

    They add up to latent(features) - latent(no feature known).
    """
    signs = {use.name: use.sign for use in dimension.features}
    known = ((term, features.get(term.feature)) for term in head.terms)
    return tuple(
        Contribution(
            term.feature,
            value,
            signs[term.feature] * term.weight * (term.transform(value) - term.transform(term.reference)),
        )
        for term, value in known
        if value is not None
    )


def latent(head: Head, dimension: Dimension, effects: Sequence[Contribution] = ()) -> float:
    """The latent value with these effects; without any, that of a call at every reference."""
    signs = {use.name: use.sign for use in dimension.features}
    reference = sum(signs[t.feature] * t.weight * t.transform(t.reference) for t in head.terms)
    return head.base + reference + sum(effect.effect for effect in effects)


def probabilities(head: Head, value: float) -> tuple[float, ...]:
    """The probability of each score 1..5 for a latent value; they add up to 1."""
    below = [_logistic(head.scale * (cut - value)) for cut in head.cuts]
    return tuple(b - a for a, b in pairwise([0.0, *below, 1.0]))


def draft(chances: Sequence[float], head: Head | None = None) -> int:
    """The score of least expected quadratic loss; the lower of two equal ones.

    Expected scores shrink to the middle by as much as features leave open, so that drafts would spread less
    than people's scores. A head's `spread` above 1 moves the expected score away from its `centre` before.
    """
    mean = sum(p * k for k, p in zip(VALUES, chances, strict=True))
    if head is not None:
        mean = head.centre + head.spread * (mean - head.centre)
    return min(VALUES, key=lambda v: (round((v - mean) ** 2, 12), v))


def interval(chances: Sequence[float], value: int, mass: float = COVERAGE) -> tuple[int, int]:
    """The smallest range of scores around `value` that holds at least `mass` of the probability.

    Of two ranges of one size the likelier.
    """
    ranges = [(low, high) for low in VALUES for high in VALUES if low <= value <= high]
    held = {(low, high): sum(chances[low - 1 : high]) for low, high in ranges}
    enough = [r for r in ranges if held[r] >= mass] or [(VALUES[0], VALUES[-1])]
    return min(enough, key=lambda r: (r[1] - r[0], -held[r]))


def _logistic(x: float) -> float:
    if x >= 0:
        return 1 / (1 + exp(-x))
    return exp(x) / (1 + exp(x)) if x > -700 else 0.0
