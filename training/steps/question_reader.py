"""Fits `annotators/learned/question_reader.npz`: the network that reads questions while roles are unknown.

Calls are read with their roles taken away; meetings have none. All training meetings of MRDA and AMI
count: unlike the linear models, the network gains by every one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators.asking_reader import ASKS, NAME, OTHER, passages, read_as
from annotators.reader import Reader
from annotators.surroundings import FLAGS, Heard, Place, around
from training.corpus_figures import elicits, is_question
from training.datasets import Act, LabelledCall, ami, as_transcript, mrda, stripped
from training.reading import Readings, fit_reader
from training.steps.question_examples import heard, judged_calls, of_act

CLASSES = (ASKS, OTHER)
_ROUNDS = 3
_AMI_STRENGTH = 0.5  # what AMI calls eliciting is labelled less evenly


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> Reader:
    """The network; of the calls alone where there are no corpora."""
    readings = Readings()
    for call in calls:
        of_call(readings, call)
    if corpora is not None:
        of_corpora(readings, corpora)
    examples = sum(map(len, readings.examples))
    data = "training/data, MRDA and AMI (training meetings)" if corpora is not None else "training/data"
    return fit_reader(
        NAME, CLASSES, readings, flags=FLAGS, rounds=_ROUNDS, facts={"data": data, "examples": examples}
    )


def of_call(readings: Readings, call: LabelledCall) -> None:
    """A call as written and stripped, its roles taken away; a question goes on where one began."""
    for heard_so, judged in judged_calls(call):
        said = passages(replace(heard_so, rep=None))
        votes: dict[Place, list[list[str]]] = {}
        for (turn, place), names in judged.items():
            votes.setdefault(read_as(said, turn, place), []).append(names)
        labels = {}
        for read, together in votes.items():
            readers = [any(name != OTHER for name in names) for names in zip(*together, strict=True)]
            share = sum(readers) / len(readers)
            labels[read] = np.array([share, 1 - share])
        _add(readings, said, labels, 1.0)


def of_corpora(readings: Readings, corpora: Path) -> None:
    """All training meetings of MRDA and of AMI, as written and stripped."""
    for meetings, asks, strength in (
        (mrda(corpora), is_question, 1.0),
        (ami(corpora), elicits, _AMI_STRENGTH),
    ):
        for _, acts in sorted(meetings.items()):
            if acts[0].split == "train":
                _of_meeting(readings, acts, asks, strength)


def _of_meeting(
    readings: Readings, acts: Sequence[Act], asks: Callable[[Act], bool], strength: float
) -> None:
    asked = [asks(act) for act in acts]
    for change in (str, stripped):
        spoken = heard(as_transcript([(act.speaker, change(act.text)) for act in acts]))
        said = passages(spoken)
        labels = {
            read_as(said, turn, place): np.eye(2)[0 if asks else 1]
            for (turn, place), asks in of_act(spoken, asked)
        }
        _add(readings, said, labels, strength)


def _add(
    readings: Readings, said: Heard, labels: Mapping[Place, NDArray[np.float64]], strength: float
) -> None:
    examples = [around(said, turn, place) for turn, place in labels]
    readings.add(
        said.passages,
        [spans for spans, _ in examples],
        [flags for _, flags in examples],
        np.array(list(labels.values()), dtype=np.float32),
        np.full(len(labels), strength, dtype=np.float32),
    )
