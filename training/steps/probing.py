"""Whether a discovery question builds on what the buyer just said."""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.steps.rep_questions import fitted, yes_if


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - a step's shape
    """Learns from the readers' marks of the rep's questions; the corpora hold none."""
    return fitted("probing", calls, yes_if("probing"), penalty=10.0, most=20_000)
