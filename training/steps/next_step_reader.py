"""Fits `annotators/learned/next_step_reader.npz`: the network that reads units for next steps."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from annotators.next_step_reader import ALL_FLAGS, CLASSES, NAME, unit_examples
from annotators.reader import Reader
from training.datasets import LabelledCall
from training.exchanges import KIND
from training.reading import Readings, fit_reader
from training.steps.next_steps import DENSE, READ, Prepared, labelled_units, prepared

_ROUNDS = 6


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> Reader:  # noqa: ARG001 - as all steps
    """The network, of the units that the linear model learns from; `corpora` is not used."""
    readings = Readings()
    for row in prepared(calls):
        _add(readings, row)
    facts = {
        "data": "training/data, calls and exchanges, as written and stripped",
        "examples": sum(map(len, readings.examples)),
    }
    return fit_reader(NAME, CLASSES, readings, flags=ALL_FLAGS, rounds=_ROUNDS, facts=facts)


def _add(readings: Readings, row: Prepared) -> None:
    """The units of a call; readers who disagree count their shares."""
    keys = list(row.cues)
    heard, spans, flags = unit_examples(row.layout, row.said, row.turns, keys)
    marked = [labelled_units(row, reading.marks) for reading in row.call.readings]
    labels = np.zeros((len(keys), len(CLASSES)), dtype=np.float32)
    for number, key in enumerate(keys):
        share = sum(key in found for found in marked) / len(marked)
        labels[number] = (share, 1 - share)
    strength = DENSE / READ if row.call.kind == KIND else 1.0
    readings.add(heard.passages, spans, flags, labels, np.full(len(keys), strength, dtype=np.float32))
