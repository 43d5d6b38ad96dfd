"""Fits `annotators/learned/questions.npz`: which utterances ask, and which go on with a question just begun.

Learns from our calls, as written and stripped. Meetings beside them cost these questions .004 F1 as written
and .013 stripped, calls of other writers left out: talk of which nobody knows the roles has a model of its
own (questions_of_any.py).
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.asking_models import NAME, THRESHOLD
from annotators.asking_reader import OTHER
from annotators.linear import LinearModel
from annotators.scoring import Counts
from training.datasets import LabelledCall
from training.fitting import fit
from training.steps.boundaries import Places
from training.steps.question_examples import of_call, of_patterns

_MOST = 40_000  # cues kept


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model, with its F1 on each writer when left out."""
    by_writer: dict[str, Places] = {}
    for call in calls:
        by_writer.setdefault(call.writer, Places()).extend(of_call(call))
    figures = {}
    for writer in sorted(by_writer) if len(by_writer) > 1 else ():
        others = [places for name, places in by_writer.items() if name != writer]
        figures[writer] = round(_f1(_fitted(others, {}), by_writer[writer]), 3)
    facts = {
        "data": "training/data",
        "examples": sum(len(places.labels) for places in by_writer.values()),
        "utterances that ask, F1 by left-out writer": figures,
    }
    return _fitted([*by_writer.values(), of_patterns()], facts)


def _fitted(parts: Sequence[Places], facts: dict[str, object]) -> LinearModel:
    every = Places()
    for part in parts:
        every.extend(part)
    return fit(
        NAME, every.cues, every.labels, strengths=every.strengths, penalty=5.0, most=_MOST, facts=facts
    )


def _f1(model: LinearModel, places: Places) -> float:
    """Of utterances that ask or go on asking against all others."""
    counts = Counts()
    for cues, label in zip(places.cues, places.labels, strict=True):
        found, there = 1 - model.probabilities(cues)[OTHER] >= THRESHOLD, label != OTHER
        counts += Counts(found and there, found and not there, there and not found)
    return counts.f1
