"""Simulated organisations: what reviews change, and what they can't."""

import numpy as np
import pytest

from models.framework import load_framework
from models.heads import load_heads
from tests.training.test_score_report import scored
from training.learning_curve import LEARNED, ORACLE, READERS, SHIPPED, Curve, curves, lines
from training.organisations import REVIEWERS, organisations, reviews, worth
from training.score_data import OVERRIDE, Scored

FRAMEWORK = load_framework()
PRIOR = load_heads(FRAMEWORK, FRAMEWORK.path.with_suffix(".prior.weights.toml"))  # not what was learned last
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def both() -> list[Scored]:
    """Calls to learn from, and held-out ones with other names."""
    held = [
        Scored(f"held {one.call}", "w2", one.dimension, one.value, one.reviewer, 1.0, one.features)
        for one in scored(40)
    ]
    return [*scored(60, group="w1"), *held]


@pytest.fixture(scope="module")
def found() -> list[Curve]:
    return curves(FRAMEWORK, PRIOR, both(), QUIET, counts=(10, 60), repetitions=2)


def test_reviews_move_drafts_towards_a_harsher_organisation(found: list[Curve]) -> None:
    by_name = {line.name: line for line in found[0].lines}
    assert list(by_name) == [SHIPPED, READERS, LEARNED, ORACLE]
    shipped, learned = by_name[SHIPPED], by_name[LEARNED]
    assert abs(learned.biases[-1].value) < abs(shipped.biases[-1].value)
    assert learned.kappas[-1].value > shipped.kappas[-1].value
    assert by_name[ORACLE].kappas[-1].value > learned.kappas[-1].value
    assert abs(learned.biases[-1].value) < abs(by_name[READERS].biases[-1].value)
    # What is shipped doesn't change with reviews.
    assert shipped.kappas[0] == shipped.kappas[1]


def test_the_same_scores_give_the_same_curves(found: list[Curve]) -> None:
    again = curves(FRAMEWORK, PRIOR, both(), QUIET, counts=(10, 60), repetitions=2)
    assert again == found
    table = list(lines(found))
    assert len(table) == 1 + 3 * 4 * 2
    assert any(row.startswith("a point harsher") for row in table)


def test_organisations_differ_from_our_readers_as_they_say() -> None:
    ours = worth(both())
    harsher, otherwise, divided = organisations(FRAMEWORK, both(), seed=0)
    assert all(harsher.standard[key] == max(1, value - 1) for key, value in ours.items())
    assert 0.1 < np.corrcoef([ours[k] for k in ours], [otherwise.standard[k] for k in ours])[0, 1] < 0.95
    assert divided.severity[REVIEWERS[1]] - divided.severity[REVIEWERS[0]] == pytest.approx(1.5)
    assert organisations(FRAMEWORK, both(), seed=0)[1] == otherwise
    assert organisations(FRAMEWORK, both(), seed=1)[1] != otherwise


def test_more_reviews_go_on_where_fewer_ended() -> None:
    harsher, _, divided = organisations(FRAMEWORK, both(), seed=0)
    pool = {item.call: item for item in scored(60, group="w1")}
    few, many = (reviews(divided, pool, n, np.random.default_rng(3)) for n in (20, 40))
    assert [one.features for one in many[:20]] == [one.features for one in few]
    assert {one.reviewer for one in many} == set(REVIEWERS)
    assert {one.strength for one in many} == {OVERRIDE}
    assert len({one.call for one in reviews(harsher, pool, 150, np.random.default_rng(3))}) == 150
