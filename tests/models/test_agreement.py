"""Agreement: the quick interval is the slow one, and figures at the edges are told as they are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.agreement import bootstrap, kappa_interval, quadratic_kappa

PAIRS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 12)), min_size=20, max_size=60
)


@settings(max_examples=15, deadline=None)
@given(PAIRS)
def test_all_rounds_at_once_give_the_interval_of_one_by_one(pairs: list[tuple[int, int, int]]) -> None:
    truth, found, calls = zip(*pairs, strict=True)
    if len(set(calls)) < 5:
        return
    quick = kappa_interval(truth, found, calls, rounds=3000)
    slow = bootstrap(quadratic_kappa, truth, found, calls, rounds=3000, seed=1)
    assert np.allclose(quick, slow, atol=0.15)


def test_the_interval_holds_the_figure_and_shrinks_with_more_calls() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(1, 6, 400)
    found = np.clip(truth + random.integers(-1, 2, 400), 1, 5)
    few = kappa_interval(truth[:40], found[:40], range(40))
    many = kappa_interval(truth, found, range(400))
    assert many[0] < quadratic_kappa(truth, found) < many[1]
    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize("value", [3, 5])
def test_one_and_the_same_value_throughout_is_agreement(value: int) -> None:
    assert kappa_interval([value] * 8, [value] * 8, range(8)) == (1.0, 1.0)


def test_without_cases_there_is_no_interval() -> None:
    assert all(math.isnan(end) for end in kappa_interval([], [], []))
