"""What a deeper network makes of discovery questions: what each is about, and how it builds on the buyer.

What reads the whole call has two layers, since time goes by layers and by words. What a question is about
takes more; but an hour has some fifty of them. So four layers of the same public encoder, taught on marked
questions (training/steps/second_look.py), read each once more with a little of what is said around it.
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

NAME = "second_look"
BEFORE, AFTER = 24, 16  # pieces that are read of what is said around a question
LONGEST = 40  # pieces of a question, its last ones
_HEAD = (CLASS, 80)  # pieces before each
_BEGINS, _ENDS = 3, 4  # pieces around the question
_TOGETHER = 512  # pieces a batch: more are no faster
Words = tuple[int, int, int]  # turn, and a half-open range of its words
Odds = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class View:
    """Pieces that are read at once, and the half-open range of them that is the question."""

    ids: NDArray[np.int64]
    start: int
    stop: int


def view(pieces: Pieces, start: int, stop: int) -> View:
    """What is read of a call about the question of a half-open range of its words."""
    first, last = pieces.stretch(start, stop)
    first = max(first, last - LONGEST)
    before = pieces.ids[max(0, first - BEFORE) : first]
    ids = np.concatenate(
        [_HEAD, before, [_BEGINS], pieces.ids[first:last], [_ENDS], pieces.ids[last : last + AFTER]]
    )
    begin = len(_HEAD) + len(before) + 1
    return View(ids, begin, begin + last - first)


@dataclass(frozen=True, slots=True)
class Look:
    """What is made of a question: log-odds of the classes of each task, in the order of `tasks`."""

    tasks: Mapping[str, Sequence[str]]
    odds: Odds

    def mixed(self, task: str, chances: Mapping[str, float], share: float) -> Mapping[str, float]:
        """Probabilities by others and by this network, `share` of it in the log-odds; classes of both."""
        own = dict(zip(self.tasks[task], self.odds[task].tolist(), strict=True))
        return mixed(chances, tuple(chances), [own[name] for name in chances], share)


class Looking:
    """The network in memory."""

    def __init__(self, reader: CallReader) -> None:
        self._reader = reader
        self._cutter = Cutter(reader.vocabulary)
        self._encoder = encoder(reader)

    def looks(self, call: Layout, asked: Iterable[Words]) -> dict[Words, Look]:
        """What it makes of questions of a call."""
        pieces = self._cutter.pieces(call)
        firsts = np.cumsum([0, *(len(turn.words) for turn in call.turns)]).tolist()
        views = [
            ((turn, start, stop), view(pieces, firsts[turn] + start, firsts[turn] + stop))
            for turn, start, stop in asked
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


@lru_cache(maxsize=1)
def looking() -> Looking:
    """The network that ships; raises ModelMissing."""
    return Looking(load(name=NAME))


forgotten(looking.cache_clear)
