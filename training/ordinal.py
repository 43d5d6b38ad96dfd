"""Ordinal regression whose effects keep their sign: proportional odds over monotone, levelling-off features.

    latent          = sum over features of sum over pieces of weight * clip((x - left) / (right - left), 0, 1)
    P(score <= k)   = logistic(cut_k - latent), cuts rising
Each feature is cut into pieces at its own quantiles. A sign of +1 keeps every weight of a feature at or above
nought, -1 at or below: more of it can then never lower (raise) a score. 0 leaves the direction to the data.
McCullagh (1980), Regression models for ordinal data; the pieces are a linear spline with bounded steps.

With a `Prior` the penalty draws to what is known beforehand rather than to nought: weights and cuts to the
prior's, up to one common factor that the data choose (how many logits a unit of the prior is worth).
With little data the model is then the prior's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

Floats = NDArray[np.float64]
LEAST_GAP = 1e-3  # between cuts
LEAST_UNIT = 1e-3  # logits
CUTS_PULL = (
    1.0  # of the prior's cuts: as strong as a few examples, so that bias goes but unused cuts stay in place
)


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
        penalty: of large weights; of half the squared sum, beside the mean log loss times the examples.
        smoothness: of weights that differ from stretch to stretch of a feature, in the same units.
        decision: "mean" predicts the class of least expected quadratic loss, "mode" the likeliest.
        prior: what weights and cuts are drawn to; `pieces` and `smoothness` then have no say, and classes
            must be whole numbers from 1 to one more than it has cuts.
    """

    def __init__(  # noqa: PLR0917 - scikit-learn's way
        self,
        signs: Sequence[int] | None = None,
        pieces: int = 3,
        penalty: float = 1.0,
        smoothness: float = 1.0,
        decision: str = "mode",
        prior: Prior | None = None,
    ) -> None:
        self.signs = signs
        self.pieces = pieces
        self.penalty = penalty
        self.smoothness = smoothness
        self.decision = decision
        self.prior = prior

    def __sklearn_tags__(self) -> Tags:
        """Classes are ordered; of blobs in no order it makes little."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "MonotoneOrdinal":
        """Fit to features, shape (call, feature), and classes in the order of their sorted labels."""
        checked = validate_data(self, X, y, dtype=np.float64)
        table: Floats = checked[0]
        labels: NDArray[np.generic] = checked[1]
        check_classification_targets(labels)
        weight: Floats = _check_sample_weight(sample_weight, table, dtype=np.float64)
        kept = weight > 0
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"there must be more than one class; all are {self.classes_[0]!r}")
        if self.prior is not None:
            self._check(self.prior)
            self.classes_ = np.arange(1, len(self.prior.cuts) + 2)
            self.pieces_ = [np.array(edges) for edges in self.prior.knots]
        else:
            self.pieces_ = [_knots(column[kept], weight[kept], self.pieces) for column in table.T]
        stretches, owners = _table(table, self.pieces_)
        codes = np.searchsorted(self.classes_, labels)
        task = _Task(stretches, codes, weight, *self._penalties(owners, stretches.shape[1]))
        solution = self._solve(task, owners)
        count = len(self.classes_) - 1
        self.cuts_ = _cuts(solution[:count])
        self.weights_ = solution[count:-1]
        self.owners_ = owners
        # How many logits a unit of the prior came to.
        self.unit_ = float(solution[-1])
        return self

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
            form = self.penalty * np.eye(size) + self.smoothness * _roughness(owners)
            return form, np.zeros(size), np.zeros(0)
        hold = np.array([self.prior.hold[owner] for owner in owners])
        centre = np.concatenate([np.asarray(part) for part in self.prior.weights])
        return self.penalty * np.diag(hold), centre, np.array(self.prior.cuts)

    def _solve(self, task: "_Task", owners: NDArray[np.int64]) -> Floats:
        count = len(self.classes_) - 1
        signs = np.zeros(self.n_features_in_) if self.signs is None else np.asarray(self.signs)
        if len(signs) != self.n_features_in_:
            raise ValueError(f"signs: there are {len(signs)} for {self.n_features_in_} features")
        bounds: list[tuple[float | None, float | None]] = [(None, None)] * count
        bounds += [(0, None) if signs[o] > 0 else (None, 0) if signs[o] < 0 else (None, None) for o in owners]
        bounds += [(LEAST_UNIT, None)]
        if len(task.aims):
            cuts = task.aims
        else:
            shares = np.array([task.weight[task.codes <= k].sum() for k in range(count)]) / task.weight.sum()
            cuts = np.log(np.clip(shares, 1e-3, 1 - 1e-3) / np.clip(1 - shares, 1e-3, 1 - 1e-3))
        steps = np.log(np.maximum(np.diff(cuts), 0.1)) if count > 1 else np.zeros(0)
        start = np.concatenate([cuts[:1], steps, task.centre, [1.0]])
        found = minimize(
            _loss,
            start,
            args=(task,),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "ftol": 1e-10, "gtol": 1e-6},
        )
        return np.asarray(found.x, dtype=np.float64)

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
        """A class for each call, by `decision`."""
        chances = self.predict_proba(X)
        places = np.arange(len(self.classes_))
        losses = chances @ (places[:, None] - places[None, :]) ** 2
        best = chances.argmax(axis=1) if self.decision == "mode" else losses.argmin(axis=1)
        found: NDArray[np.generic] = self.classes_[best]
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


def _cuts(free: Floats) -> Floats:
    """Rising cuts from the first and the logarithms of the gaps."""
    return np.cumsum(np.concatenate([free[:1], np.exp(np.clip(free[1:], -12, 6)) + LEAST_GAP]))


@dataclass(frozen=True, slots=True)
class _Task:
    """What a fit is about.

    `table` of stretches, `codes` 0.. of the classes, `weight` of the examples; `form` of the penalty, shape
    (stretch, stretch), on weights less unit times `centre`; `aims`, times unit, draw the cuts.
    """

    table: Floats
    codes: NDArray[np.int64]
    weight: Floats
    form: Floats
    centre: Floats
    aims: Floats


def _loss(point: Floats, task: _Task) -> tuple[float, Floats]:
    """Weighted log loss and penalty with the gradient; the point is cuts, weights, unit."""
    codes = task.codes
    count = len(point) - 1 - task.table.shape[1]
    cuts, weights, unit = _cuts(point[:count]), point[count:-1], point[-1]
    latent = task.table @ weights
    padded = np.concatenate([[-np.inf], cuts, [np.inf]])
    upper, lower = expit(padded[codes + 1] - latent), expit(padded[codes] - latent)
    chance = np.maximum(upper - lower, 1e-12)
    slope_up, slope_low = upper * (1 - upper), lower * (1 - lower)
    scale = task.weight / chance
    by_latent = scale * (slope_up - slope_low)
    by_cut = np.zeros(count)
    inside_up, inside_low = codes < count, codes > 0
    np.add.at(by_cut, codes[inside_up], -(scale * slope_up)[inside_up])
    np.add.at(by_cut, codes[inside_low] - 1, (scale * slope_low)[inside_low])
    gap = weights - unit * task.centre
    pull = task.form @ gap
    value = -(task.weight * np.log(chance)).sum() + gap @ pull / 2
    by_unit = -(pull @ task.centre)
    if len(task.aims):
        astray = cuts - unit * task.aims
        value += CUTS_PULL * (astray @ astray) / 2
        by_cut = by_cut + CUTS_PULL * astray
        by_unit -= CUTS_PULL * (astray @ task.aims)
    # A later cut moves with every gap before it.
    by_free = np.cumsum(by_cut[::-1])[::-1]
    by_free[1:] *= np.exp(np.clip(point[1:count], -12, 6))
    return float(value), np.concatenate([by_free, task.table.T @ by_latent + pull, [by_unit]])
