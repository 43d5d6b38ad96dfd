"""What is predicted: best by the measure it is for."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from models.agreement import quadratic_kappa
from training.decisions import attainable_kappa, nearest
from training.ordinal import MonotoneOrdinal


def weak(seed: int, size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Ratings 1..5 that three features say a little about."""
    random = np.random.default_rng(seed)
    table = random.normal(size=(size, 3))
    latent = table @ np.array([1.0, -0.6, 0.4]) + random.logistic(scale=1.2, size=size)
    return table, (np.digitize(latent, [-3, -1, 1, 3]) + 1).astype(float)


def test_each_decision_is_best_by_its_own_measure() -> None:
    model = MonotoneOrdinal(penalty=(1.0, 10.0)).fit(*weak(0))
    unseen, truth = weak(1, 2000)
    squares = model.decide(unseen, "mean")
    kappa = model.decide(unseen, "kappa")
    assert quadratic_kappa(truth, kappa) > quadratic_kappa(truth, squares) + 0.02
    assert ((truth - squares) ** 2).mean() < ((truth - kappa) ** 2).mean()
    assert abs(kappa.std() - truth.std()) < abs(squares.std() - truth.std())


def test_what_kappa_can_be_had_is_told_beforehand() -> None:
    model = MonotoneOrdinal(for_kappa=True).fit(*weak(2, 800))
    unseen, truth = weak(3, 2000)
    assert model.kappa_ == pytest.approx(quadratic_kappa(truth, model.decide(unseen, "kappa")), abs=0.06)


def test_where_nothing_is_known_nothing_is_expanded_beyond_the_scale() -> None:
    random = np.random.default_rng(4)
    given = random.integers(1, 6, 200).astype(float)
    assert attainable_kappa(np.full(200, 3.0), given) == pytest.approx(0.05)
    model = MonotoneOrdinal(penalty=10.0, for_kappa=True).fit(random.normal(size=(200, 2)), given)
    assert set(model.decide(random.normal(size=(50, 2)) * 10, "kappa")) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_a_rating_that_a_fold_lacks_is_no_obstacle() -> None:
    table, given = weak(5, 120)
    given[given == 5] = 4
    given[:2] = 5
    groups = ["same"] * 2 + [str(n) for n in range(118)]
    model = MonotoneOrdinal(penalty=(1.0, 10.0)).fit(table, given, groups=groups)
    assert model.predict_proba(table).shape == (120, 5)
    with pytest.raises(ValueError, match="at least two"):
        MonotoneOrdinal(for_kappa=True).fit(table, given, groups=["same"] * 120)


def test_the_lower_of_two_as_near() -> None:
    assert nearest(np.array([1.5, 2.6, 9.0]), np.array([1.0, 2.0, 3.0])).tolist() == [0, 2, 2]


def test_a_decision_that_is_not_one_is_refused() -> None:
    table, given = weak(6, 50)
    model = MonotoneOrdinal().fit(table, given)
    with pytest.raises(ValueError, match="mean, kappa"):
        model.decide(table, "median")
    with pytest.raises(NotFittedError):
        model.decide(table, "kappa")
