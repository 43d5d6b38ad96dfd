"""What counts as the same action, and what a hit with a wrong owner costs."""

from collections.abc import Sequence

import pytest

from models.call import Evidence
from training.call_figures import Figures, compare, is_same_action


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("send the revised quote", "send revised quotes by post", True),
        ("send the revised quote", "call Karen", False),
        ("send the revised quote", None, False),
        ("it", "it", False),
    ],
)
def test_actions_are_the_same_if_they_share_half_their_telling_words(
    one: str, other: str | None, *, same: bool
) -> None:
    assert is_same_action(one, other) is same


@pytest.mark.parametrize(
    ("owner", "action", "scores"),
    [
        ("rep", "send the quote", (1.0, 1.0)),
        ("rep", "call Karen", (1.0, 0.0)),
        ("buyer", "send it", (0.0, 0.0)),
    ],
)
def test_a_step_with_the_wrong_owner_or_action_is_found_but_not_right(
    owner: str, action: str, scores: Sequence[float]
) -> None:
    figures = Figures()
    compare(figures, [_step("rep", "send the quote")], [_step(owner, action)], [])
    values = figures.values()
    assert values["next_step F1"] == 1
    assert values["next_step, owner and date right F1"] == scores[0]
    assert values["next_step, action, owner and date right F1"] == scores[1]


def _step(owner: str, action: str) -> Evidence:
    attributes = {"owner": owner, "action": action, "date": None, "agreed": True, "vague": False}
    return Evidence("next_step", 0, 0, 4, 1.0, "test", attributes)
