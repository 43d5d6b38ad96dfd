"""Fits `annotators/learned/objection_status.npz`: whether an objection was resolved, dropped or left open.

Learns from the readers' objections and responses in our training calls, as written and stripped.
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.responses import STATUS, status_views
from annotators.scoring import Confusion
from training.datasets import LabelledCall
from training.fitting import fit
from training.steps.objection_data import objecting, seen
from training.steps.responses import kinds_of, true_course

_Rows = list[tuple[set[str], str, float]]  # cues of an objection, its status, how much it counts


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of statuses; `corpora` is not used."""
    by_writer: dict[str, _Rows] = {}
    for view in seen(calls):
        rows = by_writer.setdefault(view.call.writer, [])
        for reading in view.call.readings:
            truth = objecting(reading)
            rows.extend(
                (cues, str(truth[turn].attributes["status"]), 1 / len(view.call.readings))
                for cues, turn in status_views(view.talk, kinds_of(reading), true_course(view, reading))
            )
    confusion = Confusion()
    for writer, rows in sorted(by_writer.items()) if len(by_writer) > 1 else ():
        model = _fitted([row for name in by_writer if name != writer for row in by_writer[name]], {})
        for cues, status, _ in rows:
            chances = model.probabilities(cues)
            confusion.add(status, max(chances, key=chances.__getitem__))
    every = [row for rows in by_writer.values() for row in rows]
    facts = {
        "data": "training/data, as written and stripped",
        "examples": len(every),
        "accuracy, macro-F1 with true responses, leaving writers out": [
            round(confusion.accuracy, 3),
            round(confusion.macro_f1(), 3),
        ]
        if confusion.total
        else None,
    }
    return _fitted(every, facts)


def _fitted(rows: _Rows, facts: dict[str, object]) -> LinearModel:
    return fit(
        STATUS,
        [cues for cues, _, _ in rows],
        [status for _, status, _ in rows],
        strengths=[strength for _, _, strength in rows],
        penalty=5.0,
        least=4,
        most=4_000,
        facts=facts,
    )
