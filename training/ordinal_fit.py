"""Find the cuts and weights of proportional odds: penalised maximum likelihood under bounds, by Newton steps.

For a case of class k with latent value z, its log loss is a sum of three convex terms (Burridge 1981):
    -log P = softplus(z - cut_k) + softplus(cut_(k-1) - z) - log(1 - exp(cut_(k-1) - cut_k))
so the loss is convex in cuts and weights together. Where signs hold weights back, steps are taken in the
other coordinates alone and projected on the bounds (Bertsekas 1982, Projected Newton methods for optimization
problems with simple constraints). Thousands of scores take some ten steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.special import expit

Floats = NDArray[np.float64]
LEAST_GAP = 1e-3  # between cuts
LEAST_UNIT = 1e-3  # logits
CUTS_PULL = (
    1.0  # of the prior's cuts: as strong as a few examples, so that bias goes but unused cuts stay put
)
STEPS = 100
CLOSE = 1e-6  # of the loss that a step would still gain, to the loss
SMALLEST = 1e-8  # step's share; also the ridge that keeps the equations solvable


@dataclass(frozen=True, slots=True)
class Task:
    """What a fit is about.

    `table` of stretches, shape (case, stretch), `codes` 0.. of the classes, `weight` of the cases; `form` of
    the penalty, shape (stretch, stretch), on weights less unit times `centre`; `aims`, times unit, draw the
    cuts. Points are the first cut, the gaps after it, weights, unit.
    """

    table: Floats
    codes: NDArray[np.int64]
    weight: Floats
    form: Floats
    centre: Floats
    aims: Floats

    @property
    def cuts(self) -> int:
        """How many cuts there are, given a table and codes of every class or aims."""
        return len(self.aims) or int(self.codes.max())


def minimise(task: Task, start: Floats, low: Floats, high: Floats) -> Floats:
    """The point of least loss between `low` and `high`, shape (point,), all of one shape."""
    point = np.clip(start, low, high)
    value, slope, bend = loss(point, task)
    for _ in range(STEPS):
        held = ((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0))
        step = np.zeros_like(point)
        free = np.flatnonzero(~held)
        ridge = SMALLEST * (1 + np.trace(bend)) * np.eye(len(free))
        step[free] = -solve(bend[np.ix_(free, free)] + ridge, slope[free], assume_a="pos")
        if -(slope @ step) < CLOSE * CLOSE * (1 + abs(value)):
            break
        share = 1.0
        while share > SMALLEST:
            tried = np.clip(point + share * step, low, high)
            found = loss(tried, task)
            if found[0] <= value + 1e-4 * (slope @ (tried - point)):
                break
            share /= 2
        else:
            break
        point, (value, slope, bend) = tried, found
    return point


def loss(point: Floats, task: Task) -> tuple[float, Floats, Floats]:
    """Weighted log loss and penalty, its gradient, shape (point,), and second derivatives, (point, point)."""
    count = task.cuts
    cuts, weights, unit = np.cumsum(point[:count]), point[count:-1], float(point[-1])
    value, slope, bend = _misfit(cuts, weights, task)
    gap = weights - unit * task.centre
    pull = task.form @ gap
    value += float(gap @ pull) / 2
    slope[count:-1] += pull
    slope[-1] -= pull @ task.centre
    drawn = task.form @ task.centre
    bend[count:-1, count:-1] += task.form
    bend[count:-1, -1] -= drawn
    bend[-1, count:-1] -= drawn
    bend[-1, -1] += task.centre @ drawn
    if len(task.aims):
        astray = cuts - unit * task.aims
        value += CUTS_PULL * float(astray @ astray) / 2
        slope[:count] += CUTS_PULL * astray
        slope[-1] -= CUTS_PULL * (astray @ task.aims)
        bend[:count, :count] += CUTS_PULL * np.eye(count)
        bend[:count, -1] -= CUTS_PULL * task.aims
        bend[-1, :count] -= CUTS_PULL * task.aims
        bend[-1, -1] += CUTS_PULL * (task.aims @ task.aims)
    # A later cut moves with every gap before it.
    slope[:count] = np.cumsum(slope[:count][::-1])[::-1]
    bend[:count] = np.cumsum(bend[:count][::-1], axis=0)[::-1]
    bend[:, :count] = np.cumsum(bend[:, :count][:, ::-1], axis=1)[:, ::-1]
    return value, slope, bend


def _misfit(cuts: Floats, weights: Floats, task: Task) -> tuple[float, Floats, Floats]:
    """Weighted log loss with its derivatives by cuts, weights and unit."""
    count, size, codes = len(cuts), len(weights), task.codes
    latent = task.table @ weights
    padded = np.concatenate([[-np.inf], cuts, [np.inf]])
    upper, lower = padded[codes + 1] - latent, padded[codes] - latent
    above, below = expit(-upper), expit(lower)
    # Of each class, how much of it there is: the third term is about the gap its cuts leave.
    amounts = np.bincount(codes, task.weight, count + 1)
    gaps = np.diff(cuts)
    value = float(task.weight @ (np.logaddexp(0, -upper) + np.logaddexp(0, lower)))
    value -= float(amounts[1:-1] @ np.log(-np.expm1(-gaps)))
    # A step of the search may try cuts so far apart that they no longer matter.
    closing = amounts[1:-1] / np.expm1(np.minimum(gaps, 700.0))
    curving = amounts[1:-1] * np.exp(-gaps) / np.expm1(-gaps) ** 2

    slope = np.zeros(count + size + 1)
    by_upper, by_lower = task.weight * above, task.weight * below
    slope[count:-1] = task.table.T @ (by_upper - by_lower)
    slope[:count] = -np.bincount(codes, by_upper, count + 1)[:-1]
    slope[:count] += np.bincount(codes, by_lower, count + 1)[1:]
    slope[1:count] -= closing
    slope[: count - 1] += closing

    bend = np.zeros((count + size + 1, count + size + 1))
    bent_up, bent_low = by_upper * (1 - above), by_lower * (1 - below)
    inner = bend[count:-1, count:-1]
    inner += task.table.T @ (task.table * (bent_up + bent_low)[:, None])
    touches = np.zeros((len(codes), count + 2))
    cases = np.arange(len(codes))
    touches[cases, codes + 1] = bent_up
    touches[cases, codes] = bent_low
    own = touches[:, 1:-1]
    bend[:count, count:-1] = -(own.T @ task.table)
    bend[count:-1, :count] = bend[:count, count:-1].T
    diagonal = own.sum(axis=0)
    diagonal[1:] += curving
    diagonal[:-1] += curving
    bend[:count, :count] = np.diag(diagonal) - np.diag(curving, 1) - np.diag(curving, -1)
    return value, slope, bend
