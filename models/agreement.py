"""How well raters, or a rater and a model, agree on scores 1..5; with bootstrap intervals over calls."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NOTHING = 1e-9  # what rounding leaves of a variance that is none
Statistic = Callable[[NDArray[np.float64], NDArray[np.float64]], float]


def quadratic_kappa(truth: ArrayLike, found: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968); 1 is agreement, 0 chance.

    `weights` are what each pair counts, all the same by default. 1 where both are the same single value
    throughout, since they agree; nan without cases.
    """
    one, other = np.asarray(truth, dtype=np.float64), np.asarray(found, dtype=np.float64)
    if not len(one):
        return float("nan")
    share = np.ones(len(one)) if weights is None else np.asarray(weights, dtype=np.float64)
    mean, mean_other = np.average(one, weights=share), np.average(other, weights=share)
    seen = np.average((one - other) ** 2, weights=share)
    by_chance = np.average((one - mean) ** 2 + (other - mean_other) ** 2, weights=share)
    by_chance += (mean - mean_other) ** 2
    return float(1 - seen / by_chance) if by_chance > 0 else 1.0


def exact(truth: ArrayLike, found: ArrayLike) -> float:
    """Share of equal scores."""
    return float(np.mean(np.asarray(truth) == np.asarray(found)))


def within_one(truth: ArrayLike, found: ArrayLike) -> float:
    """Share of scores not more than one apart."""
    return float(np.mean(np.abs(np.asarray(truth) - np.asarray(found)) <= 1))


def bias(truth: ArrayLike, found: ArrayLike) -> float:
    """Mean of what was found less the truth; above nought is too kind."""
    return float(np.mean(np.asarray(found, dtype=np.float64) - np.asarray(truth, dtype=np.float64)))


def bootstrap(
    statistic: Statistic,
    truth: ArrayLike,
    found: ArrayLike,
    clusters: Sequence[Hashable],
    *,
    rounds: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of a statistic; calls (`clusters`) are drawn with replacement, scores and all."""
    one, other = np.asarray(truth, dtype=np.float64), np.asarray(found, dtype=np.float64)
    names = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    members: list[list[int]] = [[] for _ in names]
    for place, cluster in enumerate(clusters):
        members[names[cluster]].append(place)
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        picked = random.integers(0, len(members), len(members))
        places = [place for cluster in picked for place in members[cluster]]
        drawn.append(statistic(one[places], other[places]))
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def kappa_interval(
    truth: ArrayLike,
    found: ArrayLike,
    clusters: Sequence[Hashable],
    *,
    rounds: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """`bootstrap` of `quadratic_kappa`, all rounds at once: milliseconds, so that a web page can ask for it.

    Kappa needs six sums of the cases only (counts, values, squares, products), which are added up by cluster
    and then by how often each round draws it. nan, nan without cases.
    """
    one, other = np.asarray(truth, dtype=np.float64), np.asarray(found, dtype=np.float64)
    if not len(one):
        return float("nan"), float("nan")
    names = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    places = [names[cluster] for cluster in clusters]
    sums = np.zeros((len(names), 6))
    np.add.at(sums, places, np.stack([np.ones_like(one), one, other, one**2, other**2, one * other], axis=1))
    random = np.random.default_rng(seed)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    drawn = times @ sums
    mean, mean_other, square, square_other, product = (drawn[:, 1:] / drawn[:, :1]).T
    seen = square + square_other - 2 * product
    by_chance = square - mean**2 + square_other - mean_other**2 + (mean - mean_other) ** 2
    kappas = np.ones(rounds)
    np.divide(seen, by_chance, out=seen, where=by_chance > _NOTHING)
    np.subtract(1, seen, out=kappas, where=by_chance > _NOTHING)
    low, high = np.quantile(kappas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
