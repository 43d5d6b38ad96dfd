"""Fit a linear model over cues with scikit-learn, and keep only what is worth keeping."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from annotators.linear import LinearModel


def left_out(writers: Iterable[str]) -> list[str]:
    """Writers to leave out one at a time, in order; none where there is only one."""
    several = sorted(set(writers))
    return several if len(several) > 1 else []


def fit(
    name: str,
    cues: Sequence[Collection[str]],
    labels: Sequence[str],
    *,
    strengths: Sequence[float] | None = None,
    penalty: float = 10.0,
    least: int = 3,
    most: int = 20_000,
    facts: Mapping[str, object] | None = None,
) -> LinearModel:
    """A multinomial (or, of two classes, binary) logistic model.

    Args:
        name: of the model.
        cues: of each example.
        labels: the class of each example.
        strengths: how much each example counts; 1 by default.
        penalty: of large weights (the reciprocal of scikit-learn's C).
        least: a cue in fewer examples is left out.
        most: cues kept, those with the largest weights; the model is then fitted again on these.
        facts: for the card; those without a value (None, empty) are left out.
    """
    seen = Counter(cue for example in cues for cue in set(example))
    kept = sorted(cue for cue, count in seen.items() if count >= least)
    weights, bias, classes = _fitted(kept, cues, labels, strengths, penalty)
    if len(kept) > most:
        order = np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:most]
        kept = sorted(kept[row] for row in order)
        weights, bias, classes = _fitted(kept, cues, labels, strengths, penalty)
    rows = {cue: row for row, cue in enumerate(kept)}
    told = {key: value for key, value in (facts or {}).items() if value is not None and value != {}}
    return LinearModel(name, classes, rows, weights.astype(np.float16).astype(np.float32), bias, told)


def _fitted(
    kept: Sequence[str],
    cues: Sequence[Collection[str]],
    labels: Sequence[str],
    strengths: Sequence[float] | None,
    penalty: float,
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    rows = {cue: row for row, cue in enumerate(kept)}
    indices: list[int] = []
    edges = [0]
    for example in cues:
        indices.extend(sorted({rows[cue] for cue in example if cue in rows}))
        edges.append(len(indices))
    table = csr_matrix((np.ones(len(indices)), indices, edges), shape=(len(cues), len(kept)))
    model = LogisticRegression(C=1 / penalty, max_iter=300)
    model.fit(table, labels, sample_weight=strengths)
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        # One column for the second class; the first stays at nought.
        weights, bias = np.hstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
    return weights.astype(np.float32), bias.astype(np.float32), tuple(str(name) for name in model.classes_)
