"""When drafts are withheld and come back, and when somebody is told that they accept everything."""

import datetime as dt
import uuid

import pytest

from service.agreement.figures import (
    ENOUGH_REVIEWS,
    FEW,
    Accepted,
    Pair,
    accepts_everything,
    drift,
    figures,
    people_only,
)

FLOOR, LEAST = 0.4, 30


def pairs(scores: list[tuple[int, int]], month: int = 3) -> list[Pair]:
    at = dt.datetime(2026, month, 5, tzinfo=dt.UTC)
    return [Pair(uuid.uuid4(), value, draft, at, "1 / prior-1") for value, draft in scores]


AGREE = [(1, 1), (2, 2), (3, 4), (4, 4), (5, 5)]
DISAGREE = [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)]


def decided(scores: list[tuple[int, int]], *, already: bool) -> bool:
    return people_only(figures(pairs(scores)), floor=FLOOR, least=LEAST, already=already)


def test_drafts_are_withheld_once_the_whole_interval_lies_below_the_floor() -> None:
    assert decided(DISAGREE * 8, already=False)
    assert not decided(AGREE * 8, already=False)


def test_chance_alone_withholds_nothing() -> None:
    weak = [(1, 2), (2, 4), (3, 2), (4, 3), (5, 4), (3, 5)] * 6
    found = figures(pairs(weak))
    assert found
    assert found.kappa < FLOOR < found.high
    assert not decided(weak, already=False)
    assert decided(weak, already=True)  # and what is withheld comes back only once kappa reaches the floor


def test_few_pairs_leave_all_as_it_is() -> None:
    assert not decided(DISAGREE * 5, already=False)
    assert decided(AGREE * 5, already=True)
    assert people_only(None, floor=FLOOR, least=LEAST, already=True)


def test_better_drafts_bring_a_dimension_back() -> None:
    assert not decided(AGREE * 8, already=True)


def test_drift_tells_of_no_single_call() -> None:
    found = drift(pairs(AGREE * 2, month=3) + pairs(AGREE[:3], month=2), lambda pair: f"{pair.at:%Y-%m}")
    assert [(name, count) for name, count, _ in found] == [("2026-02", 3), ("2026-03", FEW)]
    assert found[0][2] is None
    assert found[1][2] is not None


@pytest.mark.parametrize(
    ("mine", "others", "said"),
    [
        (Accepted(ENOUGH_REVIEWS, ENOUGH_REVIEWS), Accepted(100, 70), True),
        (Accepted(ENOUGH_REVIEWS, ENOUGH_REVIEWS), Accepted(5, 1), True),  # no comparison
        (Accepted(ENOUGH_REVIEWS, ENOUGH_REVIEWS), Accepted(100, 96), False),  # drafts may just be right
        (Accepted(ENOUGH_REVIEWS - 1, ENOUGH_REVIEWS - 1), Accepted(100, 70), False),
        (Accepted(100, 90), Accepted(100, 70), False),
        (Accepted(0, 0), Accepted(0, 0), False),
    ],
)
def test_who_accepts_everything(mine: Accepted, others: Accepted, said: bool) -> None:
    assert accepts_everything(mine, others) is said
