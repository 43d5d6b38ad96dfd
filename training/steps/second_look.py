"""Fits `annotators/learned/second_look.npz`: the deeper network that reads discovery questions one by one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotators.call_reader import CallReader
from annotators.second_look import NAME
from training.call_network import begun, taught
from training.datasets import LabelledCall
from training.look_lessons import lessons
from training.steps.question_views import TASKS, examples

_LAYERS, _ROUNDS, _RATE = 4, 6, 1.5e-4
_WEIGHTS = {"topic": 1.0}  # how much a task counts; others half


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> CallReader:  # noqa: ARG001 - as all steps
    """The network; `corpora` is not used, `calls` may hold scenes.

    Raises ModelMissing without PyTorch or what it begins with.
    """
    start, cutter = begun(calls)
    asked = [examples(cutter, call) for call in calls]
    count, shown = lessons(asked, _ROUNDS, np.random.default_rng(0))
    facts = {
        "data": "training/data, as written and stripped; begun with all-MiniLM-L6-v2 (Apache-2.0)",
        "calls and scenes": len(calls),
        "questions": sum(len(styles[0]) for styles in asked),
    }
    return taught(NAME, start, TASKS, shown, count=count, loss=_loss, layers=_LAYERS, rate=_RATE, facts=facts)


def _loss(task: str, wrong: Any, own: Any) -> Any:
    """By question that is asked about; `wrong` is the sum of its cross-entropies."""
    return _WEIGHTS.get(task, 0.5) * wrong / own.sum()
