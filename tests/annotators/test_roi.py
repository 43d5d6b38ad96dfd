"""Spoken figures, and whether one comes of others."""

import pytest

from annotators.reckoning import comes_of, figures
from tests.annotators.calls import found


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("six twenty eight", [628.0]),
        ("nineteen four", [19.4]),
        ("twenty-nine nine", [29.9]),
        ("three thousand six hundred and forty", [3640.0]),
        ("$5,000 and 12k", [5000.0, 12000.0]),
        ("twenty one grand", [21000.0]),
        ("one point three litres by three fifty", [1.3, 350.0]),
        ("two hundred and fifty thousand", [250000.0]),
        ("this one is nice", []),
        ("", []),
    ],
)
def test_spoken_figures_have_their_values(said: str, values: list[float]) -> None:
    assert figures(said.split()) == pytest.approx(values)


@pytest.mark.parametrize(
    ("result", "others", "way"),
    [
        (50_000.0, [628.0, 80.0], "product"),
        (27.0, [6.0, 4.5], "product"),
        (56_000.0, [30_000.0, 26_000.0], "sum"),
        (12_000.0, [1_000.0], "multiple"),
    ],
)
def test_a_figure_comes_of_others_whatever_its_size(result: float, others: list[float], way: str) -> None:
    assert way in comes_of([result], others)


def test_figures_that_have_nothing_to_do_with_each_other() -> None:
    assert comes_of([37.0], [8.0, 11.0]) == set()
    assert comes_of([], []) == set()


def test_the_buyer_may_do_the_sum() -> None:
    lines = (
        "rep: And how often does that happen?",
        "buyer: Say three times a week, and it's forty minutes each time.",
        "rep: So three times forty, that's two hours a week. What's an hour of their time worth?",
        "buyer: Thirty-five dollars. So that's seventy a week, times fifty, three and a half thousand.",
    )
    assert {2, 3} <= {item.turn for item in found("roi", *lines)}
