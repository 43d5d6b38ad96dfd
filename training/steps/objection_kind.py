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
from annotators.scoring import Confusion
from training.datasets import LabelledCall
from training.fitting import fit
from training.steps.objection_data import marks, seen, written

_WRITTEN = "written for training"  # takes up how lines without a call around them differ
_Rows = list[tuple[set[str], str, float]]  # cues, kind, how much it counts


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of kinds; `corpora` is not used."""
    by_writer: dict[str, _Rows] = {}
    for view in seen(calls):
        share = 1 / len(view.call.readings)
        by_writer.setdefault(view.call.writer, []).extend(
            (kind_cues(view.talk, mark.turn), str(mark.attributes["kind"]), share)
            for reading in view.call.readings
            for mark in marks(reading, "objection")
        )
    extra: _Rows = [
        (own_cues(talk.said(number), talk.doubts(number)) | {_WRITTEN}, kind, 1.0)
        for kind, talk, number in written("objections", "buyer")
        if kind != "none"
    ]
    confusion = Confusion()
    for writer, rows in sorted(by_writer.items()):
        if len(by_writer) > 1:
            model = _fitted([*_others(by_writer, writer), *extra], {})
            for cues, kind, _ in rows:
                chances = model.probabilities(cues)
                confusion.add(kind, max(chances, key=chances.__getitem__))
    every = [*_others(by_writer, ""), *extra]
    facts = {
        "data": "training/data, as written and stripped; lines written for training",
        "examples": len(every),
        "accuracy, macro-F1, leaving writers out": [
            round(confusion.accuracy, 3),
            round(confusion.macro_f1(), 3),
        ]
        if confusion.total
        else None,
    }
    return _fitted(every, facts)


def _others(by_writer: dict[str, _Rows], writer: str) -> _Rows:
    return [row for name, rows in by_writer.items() if name != writer for row in rows]


def _fitted(rows: _Rows, facts: dict[str, object]) -> LinearModel:
    weights: defaultdict[str, float] = defaultdict(float)
    for _, kind, strength in rows:
        weights[kind] += strength
    return fit(
        KINDS,
        [cues for cues, _, _ in rows],
        [kind for _, kind, _ in rows],
        # Rare kinds count for more, by the square root of how rare.
        strengths=[strength * (100 / weights[kind]) ** 0.5 for _, kind, strength in rows],
        penalty=5.0,
        least=3,
        most=6_000,
        facts=facts,
    )
