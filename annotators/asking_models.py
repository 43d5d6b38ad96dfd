"""How likely an utterance asks: linear models over the cues of annotators/asking.py, and networks.

Calls of which the roles are known have a linear model of their own, as examples from meetings make it worse,
and there the network that reads the whole call is mixed in; elsewhere that of annotators/asking_reader.py. A
call whose rep was inferred may be no sales call: both kinds of models have a say.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log
from typing import Protocol

from annotators.asking import Said, other_cues, telling_cues
from annotators.asking_reader import ASKS, GOES_ON, OTHER, read
from annotators.call_reader import Read as CallRead
from annotators.linear import derived, load

NAME = "questions"
NAME_OF_ANY = "questions_of_any"  # while nobody knows the roles: it may be any kind of talk
THRESHOLD = 0.4  # probability from which an utterance asks or goes on asking
THRESHOLD_OF_ANY = 0.3  # the same while nobody knows the roles: then less is known, and all is less sure
READ = 0.5  # share of the network in the log-odds
_LEAST = 1e-3  # probability below which a model is not believed to differ
_OPEN = -3.5  # log-odds of the telling cues below which the others are left out: they turn one in forty round


class Seen(Protocol):
    """What a network says of utterances."""

    def of(self, turn: int, place: int) -> float:
        """Log-odds that an utterance asks or goes on asking."""


class _Heard:
    """What the network that reads whole calls says of utterances."""

    def __init__(self, call: Said, read: CallRead) -> None:
        self._call, self._read = call, read

    def of(self, turn: int, place: int) -> float:
        """Log-odds that an utterance is part of a question."""
        said = self._call.turns[turn][place].utterance
        return self._read.most("question", turn, said.start, said.stop, "none")


class Asking:
    """How likely utterances of a call ask; where the rep is a guess, by the models of both kinds of talk."""

    def __init__(self, call: Said, heard: CallRead) -> None:
        """`heard` is what the network that reads whole calls says of this one."""
        bare = replace(call, rep=None)
        self._views: list[tuple[Said, Seen | None]] = []
        if call.rep is not None:
            self._views.append((call, None if heard.silent else _Heard(call, heard)))
        if call.rep is None or call.guessed:
            self._views.append((bare, read(bare)))

    @property
    def threshold(self) -> float:
        """Probability from which an utterance asks or goes on asking."""
        least = [THRESHOLD_OF_ANY if call.rep is None else THRESHOLD for call, _ in self._views]
        return sum(least) / len(least)

    def chances(self, turn: int, place: int) -> tuple[float, float]:
        """Probability that an utterance asks, and that it goes on with what the one before it asks."""
        found = [chances(call, turn, place, seen) for call, seen in self._views]
        if len(found) == 1:
            return found[0]
        either = 1 / (1 + exp(-sum(odds_of(asks + goes_on) for asks, goes_on in found) / len(found)))
        asks, goes_on = sum(pair[0] for pair in found), sum(pair[1] for pair in found)
        share = asks / (asks + goes_on) if asks + goes_on else 1.0
        return either * share, either * (1 - share)


def odds_of(chance: float) -> float:
    """Log-odds of a model's chance, held so near to nought that no single model outweighs the others."""
    return log((chance + _LEAST) / (1 - chance + _LEAST))


def chances(call: Said, turn: int, place: int, seen: Seen | None) -> tuple[float, float]:
    """Probability that an utterance asks, and that it goes on with what the one before it asks.

    By one kind of model; `seen` is what a network says of the call, if one has been asked.
    """
    known = call.rep is not None
    if known and call.turns[turn][place].rule < 0:
        # In other talk "what" and "or" alone are questions often enough for the model to judge.
        return 0.0, 0.0
    odds, (asks, goes_on) = _of_calls() if known else _of_any()
    telling = set(telling_cues(call, turn, place))
    for found in map(odds.get, telling):
        if found:
            asks += found[0]
            goes_on += found[1]
    if asks < _OPEN and goes_on < _OPEN:
        return 0.0, 0.0
    for found in map(odds.get, set(other_cues(call, turn, place)) - telling):
        if found:
            asks += found[0]
            goes_on += found[1]
    if seen:
        most = max(asks, goes_on)
        either = most + log(exp(asks - most) + exp(goes_on - most))
        change = READ * (seen.of(turn, place) - either)
        asks, goes_on = asks + change, goes_on + change
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
