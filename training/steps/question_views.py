"""Discovery questions as the network of annotators/second_look.py learns them, with what readers say."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from annotators.call_pieces import Cutter
from annotators.second_look import QUESTION, Words, view
from models.call import Transcript
from training.datasets import LabelledCall, without_punctuation
from training.look_lessons import Example, Floats
from training.marks import TOPICS, Mark
from training.steps.rep_questions import judged
from training.word_labels import YES_NO

TASKS: Mapping[str, tuple[str, ...]] = {
    "topic": TOPICS,
    "probing": YES_NO,
    "impact": YES_NO,
    "form": ("open", "closed"),
}


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
        yield Example(view(pieces, firsts[turn] + start, firsts[turn] + stop, QUESTION), own)


def _said(mark: Mark) -> Floats:
    """What a reader says who marks a question so."""
    said = {task: str(mark.attributes[task]) for task in ("topic", "form")}
    said |= {task: YES_NO[bool(mark.attributes[task])] for task in ("probing", "impact")}
    return np.array(
        [name == said[task] for task, classes in TASKS.items() for name in classes], dtype=np.float32
    )
