"""Ordinal regression whose effects keep their sign: proportional odds over monotone, levelling-off features.

    latent          = sum over features of sum over pieces of weight * clip((x - left) / (right - left), 0, 1)
    P(score <= k)   = logistic(cut_k - latent), cuts rising
Each feature is cut into pieces at its own quantiles. A sign of +1 keeps every weight of a feature at or above
nought, -1 at or below: more of it can then never lower (raise) a score. 0 leaves the direction to the data.
McCullagh (1980), Regression models for ordinal data; the pieces are a linear spline with bounded steps.

With a `Prior` the penalty draws to what is known beforehand rather than to nought: weights and cuts to the
prior's, up to one common factor that the data choose (how many logits a unit of the prior is worth).
With little data the model is then the prior's.

`predict` gives the likeliest class, as scikit-learn asks; `decide` the one that serves a purpose best
(`training/decisions.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from training.decisions import attainable_kappa, expanded, nearest
from training.ordinal_fit import LEAST_GAP, LEAST_UNIT, Task, minimise

Floats = NDArray[np.float64]
FOLDS = 4  # in which penalty and kappa are found
DECISIONS = ("mean", "kappa")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A feature's knots, rising, and the weight of each stretch between two of them."""

    knots: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known before any data, in one unit throughout (for instance score points).

    `knots` of each feature, rising, at least two; `weights` of its stretches, one fewer; `cuts` between the
    classes 1, 2, 3 ...; `hold` of each feature multiplies the penalty on leaving the prior.
    """

    knots: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    cuts: tuple[float, ...]
    hold: tuple[float, ...]


class MonotoneOrdinal(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Proportional odds with signs; scikit-learn's interface for classifiers.

    Args:
        signs: +1, -1 or 0 for each feature; None is 0 for all.
        pieces: most stretches a feature is cut into.
        penalty: of large weights; of half the squared sum, beside the mean log loss times the examples. Of
            several the one with the least log loss in cross-validation is taken.
        smoothness: penalty of weights that differ from stretch to stretch of a feature, in penalties.
        for_kappa: find in `fit`, by cross-validation, what `decide(..., "kappa")` needs.
        prior: what weights and cuts are drawn to; `pieces` and `smoothness` then have no say, and classes
            must be whole numbers from 1 to one more than it has cuts.

    After `fit`, `penalty_` is the penalty taken; with several, or `for_kappa`, `kappa_` is the kappa that the
    decision for kappa reaches on cases left out.
    """

    def __init__(  # noqa: PLR0917 - scikit-learn's way
        self,
        signs: Sequence[int] | None = None,
        pieces: int = 3,
        penalty: float | Sequence[float] = 1.0,
        smoothness: float = 1.0,
        for_kappa: bool = False,
        prior: Prior | None = None,
    ) -> None:
        self.signs = signs
        self.pieces = pieces
        self.penalty = penalty
        self.smoothness = smoothness
        self.for_kappa = for_kappa
        self.prior = prior

    def __sklearn_tags__(self) -> Tags:
        """Classes are ordered; of blobs in no order it makes little."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> "MonotoneOrdinal":
        """Fit to features, shape (call, feature), and classes in the order of their sorted labels.

        Cases of one of the `groups`, shape (call,), stay together in cross-validation; without any, equal
        cases do.
        """
        checked = validate_data(self, X, y, dtype=np.float64)
        table: Floats = checked[0]
        labels: NDArray[np.generic] = checked[1]
        check_classification_targets(labels)
        weight: Floats = _check_sample_weight(sample_weight, table, dtype=np.float64)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"there must be more than one class; all are {self.classes_[0]!r}")
        if self.prior is not None:
            self._check(self.prior)
            self.classes_ = np.arange(1, len(self.prior.cuts) + 2)
        numbers = np.issubdtype(self.classes_.dtype, np.number)
        self.values_: Floats = (self.classes_ if numbers else np.arange(len(self.classes_))).astype(
            np.float64
        )
        penalties = [float(one) for one in np.atleast_1d(self.penalty)]
        self.penalty_ = penalties[0]
        if len(penalties) > 1 or self.for_kappa:
            self._tune(table, labels, weight, groups, penalties)
        self._fit(table, np.searchsorted(self.classes_, labels), weight)
        return self

    def _fit(self, table: Floats, codes: NDArray[np.int64], weight: Floats) -> None:
        kept = weight > 0
        if self.prior is not None:
            self.pieces_ = [np.array(edges) for edges in self.prior.knots]
        else:
            self.pieces_ = [_knots(column[kept], weight[kept], self.pieces) for column in table.T]
        stretches, owners = _table(table, self.pieces_)
        task = Task(stretches, codes, weight, *self._penalties(owners, stretches.shape[1]))
        solution = self._solve(task, owners)
        count = len(self.classes_) - 1
        self.cuts_ = np.cumsum(solution[:count])
        self.weights_ = solution[count:-1]
        self.owners_ = owners
        # How many logits a unit of the prior came to.
        self.unit_ = float(solution[-1])

    def _tune(
        self,
        table: Floats,
        labels: NDArray[np.generic],
        weight: Floats,
        groups: ArrayLike | None,
        penalties: Sequence[float],
    ) -> None:
        """Choose the penalty, and find the kappa to be had, by cross-validation."""
        kept = weight > 0
        table, labels, weight = table[kept], labels[kept], weight[kept]
        # Without groups whole rows: a copy of a case in another fold would give it away.
        together, axis = (table, 0) if groups is None else (np.asarray(groups)[kept], None)
        folds = np.unique(together, axis=axis, return_inverse=True)[1].ravel() % FOLDS
        if not folds.any():
            raise ValueError("groups: there must be at least two to choose a penalty, or to decide for kappa")
        codes = np.searchsorted(self.classes_, labels)
        tried = {one: self._unseen(one, table, labels, weight, folds) for one in penalties}
        self.penalty_ = min(tried, key=lambda one: _log_loss(tried[one], codes, weight))
        truth = self.values_[codes]
        self.mean_ = float(np.average(truth, weights=weight))
        self.kappa_ = attainable_kappa(tried[self.penalty_] @ self.values_, truth, weight, self.values_)

    def _unseen(
        self,
        penalty: float,
        table: Floats,
        labels: NDArray[np.generic],
        weight: Floats,
        folds: NDArray[np.int64],
    ) -> Floats:
        """Probabilities by models that did not see the case, shape (case, class); a fold may lack a class."""
        shares = np.zeros((len(labels), len(self.classes_)))
        for fold in np.unique(folds):
            rest = folds == fold
            seen = np.unique(labels[~rest])
            if len(seen) == 1:
                shares[np.ix_(rest, np.searchsorted(self.classes_, seen))] = 1.0
                continue
            model = clone(self).set_params(penalty=penalty, for_kappa=False)
            model.fit(table[~rest], labels[~rest], weight[~rest])
            places = np.searchsorted(self.classes_, model.classes_)
            shares[np.ix_(rest, places)] = model.predict_proba(table[rest])
        return shares

    def _check(self, prior: Prior) -> None:
        allowed = range(1, len(prior.cuts) + 2)
        if not set(self.classes_.tolist()) <= set(allowed):
            raise ValueError(f"with this prior classes are 1 to {allowed[-1]}, not {self.classes_.tolist()}")
        if not len(prior.knots) == len(prior.weights) == len(prior.hold) == self.n_features_in_:
            raise ValueError(f"prior: it must have {self.n_features_in_} features")

    def _penalties(self, owners: NDArray[np.int64], size: int) -> tuple[Floats, Floats, Floats]:
        """Quadratic form of the penalty on weights, and what weights and cuts are drawn to."""
        if self.prior is None:
            # Nothing draws the cuts, and there is nothing to be in the units of.
            form = self.penalty_ * (np.eye(size) + self.smoothness * _roughness(owners))
            return form, np.zeros(size), np.zeros(0)
        hold = np.array([self.prior.hold[owner] for owner in owners])
        centre = np.concatenate([np.asarray(part) for part in self.prior.weights])
        return self.penalty_ * np.diag(hold), centre, np.array(self.prior.cuts)

    def _solve(self, task: Task, owners: NDArray[np.int64]) -> Floats:
        count = len(self.classes_) - 1
        signs = np.zeros(self.n_features_in_) if self.signs is None else np.asarray(self.signs)
        if len(signs) != self.n_features_in_:
            raise ValueError(f"signs: there are {len(signs)} for {self.n_features_in_} features")
        own = signs[owners]
        free, gaps = np.full(1, np.inf), np.full(count - 1, LEAST_GAP)
        low = np.concatenate([-free, gaps, np.where(own > 0, 0.0, -np.inf), [LEAST_UNIT]])
        high = np.concatenate([free, gaps + np.inf, np.where(own < 0, 0.0, np.inf), free])
        if len(task.aims):
            cuts = task.aims
        else:
            shares = np.array([task.weight[task.codes <= k].sum() for k in range(count)]) / task.weight.sum()
            cuts = np.log(np.clip(shares, 1e-3, 1 - 1e-3) / np.clip(1 - shares, 1e-3, 1 - 1e-3))
        start = np.concatenate([cuts[:1], np.maximum(np.diff(cuts), 0.1), task.centre, [1.0]])
        return minimise(task, start, low, high)

    def latent(self, X: ArrayLike) -> Floats:
        """The latent value of each call, shape (call,)."""
        check_is_fitted(self)
        checked: Floats = validate_data(self, X, dtype=np.float64, reset=False)
        latent: Floats = _table(checked, self.pieces_)[0] @ self.weights_
        return latent

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class, shape (call, class)."""
        latent = self.latent(X)
        below = expit(self.cuts_[None, :] - latent[:, None])
        edges = np.hstack([np.zeros((len(below), 1)), below, np.ones((len(below), 1))])
        chances = np.maximum(np.diff(edges, axis=1), 0)
        shares: Floats = chances / chances.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: ArrayLike) -> NDArray[np.generic]:
        """The likeliest class of each call, shape (call,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        found: NDArray[np.generic] = self.classes_[likeliest]
        return found

    def decide(self, X: ArrayLike, by: str = "mean") -> NDArray[np.generic]:
        """The class of each call, shape (call,), that serves best; numbers are as far apart as they are.

        "mean" has the least expected quadratic loss, "kappa" goes for most quadratic weighted kappa over all
        calls. Raises ValueError for another `by`, NotFittedError for "kappa" where `fit` didn't look for it.
        """
        if by not in DECISIONS:
            raise ValueError(f"by: it must be one of {', '.join(DECISIONS)}, not {by!r}")
        expected = self.predict_proba(X) @ self.values_
        if by == "kappa":
            check_is_fitted(self, "kappa_")
            expected = expanded(expected, self.mean_, self.kappa_)
        found: NDArray[np.generic] = self.classes_[nearest(expected, self.values_)]
        return found

    def feature_pieces(self) -> list[Pieces]:
        """What was learned of each feature."""
        check_is_fitted(self)
        return [Pieces(knots, self.weights_[self.owners_ == n]) for n, knots in enumerate(self.pieces_)]


def _knots(column: Floats, weight: Floats, pieces: int) -> Floats:
    """Rising knots at quantiles; one alone where a feature never varies."""
    shares = np.linspace(0, 1, pieces + 1)
    return np.unique(np.quantile(column, shares, method="inverted_cdf", weights=weight))


def _table(X: Floats, knots: Sequence[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Every stretch of every feature as a column 0..1, and the feature that owns it."""
    columns, owners = [], []
    for number, edges in enumerate(knots):
        for left, right in pairwise(edges):
            columns.append(np.clip((X[:, number] - left) / (right - left), 0, 1))
            owners.append(number)
    table = np.column_stack(columns) if columns else np.zeros((len(X), 0))
    return table, np.array(owners, dtype=np.int64)


def _roughness(owners: NDArray[np.int64]) -> Floats:
    """Quadratic form of the squared differences between neighbouring stretches of one feature."""
    size = len(owners)
    form = np.zeros((size, size))
    for place in range(size - 1):
        if owners[place] == owners[place + 1]:
            step = np.zeros(size)
            step[place], step[place + 1] = 1, -1
            form += np.outer(step, step)
    return form


def _log_loss(shares: Floats, codes: NDArray[np.int64], weight: Floats) -> float:
    likely = np.log(np.maximum(shares[np.arange(len(codes)), codes], 1e-6))
    return -float(np.average(likely, weights=weight))
