"""Fits `annotators/learned/objections.npz`: whether a turn of the buyer is an objection.

Learns from every turn of the buyer in our training calls, as written and stripped, as each reader saw it.
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.objection_cues import turn_cues
from annotators.objections import DETECTOR, IS, IS_NOT, LIKELY, candidates
from annotators.scoring import Counts
from training.datasets import LabelledCall
from training.fitting import everything, fit, folds
from training.steps.objection_data import objecting, seen

_Rows = list[tuple[set[str], list[bool]]]  # cues of a turn, and what each reader said


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The detector; `corpora` is not used."""
    rows: dict[str, _Rows] = {}
    for view in seen(calls):
        judged = [objecting(reading) for reading in view.call.readings]
        rows.setdefault(view.call.writer, []).extend(
            (turn_cues(view.talk, number), [number in turns for turns in judged])
            for number in candidates(view.talk)
        )
    figures = {writer: round(_f1(_fitted(others, {}), own), 3) for writer, others, own in folds(rows)}
    every = everything(rows)
    facts = {
        "data": "training/data, as written and stripped",
        "examples": len(every),
        "turn F1 by left-out writer": figures,
    }
    return _fitted(every, facts)


def _fitted(rows: _Rows, facts: dict[str, object]) -> LinearModel:
    cues, labels, strengths = [], [], []
    for found, judged in rows:
        for answer in sorted(set(judged)):
            cues.append(found)
            labels.append(IS if answer else IS_NOT)
            strengths.append(judged.count(answer) / len(judged))
    return fit(DETECTOR, cues, labels, strengths=strengths, penalty=10.0, least=6, most=12_000, facts=facts)


def _f1(model: LinearModel, rows: Sequence[tuple[set[str], list[bool]]]) -> float:
    hits = false = missed = 0
    for cues, judged in rows:
        found = model.probabilities(cues)[IS] >= LIKELY
        for answer in judged:
            hits += found and answer
            false += found and not answer
            missed += answer and not found
    return Counts(hits, false, missed).f1
