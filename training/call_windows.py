"""Windows of calls as the network of annotators/call_reader.py learns from them, other ones in each round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import CALL, HEAD, MASK, SPECIAL, WINDOW, Pieces, window_ids

_TOGETHER = 16  # windows a batch
_SHORTEST = 20  # pieces of a window that is worth reading
_LEFT_OUT = 0.06  # share of pieces that are hidden in a round
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A call as the network reads it, in each of its styles, with the shares of each class by word.

    `source` is one of SOURCES. Where `words` is not None, only these have labels.
    """

    styles: Sequence[Pieces]
    labels: Floats
    source: str = CALL
    words: range | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of a call in a style that are read at once: `stop` is after the last."""

    example: Example
    pieces: Pieces
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many pieces it has, less those before it."""
        return self.stop - self.start


def batches(examples: Sequence[Example], number: int, chance: np.random.Generator) -> Iterator[list[Window]]:
    """Windows of every call, cut elsewhere in each round; those of a batch are about as long."""
    found = [
        window
        for place, example in enumerate(examples)
        for window in _windows(example, example.styles[(number + place) % len(example.styles)], chance)
    ]
    found.sort(key=lambda window: window.size // 40 + 1.5 * chance.random())
    cut = [found[first : first + _TOGETHER] for first in range(0, len(found), _TOGETHER)]
    for place in chance.permutation(len(cut)).tolist():
        yield cut[place]


def _windows(example: Example, pieces: Pieces, chance: np.random.Generator) -> Iterator[Window]:
    size, count = WINDOW - HEAD, len(pieces.ids)
    if example.words is not None:
        there = np.flatnonzero((pieces.words >= example.words.start) & (pieces.words < example.words.stop))
        first, last = int(there[0]), int(there[-1]) + 1
        spare = max(0, size - (last - first))
        start = max(0, first - int(chance.integers(0, spare + 1)))
        yield Window(example, pieces, start, min(count, start + size))
        return
    for first in range(-int(chance.integers(0, size)), count, size):
        start, stop = max(0, first), min(count, first + size)
        if stop - start > _SHORTEST or count <= _SHORTEST:
            yield Window(example, pieces, start, stop)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a network is shown in a step: pieces by window, places among all of them, and labels.

    `labels` are by place, or, where `parts` has a row of them for each place, of places that belong together.
    """

    ids: NDArray[np.int64]
    places: NDArray[np.int64]
    labels: Floats
    parts: NDArray[np.int64] | None = None


def given(batch: Sequence[Window], chance: np.random.Generator) -> Lesson:
    """Windows with their words' labels; some pieces are hidden."""
    width = max(window.size for window in batch) + HEAD
    ids = np.zeros((len(batch), width), dtype=np.int64)
    places, labels = [], []
    for row, window in enumerate(batch):
        own = slice(window.start, window.stop)
        ids[row, : window.size + HEAD] = window_ids(
            window.pieces, window.start, window.stop, window.example.source
        )
        words = window.pieces.words[own]
        there = np.flatnonzero(words >= 0)
        places.append(row * width + HEAD + there)
        labels.append(window.example.labels[words[there]])
    hide(ids, chance)
    return Lesson(ids, np.concatenate(places), np.concatenate(labels))


def hide(ids: NDArray[np.int64], chance: np.random.Generator) -> None:
    """Hide a few pieces of text, so that what is said around them must do."""
    hidden = (chance.random(ids.shape) < _LEFT_OUT) & (ids >= SPECIAL)
    ids[hidden] = MASK
