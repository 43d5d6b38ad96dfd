"""The ordinal model: scikit-learn's own checks, and what a user of scores relies on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, check_grad
from sklearn.utils.estimator_checks import parametrize_with_checks

from training import ordinal, ordinal_fit
from training.ordinal import MonotoneOrdinal
from training.ordinal_fit import minimise


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [MonotoneOrdinal(), MonotoneOrdinal(pieces=1, penalty=(0.3, 3.0), for_kappa=True)]
)
def test_scikit_learn_accepts_it(estimator: MonotoneOrdinal, check: object) -> None:
    check(estimator)  # type: ignore[operator]  # a partial of scikit-learn's


def sample(seed: int, size: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Three features; the first raises the score, the second lowers it, the third is noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(size, 3))
    latent = 2 * X[:, 0] - X[:, 1] + rng.logistic(size=size)
    return X, np.digitize(latent, [-3, -1, 1, 3]) + 1


def test_the_order_of_scores_is_learnt() -> None:
    X, y = sample(0)
    model = MonotoneOrdinal(signs=(1, -1, 0)).fit(X, y)
    unseen, truth = sample(1)
    assert np.abs(model.decide(unseen) - truth).mean() < 0.75
    assert model.classes_.tolist() == [1, 2, 3, 4, 5]
    assert (np.diff(model.cuts_) > 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 2), st.sampled_from([-1, 1]))
def test_more_of_a_feature_never_moves_a_score_against_its_sign(seed: int, feature: int, sign: int) -> None:
    X, y = sample(seed, 80)
    signs = [0, 0, 0]
    signs[feature] = sign
    model = MonotoneOrdinal(signs=tuple(signs), penalty=0.1).fit(X, y)
    grid = np.repeat(X[:1], 60, axis=0)
    grid[:, feature] = np.linspace(-4, 4, 60)
    assert (np.diff(model.latent(grid)) * sign >= -1e-12).all()
    assert (np.diff(model.decide(grid).astype(int)) * sign >= 0).all()


def test_a_fit_ends_where_the_loss_is_least() -> None:
    rng = np.random.default_rng(3)
    X, y = sample(3, 40)
    knots = [ordinal._knots(column, np.ones(40), 3) for column in X.T]
    table, owners = ordinal._table(X, knots)
    size = table.shape[1]
    form = 0.7 * np.eye(size) + ordinal._roughness(owners)
    centre = np.asarray(rng.normal(size=size))
    strengths = np.asarray(rng.uniform(size=40))
    aims = np.array([-2.0, -1.0, 1.0, 2.0])
    task = ordinal_fit.Task(table, y - 1, strengths, form, centre, aims)
    point = np.concatenate([[-2.0], rng.uniform(0.5, 2, size=3), rng.normal(size=size + 1) * 0.3])
    found = minimise(task, point, np.r_[-np.inf, [0.01] * 3, [0.0] * size, 0.1], np.full(size + 5, np.inf))
    for place in (point, found):
        gap = check_grad(
            lambda p: ordinal_fit.loss(p, task)[0], lambda p: ordinal_fit.loss(p, task)[1], place
        )
        assert gap < 1e-4
        bends = approx_fprime(place, lambda p: ordinal_fit.loss(p, task)[1])
        assert ordinal_fit.loss(place, task)[2] == pytest.approx(bends, abs=1e-3)
    # At the least value nothing pulls but against a bound.
    slope = ordinal_fit.loss(found, task)[1]
    free = found > np.r_[-np.inf, [0.01] * 3, [0.0] * size, 0.1] + 1e-9
    assert np.abs(slope[free]).max() < 1e-3
    assert slope[~free].min() >= 0


def test_weights_of_examples_count_as_repeating_them() -> None:
    X, y = sample(4, 60)
    times = np.random.default_rng(5).integers(1, 4, size=60)
    once = MonotoneOrdinal(pieces=1).fit(X, y, sample_weight=times)
    often = MonotoneOrdinal(pieces=1).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert once.latent(X) == pytest.approx(often.latent(X), abs=1e-3)


def test_the_draft_loses_least_by_squares() -> None:
    X, y = sample(6)
    model = MonotoneOrdinal().fit(X, y)
    chances = model.predict_proba(X)
    expected = np.array([[(row * (np.arange(1, 6) - v) ** 2).sum() for v in range(1, 6)] for row in chances])
    assert (model.decide(X) == expected.argmin(axis=1) + 1).all()
    assert chances.sum(axis=1) == pytest.approx(1)


def test_pieces_add_up_to_the_latent_value() -> None:
    X, y = sample(7)
    model = MonotoneOrdinal(signs=(1, -1, 0)).fit(X, y)
    total = np.zeros(len(X))
    for column, one in zip(X.T, model.feature_pieces(), strict=True):
        total += np.interp(column, one.knots, np.concatenate([[0], np.cumsum(one.weights)]))
    assert total == pytest.approx(model.latent(X))


@pytest.mark.parametrize("signs", [(1,), (1, 1, 1, 1)])
def test_a_sign_for_each_feature_is_needed(signs: tuple[int, ...]) -> None:
    X, y = sample(8, 30)
    with pytest.raises(ValueError, match="signs"):
        MonotoneOrdinal(signs=signs).fit(X, y)
