"""What a deeper network makes of a few stretches of a call: discovery questions, objections, answers.

What reads the whole call has two layers, since time goes by layers and by words. What a question is about,
or why somebody objects, takes more; but of either an hour has some dozens. So four layers of the same public
encoder, taught on what readers marked (training/steps/second_look.py, objection_look.py), read each once more
with a little of what is said around it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import CLASS, Cutter, Pieces
from annotators.call_reader import CallReader, columns, encoder, load
from annotators.document import Layout
from annotators.linear import forgotten
from annotators.reader import mixed

NAME = "second_look"  # the network for questions
OBJECTIONS = "objection_look"  # that for objections and answers to them
_BEGINS, _ENDS = 3, 4  # pieces around the stretch
_TOGETHER = 512  # pieces a batch: more are no faster
Words = tuple[int, int, int]  # turn, and a half-open range of its words
Odds = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many pieces are read before, of and after a stretch, of longer ones the last or the first ones.

    `kind` is the piece that says what is looked at.
    """

    kind: int
    before: int
    longest: int
    after: int
    last: bool = True

    @property
    def most(self) -> int:
        """The most pieces that are read at once."""
        return 4 + self.before + self.longest + self.after


QUESTION, OBJECTION = Reach(80, 24, 40, 16), Reach(81, 32, 64, 40)
ANSWER = Reach(82, 56, 40, 12, last=False)


@dataclass(frozen=True, slots=True)
class View:
    """Pieces that are read at once, and the half-open range of them that is the stretch."""

    ids: NDArray[np.int64]
    start: int
    stop: int


def view(pieces: Pieces, start: int, stop: int, reach: Reach) -> View:
    """What is read of a call about a half-open range of its words."""
    first, last = pieces.stretch(start, stop)
    if reach.last:
        first = max(first, last - reach.longest)
    else:
        last = min(last, first + reach.longest)
    before = pieces.ids[max(0, first - reach.before) : first]
    own, after = pieces.ids[first:last], pieces.ids[last : last + reach.after]
    begin = 3 + len(before)
    ids = np.concatenate([(CLASS, reach.kind), before, [_BEGINS], own, [_ENDS], after])
    return View(ids, begin, begin + len(own))


@dataclass(frozen=True, slots=True)
class Look:
    """What is made of a stretch: log-odds of the classes of each task, in the order of `tasks`."""

    tasks: Mapping[str, Sequence[str]]
    odds: Odds

    def mixed(self, task: str, chances: Mapping[str, float], share: float) -> Mapping[str, float]:
        """Probabilities by others and by this network, `share` of it in the log-odds; classes of both."""
        own = dict(zip(self.tasks[task], self.odds[task].tolist(), strict=True))
        return mixed(chances, tuple(chances), [own[name] for name in chances], share)


class Looking:
    """A network in memory."""

    def __init__(self, reader: CallReader) -> None:
        self._reader = reader
        self._cutter = Cutter(reader.vocabulary)
        self._encoder = encoder(reader)

    def looks(self, call: Layout, asked: Iterable[Words], reach: Reach) -> dict[Words, Look]:
        """What it makes of stretches of a call; of those without a word nothing."""
        pieces = self._cutter.pieces(call)
        firsts = np.cumsum([0, *(len(turn.words) for turn in call.turns)]).tolist()
        views = [
            ((turn, start, stop), view(pieces, firsts[turn] + start, firsts[turn] + stop, reach))
            for turn, start, stop in asked
            if start < stop
        ]
        views.sort(key=lambda one: len(one[1].ids))
        found: dict[Words, Look] = {}
        for some in _batches(views):
            states = np.array(
                self._encoder.forward_batch([one.ids.tolist() for _, one in some]).last_hidden_state
            )
            for (words, one), own in zip(some, states, strict=True):
                # Rounded, so that the last digits of one processor or another decide nothing.
                odds = np.round(
                    own[one.start : one.stop].mean(axis=0) @ self._reader.heads + self._reader.bias, 3
                )
                by_task = {task: odds[own] for task, own in columns(self._reader.tasks).items()}
                found[words] = Look(self._reader.tasks, by_task)
        return found


def _batches(views: Sequence[tuple[Words, View]]) -> Iterable[Sequence[tuple[Words, View]]]:
    """Views, shortest first, in batches of about as many pieces."""
    first = 0
    for place, (_, one) in enumerate(views):
        if place > first and (place + 1 - first) * len(one.ids) > _TOGETHER:
            yield views[first:place]
            first = place
    if first < len(views):
        yield views[first:]


def allowed(call: Layout, some: int, words: int) -> int:
    """How many looks a call gets, since they take time: some, and one for every so many words."""
    return some + sum(len(turn.words) for turn in call.turns) // words


@lru_cache(maxsize=2)
def looking(name: str = NAME) -> Looking:
    """A network that ships; raises ModelMissing."""
    return Looking(load(name=name))


forgotten(looking.cache_clear)
