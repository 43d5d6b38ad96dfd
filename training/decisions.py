"""What to predict from probabilities of ordered classes: for least squared error, or for most kappa.

The value nearest to the expected one has least expected quadratic loss. But where little can be known it is
near the middle, and quadratic weighted kappa, which divides by the spread of both raters, punishes that. So
for kappa the expected value is first moved from the mean by 1 / k, k the kappa then reached. This is the rule
that maximises kappa = 2 cov(y, p) / (var y + var p + (mean y - mean p)^2): by Dinkelbach (1967), On nonlinear
fractional programming, the best p maximises 2 cov - k * denominator; that p is mean + (E[y] - mean) / k.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_KAPPA = 0.05  # below this hardly anything is known, and expanding would be guessing
STEPS = 50


def expanded(expected: Floats, mean: float, kappa: float) -> Floats:
    """Expected values moved away from the mean by one over the kappa that can be had."""
    return mean + (expected - mean) / max(kappa, LEAST_KAPPA)


def attainable_kappa(
    expected: Floats, given: Floats, weights: Floats | None = None, values: Floats | None = None
) -> float:
    """The kappa that expanded and rounded expected values reach: the fixed point of Dinkelbach's iteration.

    All of shape (case,); `expected` must come from models that did not see the case, else it is too hopeful.
    `values` are those of the classes, by default the ones given. LEAST_KAPPA at least.
    """
    classes = np.unique(given) if values is None else values
    mean, kappa = float(np.average(given, weights=weights)), 0.5
    for _ in range(STEPS):
        found = classes[nearest(expanded(expected, mean, kappa), classes)]
        middle = float(np.average(found, weights=weights))
        apart = (given - mean) ** 2 + (found - middle) ** 2 + (middle - mean) ** 2
        spread = float(np.average(apart, weights=weights))
        shared = 2 * float(np.average((given - mean) * (found - middle), weights=weights))
        reached = max(LEAST_KAPPA, shared / spread) if spread > 0 else LEAST_KAPPA
        if abs(reached - kappa) < 1e-6:
            break
        kappa = reached
    return kappa


def nearest(expected: Floats, values: Floats) -> NDArray[np.int64]:
    """Place of the nearest of the values for each expected one, shape (case,); the lower of two."""
    found: NDArray[np.int64] = np.abs(expected[:, None] - values[None, :]).argmin(axis=1)
    return found
