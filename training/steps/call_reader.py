"""Fits `annotators/learned/call_reader.npz`: the network that reads whole calls, on all that readers mark."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import Cutter
from annotators.call_reader import CallReader
from annotators.document import layout
from training.call_network import Example, base, fit_call_reader
from training.datasets import LabelledCall, without_punctuation
from training.heard import heard
from training.word_labels import EVERYWHERE, TASKS, word_labels

_LAYERS, _ROUNDS = 3, 7
_FAIR = 0.6  # of the log of how rare a topic is: what it gains, or rare ones would never win


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> CallReader:  # noqa: ARG001 - as all steps
    """The network; `corpora` is not used. Raises ModelMissing without PyTorch or what it begins with."""
    start = base()
    cutter = Cutter(start.vocabulary)
    examples = [_example(cutter, call) for call in calls]
    facts = {
        "data": "training/data, as written and stripped; begun with all-MiniLM-L6-v2 (Apache-2.0)",
        "calls": len(examples),
        "words": sum(len(example.labels) for example in examples),
    }
    reader = fit_call_reader(start, TASKS, EVERYWHERE, examples, layers=_LAYERS, rounds=_ROUNDS, facts=facts)
    return favouring_rare(reader, "topic", np.concatenate([example.labels for example in examples]))


def favouring_rare(reader: CallReader, task: str, labels: NDArray[np.float32]) -> CallReader:
    """The network with its bias for a task's classes raised by how rare they are in labels by word."""
    names = list(reader.tasks)
    first = sum(len(reader.tasks[name]) for name in names[: names.index(task)])
    columns = slice(first, first + len(reader.tasks[task]))
    counts = labels[:, columns].sum(axis=0, dtype=np.float64) + 1.0
    bias = reader.bias.copy()
    bias[columns] -= _FAIR * np.log(counts / counts.sum())
    return replace(reader, bias=bias)


def _example(cutter: Cutter, call: LabelledCall) -> Example:
    styles = [
        cutter.pieces(layout(heard(transcript, ())))
        for transcript in (call.transcript, without_punctuation(call.transcript))
    ]
    return Example(styles, word_labels(call.transcript, call.readings))
