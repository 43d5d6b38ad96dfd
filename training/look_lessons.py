"""What the networks of annotators/second_look.py are shown: stretches of calls, with what readers say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.second_look import View
from training.call_windows import Lesson, hide

_TOGETHER = 64  # stretches a batch
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A stretch as it is read, with the shares of its readers for each class, all tasks side by side."""

    seen: View
    labels: Floats


def lessons(
    calls: Sequence[tuple[Sequence[Example], ...]], rounds: int, chance: np.random.Generator
) -> tuple[int, Iterator[Lesson]]:
    """How many steps there are, and what is shown in each; a round has every call in one of its styles."""
    every: list[Sequence[Example]] = []
    for number in range(rounds):
        shown = [one for place, styles in enumerate(calls) for one in styles[(number + place) % len(styles)]]
        shown.sort(key=lambda one: len(one.seen.ids) // 8 + 2 * chance.random())
        cut = [shown[first : first + _TOGETHER] for first in range(0, len(shown), _TOGETHER)]
        every += [cut[place] for place in chance.permutation(len(cut)).tolist()]
    return len(every), (_lesson(batch, chance) for batch in every)


def _lesson(batch: Sequence[Example], chance: np.random.Generator) -> Lesson:
    width = max(len(one.seen.ids) for one in batch)
    ids = np.zeros((len(batch), width), dtype=np.int64)
    places, parts = [], []
    for row, one in enumerate(batch):
        ids[row, : len(one.seen.ids)] = one.seen.ids
        own = np.arange(one.seen.start, one.seen.stop)
        places.append(row * width + own)
        parts.append(np.full(len(own), row))
    hide(ids, chance)
    labels = np.stack([one.labels for one in batch])
    return Lesson(ids, np.concatenate(places), labels, np.concatenate(parts))
