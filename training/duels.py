"""Two heads on the same scores: which is better, and how sure that is, by a bootstrap over calls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.scorer import Candidate, Guess

ROUNDS = 2000
SURE = 0.9  # share of bootstrap rounds in which the new model must be the better one


@dataclass(frozen=True, slots=True)
class Duel:
    """A new head against the current one on the same held-out scores, by quadratic weighted kappa.

    `missed` are the scores whose anchor, met exactly, doesn't get that score from the new head; `reviewed` is
    how many reviews it was learned from. Anchors bind what only our readers taught. People who review may
    hold calls to another standard, so then a missed anchor is told and no more. `nearer` is the share of
    rounds in which the mean of the new drafts is nearer to that of the scores.
    """

    dimension: str
    cases: int
    current: float
    new: float
    better: float
    missed: tuple[int, ...] = ()
    reviewed: int = 0
    nearer: float = 0.0

    @property
    def won(self) -> bool:
        """Whether the new one is better by the stated test."""
        return self.better >= SURE and not (self.missed and not self.reviewed)


def duel(current: Sequence[Guess], new: Sequence[Guess], candidate: Candidate | None = None) -> Duel | None:
    """The two on the same scores, `candidate` being the new one; None where there's nothing to measure on."""
    if not new:
        return None
    names = {name: number for number, name in enumerate(dict.fromkeys(one.scored.call for one in new))}
    # By call, what kappa is made of: weight, truth and its square; then drafts, their squares and products.
    sums = np.zeros((2, len(names), 6))
    for side, guesses in enumerate((current, new)):
        for one in guesses:
            truth, found, strength = one.scored.value or 0, one.value, one.scored.strength
            parts = [1, truth, truth**2, found, found**2, truth * found]
            sums[side, names[one.scored.call]] += strength * np.array(parts)
    drawn = np.random.default_rng(0).integers(0, len(names), (ROUNDS, len(names)))
    rounds = sums[:, drawn].sum(axis=2)
    before, after = _kappas(rounds)
    better = float(np.mean((after > before) + 0.5 * (after == before)))
    far, nearer = np.abs(rounds[..., 3] - rounds[..., 1])
    current_kappa, new_kappa = _kappas(sums.sum(axis=1, keepdims=True))[:, 0].tolist()
    missed, reviewed = (candidate.missed, candidate.reviewed) if candidate else ((), 0)
    return Duel(
        new[0].scored.dimension,
        len(new),
        current_kappa,
        new_kappa,
        better,
        missed,
        reviewed,
        nearer=float(np.mean(nearer < far)),
    )


def _kappas(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quadratic weighted kappa from sums whose last axis is that of `duel`; 1 where all is one value."""
    means = sums[..., 1:] / sums[..., :1]
    truth, squares, found, found_squares, products = (means[..., place] for place in range(5))
    apart = squares + found_squares - 2 * products
    by_chance = squares + found_squares - 2 * truth * found
    kappas: NDArray[np.float64] = 1 - np.divide(
        apart, by_chance, out=np.zeros_like(apart), where=by_chance > 1e-12
    )
    return kappas
