"""Where the rep says what the call is for."""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.steps.framing_examples import fitted


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - a step's shape
    """Learns from the readers' marks; the corpora hold none."""
    return fitted("agenda", calls)
