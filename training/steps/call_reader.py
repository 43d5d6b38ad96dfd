"""Fits `annotators/learned/call_reader.npz`: the network that reads whole calls, on all that readers mark."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators import pipeline
from annotators.call_pieces import CALL, EXCHANGE, SCENE, Cutter
from annotators.call_reader import CallReader, columns
from annotators.document import build_doc, layout
from training.call_network import begun, fit_call_reader
from training.call_windows import Example
from training.datasets import LabelledCall, without_punctuation
from training.exchanges import KIND
from training.word_labels import EVERYWHERE, TASKS, word_labels

_LAYERS, _ROUNDS = 2, 9
_FAIR = 0.6  # of the log of how rare a topic is: what it gains, or rare ones would never win
# What is marked in an exchange, and what counts in a scene: the rest is marked too thinly there.
_OF_AN_EXCHANGE = ("step", "step_begins", "owner", "vague")
_OF_A_SCENE = (
    *("objection", "response", "status", "question", "question_begins"),
    *("topic", "probing", "impact", "form", "step", "step_begins", "owner", "vague"),
)
_DENSE = 0.3  # how much an exchange counts: steps are more frequent there than in a call


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> CallReader:  # noqa: ARG001 - as all steps
    """The network; `corpora` is not used, `calls` may hold scenes and exchanges.

    Raises ModelMissing without PyTorch or what it begins with.
    """
    start, cutter = begun(calls)
    examples = [_example(cutter, call) for call in calls]
    own = [example for example in examples if example.source == CALL]
    facts = {
        "data": "training/data, as written and stripped; begun with all-MiniLM-L6-v2 (Apache-2.0)",
        "calls": len(own),
        "scenes and exchanges": len(examples) - len(own),
        "words": sum(len(example.labels) for example in own),
    }
    reader = fit_call_reader(start, TASKS, EVERYWHERE, examples, layers=_LAYERS, rounds=_ROUNDS, facts=facts)
    return favouring_rare(reader, "topic", np.concatenate([example.labels for example in own]))


def favouring_rare(reader: CallReader, task: str, labels: NDArray[np.float32]) -> CallReader:
    """The network with its bias for a task's classes raised by how rare they are in labels by word."""
    own = columns(reader.tasks)[task]
    counts = labels[:, own].sum(axis=0, dtype=np.float64) + 1.0
    bias = reader.bias.copy()
    bias[own] -= _FAIR * np.log(counts / counts.sum())
    return replace(reader, bias=bias)


def _example(cutter: Cutter, call: LabelledCall) -> Example:
    styles = [
        cutter.pieces(layout(build_doc(pipeline(), transcript)))
        for transcript in (call.transcript, without_punctuation(call.transcript))
    ]
    labels = word_labels(call.transcript, call.readings)
    if call.kind == SCENE:
        return Example(styles, _only(labels, _OF_A_SCENE, 1.0), SCENE)
    if call.kind != KIND or call.read is None:
        return Example(styles, labels)
    ends = np.cumsum([0, *(len(turn.words) for turn in call.transcript.turns)])
    words = range(int(ends[call.read.start]), int(ends[call.read.stop]))
    own = _only(labels, _OF_AN_EXCHANGE, _DENSE)
    own[: words.start] = own[words.stop :] = 0.0
    return Example(styles, own, EXCHANGE, words)


def _only(labels: NDArray[np.float32], tasks: Iterable[str], weight: float) -> NDArray[np.float32]:
    """Labels of some tasks alone, so much of them."""
    weights = np.zeros(labels.shape[1], dtype=np.float32)
    for task in tasks:
        weights[columns(TASKS)[task]] = weight
    return labels * weights
