"""How likely an utterance asks: linear models over the cues of annotators/asking.py, and a network.

Calls of which the roles are known have a linear model of their own: examples from meetings make it worse.
There the network (annotators/asking_reader.py) gains too little for its time; elsewhere it is mixed in.
"""

from collections.abc import Mapping
from math import exp

from annotators.asking import Said, other_cues, telling_cues
from annotators.asking_reader import ASKS, GOES_ON, OTHER, Read
from annotators.linear import derived, load

NAME = "questions"
NAME_OF_ANY = "questions_of_any"  # while nobody knows the roles: it may be any kind of talk
THRESHOLD = 0.4  # probability from which an utterance asks or goes on asking
THRESHOLD_OF_ANY = 0.3  # the same while nobody knows the roles: then less is known, and all is less sure
READ = 0.5  # share of the network in the log-odds
_OPEN = -3.5  # log-odds of the telling cues below which the others are left out: they turn one in forty round


def threshold(call: Said) -> float:
    """Probability from which an utterance of the call asks or goes on asking."""
    return THRESHOLD_OF_ANY if call.rep is None else THRESHOLD


def chances(call: Said, turn: int, place: int, read: Read | None) -> tuple[float, float]:
    """Probability that an utterance asks, and that it goes on with what the one before it asks.

    `read` is what the network says of the call, if it has been asked.
    """
    known = call.rep is not None
    if known and call.turns[turn][place].rule < 0:
        return (
            0.0,
            0.0,
        )  # in other talk "what" and "or" alone are questions often enough for the model to judge
    odds, (asks, goes_on) = _of_calls() if known else _of_any()
    telling = set(telling_cues(call, turn, place))
    for cue in telling:
        found = odds.get(cue)
        if found:
            asks += found[0]
            goes_on += found[1]
    if asks < _OPEN and goes_on < _OPEN:
        return 0.0, 0.0
    for cue in set(other_cues(call, turn, place)) - telling:
        found = odds.get(cue)
        if found:
            asks += found[0]
            goes_on += found[1]
    if read:
        seen = read.of(turn, place)
        asks, goes_on = asks + READ * (seen[0] - asks), goes_on + READ * (seen[1] - goes_on)
    most = max(asks, goes_on, 0.0)
    powers = exp(asks - most), exp(goes_on - most), exp(-most)
    return powers[0] / sum(powers), powers[1] / sum(powers)


Odds = tuple[Mapping[str, tuple[float, float]], tuple[float, float]]


@derived
def _of_calls() -> Odds:
    return _odds(NAME)


@derived
def _of_any() -> Odds:
    return _odds(NAME_OF_ANY)


def _odds(name: str) -> Odds:
    """A model's weights of each cue, and its bias, for "asks" and "goes on" against "other"."""
    model = load(name)
    asks, goes_on, other = (model.classes.index(name) for name in (ASKS, GOES_ON, OTHER))
    weights = model.weights - model.weights[:, [other]]
    bias = (model.bias - model.bias[other]).tolist()
    pairs = weights[:, [asks, goes_on]].tolist()
    return {cue: (pairs[row][0], pairs[row][1]) for cue, row in model.rows.items()}, (
        bias[asks],
        bias[goes_on],
    )
