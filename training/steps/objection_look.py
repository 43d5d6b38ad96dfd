"""Fits `annotators/learned/objection_look.npz`: the deeper network for objections and the answers to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotators.call_reader import CallReader
from annotators.second_look import OBJECTIONS
from training.call_network import begun, taught
from training.datasets import LabelledCall
from training.look_lessons import lessons
from training.steps.objection_data import seen
from training.steps.objection_views import TASKS, examples

_LAYERS, _ROUNDS, _RATE = 4, 3, 2e-4
_WEIGHTS = {"objection": 1.0, "move": 1.0}  # how much a task counts; others half
_FEWEST = 16  # examples of a batch by which its loss is divided, if it has fewer with a label


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> CallReader:  # noqa: ARG001 - as all steps
    """The network; `corpora` is not used.

    Raises ModelMissing without PyTorch or what it begins with.
    """
    start, cutter = begun(calls)
    chance = np.random.default_rng(0)
    views = [examples(cutter, view, chance) for view in seen(calls)]
    styles = list(zip(views[::2], views[1::2], strict=True))  # as written, stripped
    count, shown = lessons(styles, _ROUNDS, chance)
    facts = {
        "data": "training/data, as written and stripped; begun with all-MiniLM-L6-v2 (Apache-2.0)",
        "calls": len(calls),
        "turns and answers": sum(map(len, views)),
    }
    return taught(
        OBJECTIONS, start, TASKS, shown, count=count, loss=_loss, layers=_LAYERS, rate=_RATE, facts=facts
    )


def _loss(task: str, wrong: Any, own: Any) -> Any:
    """By example that is asked about; `wrong` is the sum of its cross-entropies."""
    return _WEIGHTS.get(task, 0.5) * wrong / own.sum().clip(min=_FEWEST)
