"""Fits `annotators/learned/question_reader.npz`: the network that reads questions while roles are unknown.

Calls are read twice, with their roles and without; meetings have none. All training meetings of MRDA and AMI
count: unlike the linear models, the network gains by every one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators.asking import Said
from annotators.asking_reader import ASKS, GOES_ON, NAME, OTHER, passages
from annotators.reader import Reader
from annotators.surroundings import FLAGS, Place, around
from training.corpus_figures import elicits, is_question
from training.datasets import Act, LabelledCall, ami, as_transcript, mrda, stripped
from training.reading import Readings, fit_reader
from training.steps.question_examples import heard, judged_calls, of_act

CLASSES = (ASKS, GOES_ON, OTHER)
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
    """A call as written and stripped, with its roles and without: so each of the two counts for half."""
    for spoken, judged in judged_calls(call):
        for variant in (spoken, replace(spoken, rep=None)):
            labels = {
                (turn, place): np.array([votes.count(name) / len(votes) for name in CLASSES])
                for (turn, place), votes in judged.items()
            }
            _add(readings, variant, labels, 0.5)


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
        labels = {place: np.eye(3)[0 if yes else 2] for place, yes in of_act(spoken, asked)}
        _add(readings, spoken, labels, strength)


def _add(
    readings: Readings, call: Said, labels: Mapping[Place, NDArray[np.float64]], strength: float
) -> None:
    said = passages(call)
    examples = [around(said, turn, place) for turn, place in labels]
    readings.add(
        said.passages,
        [spans for spans, _ in examples],
        [flags for _, flags in examples],
        np.array(list(labels.values()), dtype=np.float32),
        np.full(len(labels), strength, dtype=np.float32),
    )
