"""Fits `annotators/learned/commitment_reader.npz`: the network that reads commitments in meetings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from annotators.document import layout
from annotators.reader import Reader
from annotators.step_cues import places
from annotators.step_reader import CLASSES, NAME, unit_examples
from annotators.surroundings import FLAGS
from annotators.utterances import by_turn
from training.datasets import Act, LabelledCall, UnreadableData, ami, as_transcript, mrda, stripped
from training.heard import heard
from training.reading import Readings, fit_reader

_ROUNDS = 3


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> Reader:  # noqa: ARG001 - every step's
    """The network of training meetings, MRDA's cc and AMI's offers; raises UnreadableData without them."""
    if corpora is None:
        raise UnreadableData("the network of commitments learns from MRDA and AMI; name them with --corpora")
    readings = Readings()
    for meetings, label in ((mrda(corpora), "cc"), (ami(corpora), "off")):
        for _, acts in sorted(meetings.items()):
            if acts[0].split == "train":
                _of_meeting(readings, acts, label)
    facts = {
        "data": "MRDA (cc) and AMI (off), training meetings, as written and stripped",
        "examples": sum(map(len, readings.examples)),
    }
    return fit_reader(NAME, CLASSES, readings, flags=FLAGS, rounds=_ROUNDS, facts=facts)


def _of_meeting(readings: Readings, acts: Sequence[Act], label: str) -> None:
    committed = [label in act.labels for act in acts]
    for change in (str, stripped):
        doc = heard(as_transcript([(act.speaker, change(act.text)) for act in acts]))
        said = by_turn(doc)
        turns = [places(turn) for turn in said]
        keys = [
            (turn, index)
            for turn, row in enumerate(turns)
            for index, place in enumerate(row)
            if place.unit.may_plan
        ]
        heard_there, examples = unit_examples(layout(doc), said, turns, keys)
        yes = np.array([committed[turn] for turn, _ in keys], dtype=np.float32)
        readings.add(
            heard_there.passages,
            [spans for spans, _ in examples],
            [flags for _, flags in examples],
            np.stack([yes, 1 - yes], axis=1),
            np.ones(len(keys), dtype=np.float32),
        )
