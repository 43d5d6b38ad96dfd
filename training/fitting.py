"""Fit a linear model over cues with scikit-learn, and keep only what is worth keeping."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from annotators.linear import LinearModel
from annotators.scoring import Confusion

Item = TypeVar("Item")
Row = tuple[Collection[str], str, float]  # cues of an example, its class, how much it counts
_SET_ON = 372  # calls beside which it was set how much what was written for training counts


def beside(calls: int, strength: float) -> float:
    """How much a line that was written for training counts beside so many calls: no less of the whole."""
    return strength * max(1.0, calls / _SET_ON)


def left_out(writers: Iterable[str]) -> list[str]:
    """Writers to leave out one at a time, in order; none where there is only one."""
    several = sorted(set(writers))
    return several if len(several) > 1 else []


def by_writer(items: Iterable[Item], writer: Callable[[Item], str]) -> dict[str, list[Item]]:
    """Items by their writer, in order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(writer(item), []).append(item)
    return found


def everything(parts: Mapping[str, Sequence[Item]], but: str | None = None) -> list[Item]:
    """What all writers have, or all but one."""
    return [item for writer, own in parts.items() if writer != but for item in own]


def folds(parts: Mapping[str, Sequence[Item]]) -> Iterator[tuple[str, list[Item], Sequence[Item]]]:
    """Each writer, what all others have, and what this one has; nothing where there is only one writer."""
    for writer in left_out(parts):
        yield writer, everything(parts, but=writer), parts[writer]


def best(chances: Mapping[str, float]) -> str:
    """The likeliest class."""
    return max(chances, key=chances.__getitem__)


def judged(
    parts: Mapping[str, Sequence[Row]], fitted: Callable[[list[Row]], LinearModel]
) -> list[float] | None:
    """Accuracy and macro-F1, each writer's examples judged by a model of all others'; None for one writer."""
    confusion = Confusion()
    for _, others, own in folds(parts):
        model = fitted(others)
        for cues, label, _ in own:
            confusion.add(label, best(model.probabilities(cues)))
    return [round(confusion.accuracy, 3), round(confusion.macro_f1(), 3)] if confusion.total else None


def fit_rows(
    name: str,
    rows: Sequence[Row],
    *,
    penalty: float = 10.0,
    least: int = 3,
    most: int = 20_000,
    facts: Mapping[str, object] | None = None,
) -> LinearModel:
    """`fit` for examples in one row each."""
    return fit(
        name,
        [cues for cues, _, _ in rows],
        [label for _, label, _ in rows],
        strengths=[strength for _, _, strength in rows],
        penalty=penalty,
        least=least,
        most=most,
        facts=facts,
    )


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
    weights, bias, classes = _fitted(_table(kept, cues), labels, strengths, penalty)
    if len(kept) > most:
        order = np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:most]
        kept = sorted(kept[row] for row in order)
        weights, bias, classes = _fitted(_table(kept, cues), labels, strengths, penalty)
    rows = {cue: row for row, cue in enumerate(kept)}
    told = {key: value for key, value in (facts or {}).items() if value is not None and value != {}}
    return LinearModel(name, classes, rows, weights.astype(np.float16).astype(np.float32), bias, told)


def _table(kept: Sequence[str], cues: Sequence[Collection[str]]) -> csr_matrix:
    """A row an example: the cues that are there."""
    rows = {cue: row for row, cue in enumerate(kept)}
    indices: list[int] = []
    edges = [0]
    for example in cues:
        indices.extend(sorted({rows[cue] for cue in example if cue in rows}))
        edges.append(len(indices))
    return csr_matrix((np.ones(len(indices)), indices, edges), shape=(len(cues), len(kept)))


def _fitted(
    table: csr_matrix, labels: Sequence[str], strengths: Sequence[float] | None, penalty: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[str, ...]]:
    """Weights of the table's columns, the bias, and the classes."""
    model = LogisticRegression(C=1 / penalty, max_iter=300)
    model.fit(table, labels, sample_weight=strengths)
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        # One column for the second class; the first stays at nought.
        weights, bias = np.hstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
    return weights.astype(np.float32), bias.astype(np.float32), tuple(str(name) for name in model.classes_)
