"""An ordinal model that chooses its own penalty, and decides for the measure it will be judged by.

Two decisions from the same probabilities. "mean" is the class of least expected quadratic loss: least mean
squared error, but where little can be known it stays near the middle, and quadratic weighted kappa, which
divides by the spread of both raters, punishes that. "kappa" first moves the expected value away from the mean
by 1 / k, k the kappa then reached, and takes the nearest class. This is the rule that maximises
kappa = 2 cov(y, p) / (var y + var p + (mean y - mean p)^2): by Dinkelbach (1967), On nonlinear fractional
programming, the best p maximises 2 cov - k * denominator; that p is mean + (E[y] - mean) / k.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.utils.validation import check_is_fitted

from training.ordinal import MonotoneOrdinal

Floats = NDArray[np.float64]
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
INNER_FOLDS = 4
LEAST_KAPPA = 0.05  # below this hardly anything is known, and expanding would be guessing
STEPS = 50


class TunedOrdinal(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """`MonotoneOrdinal` with its penalty found by inner cross-validation of the log loss.

    Args:
        signs: as `MonotoneOrdinal`.
        pieces: as `MonotoneOrdinal`.
        decision: "mean" for least mean squared error, "kappa" for most quadratic weighted kappa.
        penalties: tried; also used for the smoothness.
    """

    def __init__(
        self,
        signs: Sequence[int] | None = None,
        pieces: int = 1,
        decision: str = "mean",
        penalties: Sequence[float] = PENALTIES,
    ) -> None:
        self.signs = signs
        self.pieces = pieces
        self.decision = decision
        self.penalties = penalties

    def fit(self, table: ArrayLike, ratings: ArrayLike, groups: ArrayLike | None = None) -> "TunedOrdinal":
        """Fit to features, shape (case, feature), and numbers as ratings; groups stay together in folds."""
        features, given = np.asarray(table, dtype=np.float64), np.asarray(ratings, dtype=np.float64)
        self.classes_ = np.unique(given)
        together = np.arange(len(given)) if groups is None else np.asarray(groups)
        folds = GroupKFold(min(INNER_FOLDS, len(np.unique(together))))
        splits = list(folds.split(features, given, together))
        # A fold may lack the rarest class; its probabilities are put in their places.
        tried = {one: self._unseen(self._model(one), features, given, splits) for one in self.penalties}
        codes = np.searchsorted(self.classes_, given)
        self.penalty_ = min(tried, key=lambda one: _log_loss(tried[one], codes))
        self.mean_ = float(given.mean())
        self.kappa_ = attainable_kappa(tried[self.penalty_] @ self.classes_, given)
        self.model_ = self._model(self.penalty_).fit(features, given)
        return self

    def _model(self, penalty: float) -> MonotoneOrdinal:
        return MonotoneOrdinal(self.signs, pieces=self.pieces, penalty=penalty, smoothness=penalty)

    def _unseen(
        self,
        model: MonotoneOrdinal,
        table: Floats,
        given: Floats,
        splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    ) -> Floats:
        """Probabilities by models that did not see the case, shape (case, class)."""
        if all(len(np.unique(given[train])) == len(self.classes_) for train, _ in splits):
            shares: Floats = cross_val_predict(model, table, given, cv=splits, method="predict_proba")
            return shares
        shares = np.zeros((len(given), len(self.classes_)))
        for train, rest in splits:
            fitted = self._model(model.penalty).fit(table[train], given[train])
            places = np.searchsorted(self.classes_, fitted.classes_)
            shares[np.ix_(rest, places)] = fitted.predict_proba(table[rest])
        return shares

    def predict_proba(self, table: ArrayLike) -> Floats:
        """Probability of each class, shape (case, class)."""
        check_is_fitted(self)
        return self.model_.predict_proba(table)

    def predict(self, table: ArrayLike) -> Floats:
        """A class for each case, by `decision`."""
        expected = self.predict_proba(table) @ self.classes_
        if self.decision == "mean":
            return nearest(expected, self.classes_)
        return nearest(expanded(expected, self.mean_, self.kappa_), self.classes_)


def expanded(expected: Floats, mean: float, kappa: float) -> Floats:
    """Expected values moved away from the mean by one over the kappa that can be had."""
    return mean + (expected - mean) / max(kappa, LEAST_KAPPA)


def attainable_kappa(expected: Floats, given: Floats) -> float:
    """The kappa that expanded and rounded expected values reach: the fixed point of Dinkelbach's iteration.

    `expected` must come from models that did not see the case, else it is too hopeful. LEAST_KAPPA at least.
    """
    classes = np.unique(given)
    kappa = 0.5
    for _ in range(STEPS):
        found = nearest(expanded(expected, float(given.mean()), kappa), classes)
        spread = given.var() + found.var() + (found.mean() - given.mean()) ** 2
        shared = 2 * float(np.mean((given - given.mean()) * (found - found.mean())))
        reached = max(LEAST_KAPPA, shared / spread) if spread > 0 else LEAST_KAPPA
        if abs(reached - kappa) < 1e-6:
            break
        kappa = reached
    return kappa


def nearest(values: Floats, classes: Floats) -> Floats:
    """The class nearest to each value, the lower of two; the class of least expected quadratic loss."""
    found: Floats = classes[np.abs(values[:, None] - classes[None, :]).argmin(axis=1)]
    return found


def _log_loss(shares: Floats, codes: NDArray[np.int64]) -> float:
    return float(-np.log(np.maximum(shares[np.arange(len(codes)), codes], 1e-6)).mean())
