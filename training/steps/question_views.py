"""Discovery questions as the network of annotators/second_look.py learns them, with what readers say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import Cutter
from annotators.second_look import View, Words, view
from models.call import Transcript
from training.call_windows import Lesson, hide
from training.datasets import LabelledCall, without_punctuation
from training.marks import TOPICS, Mark
from training.steps.rep_questions import judged
from training.word_labels import YES_NO

TASKS: Mapping[str, tuple[str, ...]] = {
    "topic": TOPICS,
    "probing": YES_NO,
    "impact": YES_NO,
    "form": ("open", "closed"),
}
_TOGETHER = 64  # questions a batch
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A question as it is read, with the shares of its readers for each class, all tasks side by side."""

    seen: View
    labels: Floats


def examples(cutter: Cutter, call: LabelledCall) -> tuple[Sequence[Example], ...]:
    """A call's discovery questions, as written and stripped: as readers mark them, and as they are found."""
    return tuple(
        tuple(_examples(cutter, call, spoken))
        for spoken in (call.transcript, without_punctuation(call.transcript))
    )


def _examples(cutter: Cutter, call: LabelledCall, spoken: Transcript) -> Iterator[Example]:
    heard, found = judged(call, spoken)
    pieces = cutter.pieces(heard.call)
    firsts = np.cumsum([0, *(len(turn.words) for turn in heard.call.turns)]).tolist()
    labels: dict[Words, Floats] = {}
    told: set[tuple[Words, int]] = set()
    for span, mark, share in found:
        words = span.turn, span.start, span.stop
        if mark is None or not mark.attributes["discovery"] or (words, id(mark)) in told:
            continue  # the last: found with just the words that are marked
        told.add((words, id(mark)))
        own = labels.setdefault(words, np.zeros(sum(map(len, TASKS.values())), np.float32))
        own += share * _said(mark)
    for (turn, start, stop), own in labels.items():
        yield Example(view(pieces, firsts[turn] + start, firsts[turn] + stop), own)


def _said(mark: Mark) -> Floats:
    """What a reader says who marks a question so."""
    said = {task: str(mark.attributes[task]) for task in ("topic", "form")}
    said |= {task: YES_NO[bool(mark.attributes[task])] for task in ("probing", "impact")}
    return np.array(
        [name == said[task] for task, classes in TASKS.items() for name in classes], dtype=np.float32
    )


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
