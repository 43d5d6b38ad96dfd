"""Where nobody knows the roles, what calls and what meetings teach is mixed, and calls say what goes on."""

from math import log

import pytest

from annotators.asking_reader import ASKS, GOES_ON, OTHER
from annotators.linear import LinearModel
from training.fitting import fit
from training.steps.questions_of_any import mixed

OF_CALLS = fit(
    "any",
    [{"what"}, {"what", "and"}, {"and"}, {"the"}, {"price"}, {"well", "the"}] * 5,
    [ASKS, ASKS, GOES_ON, OTHER, ASKS, OTHER] * 5,
    penalty=1.0,
)
OF_MEETINGS = fit(
    "any", [{"what"}, {"or"}, {"the"}, {"and", "the"}] * 5, [ASKS, ASKS, OTHER, OTHER] * 5, penalty=1.0
)


def odds(model: LinearModel, cue: str, name: str) -> float:
    chances = model.probabilities({cue})
    return log(chances[name] / chances[OTHER])


@pytest.mark.parametrize("cue", ["what", "and", "or", "price", "never seen"])
def test_log_odds_are_those_of_both_by_their_shares(cue: str) -> None:
    both = mixed(OF_CALLS, OF_MEETINGS, 0.25, {})
    for name in (ASKS, GOES_ON):
        expected = 0.25 * odds(OF_CALLS, cue, name) + 0.75 * odds(OF_MEETINGS, cue, ASKS)
        assert odds(both, cue, name) == pytest.approx(expected, abs=1e-4)


def test_the_calls_alone_tell_what_begins_from_what_goes_on() -> None:
    both = mixed(OF_CALLS, OF_MEETINGS, 0.25, {})
    for cue in ("what", "and", "or"):
        between = odds(both, cue, ASKS) - odds(both, cue, GOES_ON)
        assert between == pytest.approx(
            0.25 * (odds(OF_CALLS, cue, ASKS) - odds(OF_CALLS, cue, GOES_ON)), abs=1e-4
        )
