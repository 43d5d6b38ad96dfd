"""Fits `annotators/learned/talk_reader.npz`: the network that reads the clauses of the rep."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from annotators.reader import Reader
from annotators.talk_reader import ALL_FLAGS, CLASSES, NAME, clause_examples
from training.datasets import LabelledCall
from training.reading import Readings, fit_reader
from training.steps.talk_data import Turn, kind, turns_of, written

_ROUNDS = 8


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> Reader:  # noqa: ARG001 - as all steps
    """The network, of the clauses that the linear model learns from; `corpora` is not used."""
    return fitted([*turns_of(calls), *written()])


def fitted(turns: Sequence[Turn]) -> Reader:
    """The network of these turns; readers who disagree count half each."""
    readings = Readings()
    for _, talk in groupby(turns, key=lambda turn: id(turn.heard)):
        _add(readings, list(talk))
    facts = {
        "data": "training/data and talk_examples.toml, as written and stripped",
        "examples": sum(map(len, readings.examples)),
    }
    return fit_reader(NAME, CLASSES, readings, flags=ALL_FLAGS, rounds=_ROUNDS, facts=facts)


def _add(readings: Readings, turns: Sequence[Turn]) -> None:
    call = turns[0].heard
    examples = [one for turn in turns for one in clause_examples(call, turn.number, turn.clauses)]
    labels = [
        [
            sum(kind(reading[place]) == name for reading in turn.readings) / len(turn.readings)
            for name in CLASSES
        ]
        for turn in turns
        for place in range(len(turn.clauses))
    ]
    readings.add(
        call.passages,
        [spans for spans, _ in examples],
        [flags for _, flags in examples],
        np.array(labels, dtype=np.float32),
        np.ones(len(labels), dtype=np.float32),
    )
