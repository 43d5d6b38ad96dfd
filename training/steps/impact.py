"""Whether a discovery question asks what a problem costs, risks or changes."""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.steps.rep_questions import fitted, yes_if


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - a step's shape
    """Learns from the readers' marks of the rep's questions; the corpora hold none."""
    return fitted("impact", calls, yes_if("impact"), penalty=3.0, most=20_000)
