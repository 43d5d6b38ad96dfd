"""Fits `annotators/learned/objection_kind.npz`: of which kind an objection is.

Learns from the readers' objections in our training calls, as written and stripped, and from objections
written for the purpose (objection_examples.toml): some kinds are too rare in the calls.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.objection_cues import kind_cues, own_cues
from annotators.objections import KINDS
from training.datasets import LabelledCall
from training.fitting import Row, everything, fit_rows, judged
from training.steps.objection_data import marks, seen, written

_WRITTEN = "written for training"  # takes up how lines without a call around them differ


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of kinds; `corpora` is not used."""
    rows: dict[str, list[Row]] = {}
    for view in seen(calls):
        share = 1 / len(view.call.readings)
        rows.setdefault(view.call.writer, []).extend(
            (kind_cues(view.talk, mark.turn), str(mark.attributes["kind"]), share)
            for reading in view.call.readings
            for mark in marks(reading, "objection")
        )
    extra: list[Row] = [
        (own_cues(talk.said(number), talk.doubts(number)) | {_WRITTEN}, kind, 1.0)
        for kind, talk, number in written("objections", "buyer")
        if kind != "none"
    ]
    every = [*everything(rows), *extra]
    facts = {
        "data": "training/data, as written and stripped; lines written for training",
        "examples": len(every),
        "accuracy, macro-F1, leaving writers out": judged(
            rows, lambda others: _fitted([*others, *extra], {})
        ),
    }
    return _fitted(every, facts)


def _fitted(rows: Sequence[Row], facts: dict[str, object]) -> LinearModel:
    weights: defaultdict[str, float] = defaultdict(float)
    for _, kind, strength in rows:
        weights[kind] += strength
    # Rare kinds count for more, by the square root of how rare.
    fair = [(cues, kind, strength * (100 / weights[kind]) ** 0.5) for cues, kind, strength in rows]
    return fit_rows(KINDS, fair, penalty=5.0, least=3, most=6_000, facts=facts)
