"""Train a framework's heads and tell how good they are on calls that they did not learn from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.framework import Dimension, Framework
from models.heads import COVERAGE, Head, Heads, contributions, draft, interval, latent, probabilities
from training import agreement
from training.heads import FEWEST, Settings, learn
from training.score_data import Scored

GRID = tuple(Settings(pieces, penalty, 2.0) for pieces in (1, 2) for penalty in (2.0, 8.0))
FOLDS = 6
MASSES = tuple(round(0.4 + 0.01 * step, 2) for step in range(60))


@dataclass(frozen=True, slots=True)
class Guess:
    """A score somebody gave and what a model that never saw the call makes of it."""

    scored: Scored
    chances: tuple[float, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement of drafts with scores that people (or our readers) gave; `low`, `high` of a 95% interval."""

    cases: int
    kappa: float
    low: float
    high: float
    exact: float
    within_one: float
    bias: float
    coverage: float


def guess(head: Head, dimension: Dimension, scored: Sequence[Scored]) -> list[Guess]:
    """What a head says of each call."""
    found = []
    for item in scored:
        chances = probabilities(head, latent(head, dimension, contributions(head, dimension, item.features)))
        found.append(Guess(item, chances, draft(chances)))
    return found


def cross_validated(dimension: Dimension, scored: Sequence[Scored], settings: Settings) -> list[Guess]:
    """Guesses for every score by heads learned without its group (writer or call), in at most six folds."""
    given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
    groups = sorted({item.group for item in given})
    folds = [groups[start::FOLDS] for start in range(min(FOLDS, len(groups)))]
    found: list[Guess] = []
    for fold in folds:
        head = learn(dimension, [item for item in given if item.group not in fold], settings).head
        found += guess(head, dimension, [item for item in given if item.group in fold])
    return found


def train(
    framework: Framework, scored: Sequence[Scored], current: Heads
) -> Iterator[tuple[Head, Settings | None]]:
    """Each dimension's new head and the settings that served best; the current one with too few scores."""
    for dimension in framework.dimensions:
        given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
        if len(given) < FEWEST or len({item.group for item in given}) < 2:
            yield current.of(dimension.id), None
            continue
        tried = {settings: cross_validated(dimension, given, settings) for settings in GRID}
        best = min(tried, key=lambda settings: _loss(tried[settings]))
        head = learn(dimension, given, best).head
        yield replace(head, mass=mass(tried[best])), best


def _loss(guesses: Sequence[Guess]) -> float:
    """Mean squared difference, each score counting by its strength."""
    weights = np.array([one.scored.strength for one in guesses])
    gaps = np.array([(one.value - (one.scored.value or 0)) ** 2 for one in guesses])
    # The likelihood breaks ties and keeps the probabilities honest.
    chances = np.array([one.chances[(one.scored.value or 1) - 1] for one in guesses])
    return float(np.average(gaps - 0.2 * np.log(np.maximum(chances, 1e-6)), weights=weights))


def mass(guesses: Sequence[Guess], coverage: float = COVERAGE) -> float:
    """The least probability an interval must hold so that intervals hold `coverage` of the scores."""
    return next((one for one in MASSES if covered(guesses, one) >= coverage), MASSES[-1])


def covered(guesses: Sequence[Guess], held: float) -> float:
    """Share of scores that lie in the interval of so much probability."""
    inside = 0
    for one in guesses:
        low, high = interval(one.chances, one.value, held)
        inside += low <= (one.scored.value or 0) <= high
    return inside / len(guesses) if guesses else 1.0


def figures(guesses: Sequence[Guess], held: float) -> Figures:
    """How well guesses agree with the scores given."""
    truth = [one.scored.value or 0 for one in guesses]
    found = [one.value for one in guesses]
    low, high = agreement.bootstrap(
        agreement.quadratic_kappa, truth, found, [one.scored.call for one in guesses]
    )
    return Figures(
        cases=len(guesses),
        kappa=agreement.quadratic_kappa(truth, found),
        low=low,
        high=high,
        exact=agreement.exact(truth, found),
        within_one=agreement.within_one(truth, found),
        bias=agreement.bias(truth, found),
        coverage=covered(guesses, held),
    )


def toml(framework: Framework, heads: Sequence[Head], origin: str, notes: Sequence[str]) -> str:
    """A weights file as `models.heads.load_heads` reads it."""
    lines = [f"# {note}" for note in notes]
    lines += [f'framework = "{framework.id}"', f'origin = "{origin}"']
    for head in heads:
        lines += [
            "",
            "[[heads]]",
            f'dimension = "{head.dimension}"',
            f"scale = {head.scale}",
            f"cuts = [{', '.join(map(str, head.cuts))}]",
            f"base = {head.base}",
            f"mass = {head.mass}",
            "terms = [",
        ]
        for term in head.terms:
            points = ", ".join(f"[{x}, {y}]" for x, y in term.points)
            lines.append(
                f'    {{ feature = "{term.feature}", weight = {term.weight}, reference = {term.reference}, '
                f"points = [{points}] }},"
            )
        lines.append("]")
    return "\n".join(lines) + "\n"


def by_dimension(scored: Sequence[Scored], framework: Framework) -> Mapping[str, list[Scored]]:
    """Scores that hold a value, by dimension."""
    return {
        dimension.id: [item for item in scored if item.dimension == dimension.id and item.value is not None]
        for dimension in framework.dimensions
    }
