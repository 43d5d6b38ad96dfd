"""How far scores can be told from what has nothing to do with selling: length, turns, words without order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from models.agreement import bootstrap, quadratic_kappa
from training.datasets import LabelledCall
from training.decisions import attainable_kappa, expanded, nearest
from training.ordinal import MonotoneOrdinal
from training.score_cells import Measured

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
LENGTH, TURNS, WORDS = "length", "number of turns", "words without order"
RIDGE, ORDINAL = "ridge", "ordinal"
PENALTY = 3.0
TOPICS = 50
ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Agreement of a model that sees one thing only with our readers' scores, leaving out a writer."""

    dimension: str
    sees: str
    model: str
    cases: int
    kappa: Measured


def shortcuts(calls: Sequence[LabelledCall], progress: Progress) -> list[Shortcut]:
    """Kappa of each shortcut and model on each dimension; both models are free to expand for kappa."""
    cases = _cases(calls)
    guesses = {
        (name, sees, model): np.zeros(len(one.values))
        for name, one in cases.items()
        for sees in (LENGTH, TURNS, WORDS)
        for model in (RIDGE, ORDINAL)
    }
    writers = np.array([call.writer for call in calls])
    left_out = sorted(set(writers.tolist()))
    for number, writer in enumerate(left_out):
        progress("shortcuts", number / len(left_out))
        views = _views(calls, writers != writer)
        for name, one in cases.items():
            rest = writers[one.calls] == writer
            known = one.calls[~rest]
            for sees, table in views.items() if rest.any() else ():
                given, unseen = one.values[~rest], table[one.calls[rest]]
                guesses[name, sees, RIDGE][rest] = _ridge(table[known], given, writers[known], unseen)
                ordinal = MonotoneOrdinal(pieces=1, penalty=PENALTY, for_kappa=True)
                ordinal.fit(table[known], given, groups=writers[known])
                guesses[name, sees, ORDINAL][rest] = ordinal.decide(unseen, "kappa")
    progress("shortcuts", 1.0)
    return [
        Shortcut(name, sees, model, len(found), _kappa(cases[name], found))
        for (name, sees, model), found in guesses.items()
    ]


@dataclass(frozen=True, slots=True)
class _Cases:
    """The scores of a dimension and the places of their calls."""

    calls: NDArray[np.int64]
    values: Floats


def _cases(calls: Sequence[LabelledCall]) -> dict[str, _Cases]:
    given: dict[str, list[tuple[int, int]]] = {}
    for place, call in enumerate(calls):
        for reading in call.readings:
            for dimension, value in reading.scores.items():
                if value is not None:
                    given.setdefault(dimension, []).append((place, value))
    return {
        name: _Cases(np.array([p for p, _ in rows]), np.array([v for _, v in rows], dtype=np.float64))
        for name, rows in given.items()
    }


def _kappa(cases: _Cases, found: Floats) -> Measured:
    low, high = bootstrap(quadratic_kappa, cases.values, found, cases.calls.tolist(), rounds=ROUNDS)
    return Measured(quadratic_kappa(cases.values, found), low, high)


def _views(calls: Sequence[LabelledCall], known: NDArray[np.bool_]) -> Mapping[str, Floats]:
    """What each shortcut sees of every call, shape (call, feature); words and scale of known ones only."""
    texts = [" ".join(turn.text for turn in call.transcript.turns) for call in calls]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    table = words.fit_transform([text for text, one in zip(texts, known, strict=True) if one])
    topics = TruncatedSVD(min(TOPICS, min(table.shape) - 1), random_state=0).fit(table)
    views = {
        LENGTH: _counts([sum(len(turn.words) for turn in call.transcript.turns) for call in calls]),
        TURNS: _counts([len(call.transcript.turns) for call in calls]),
        WORDS: topics.transform(words.transform(texts)),
    }
    return {
        sees: StandardScaler().fit(seen[known]).transform(seen).astype(np.float64)
        for sees, seen in views.items()
    }


def _ridge(known: Floats, given: Floats, writers: NDArray[np.str_], unseen: Floats) -> Floats:
    model = RidgeCV(np.logspace(-1, 5, 13))
    folds = GroupKFold(min(4, len(set(writers))))
    kappa = attainable_kappa(cross_val_predict(model, known, given, groups=writers, cv=folds), given)
    model.fit(known, given)
    values = np.unique(given)
    return values[nearest(expanded(model.predict(unseen), float(given.mean()), kappa), values)]


def _counts(numbers: Sequence[int]) -> Floats:
    """A number, its root and its logarithm: whatever way it might count."""
    values = np.array(numbers, dtype=np.float64)
    return np.column_stack([values, np.sqrt(values), np.log1p(values)])


def lines(found: Sequence[Shortcut]) -> Iterator[str]:
    """A table of the shortcuts."""
    yield f"{'dimension':12} {'sees':22} {'model':8} scores  kappa (95% interval)"
    for one in found:
        kappa = one.kappa
        yield (
            f"{one.dimension:12} {one.sees:22} {one.model:8} {one.cases:6}  {kappa.value:5.2f} "
            f"({kappa.low:5.2f} to {kappa.high:4.2f})"
        )
