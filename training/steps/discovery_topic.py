"""What a discovery question is about."""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.steps.rep_questions import fitted


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - a step's shape
    """Learns from the readers' marks of the rep's questions; the corpora hold none."""
    return fitted(
        "discovery_topic",
        calls,
        lambda row: str(row.attributes["topic"]) if row.attributes and row.attributes["discovery"] else None,
        penalty=3.0,
        most=20_000,
    )
