"""Fits `annotators/learned/objection_status.npz`: whether an objection was resolved, dropped or left open.

Learns from the readers' objections and responses in our training calls, as written and stripped.
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.responses import STATUS, status_views
from training.datasets import LabelledCall
from training.fitting import Row, everything, fit_rows, judged
from training.steps.objection_data import objecting, seen
from training.steps.responses import kinds_of, true_course


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of statuses; `corpora` is not used."""
    rows: dict[str, list[Row]] = {}
    for view in seen(calls):
        own = rows.setdefault(view.call.writer, [])
        for reading in view.call.readings:
            truth = objecting(reading)
            own.extend(
                (cues, str(truth[turn].attributes["status"]), 1 / len(view.call.readings))
                for cues, turn in status_views(view.talk, kinds_of(reading), true_course(view, reading))
            )
    every = everything(rows)
    facts = {
        "data": "training/data, as written and stripped",
        "examples": len(every),
        "accuracy, macro-F1 with true responses, leaving writers out": judged(
            rows, lambda others: _fitted(others, {})
        ),
    }
    return _fitted(every, facts)


def _fitted(rows: Sequence[Row], facts: dict[str, object]) -> LinearModel:
    return fit_rows(STATUS, rows, penalty=10.0, least=4, most=4_000, facts=facts)
