"""Which questions of the rep are discovery: all marked and found ones, and written ones."""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.steps.rep_questions import fitted


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - a step's shape
    """Learns from the readers' marks of the rep's questions; the corpora hold none."""
    return fitted(
        "discovery",
        calls,
        lambda row: "yes" if row.attributes and row.attributes["discovery"] else "no",
        penalty=10.0,
        most=20_000,
    )
