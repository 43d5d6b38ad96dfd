"""The ordinal model against ridge-and-round and multinomial logistic regression: same features, same folds.

For ratings of anything: texts (in one column or several) or a table of features. Every model chooses its own
penalty by inner cross-validation, sees the same features, made without the cases it is measured on, and is
measured on the same folds, groups kept together.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.preprocessing import StandardScaler

from models.agreement import quadratic_kappa
from training.datasets import UnreadableData
from training.decisions import nearest
from training.ordinal import MonotoneOrdinal

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
OURS = "ordinal"
OURS_FOR_KAPPA = "ordinal, for kappa"
RIDGE = "ridge and round"
LOGISTIC = "multinomial logistic"
FOLDS = 5
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
TOPICS = 50  # dimensions that a column's words are reduced to
ROUNDS = 2000
FEWEST = 50  # cases from which five folds say anything


@dataclass(frozen=True, slots=True)
class Rated:
    """Cases with a rating each: texts (one or more columns), or numbers, shape (case, feature).

    `groups` are kept together in folds and in the bootstrap: the same essay prompt, teacher, call.
    """

    ratings: Floats
    groups: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...] = ()
    table: Floats | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One model on all cases, each predicted by a model that never saw its group."""

    model: str
    kappa: float
    error: float
    exact: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What one of our two decisions has over a rival; intervals are 95%, by bootstrap over groups.

    `kappa` is our quadratic weighted kappa less theirs, `error` their mean squared error less ours: above
    nought is better, in both.
    """

    model: str
    rival: str
    kappa: float
    kappa_interval: tuple[float, float]
    error: float
    error_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` found."""

    results: tuple[Result, ...]
    gains: tuple[Gain, ...]


def compare(rated: Rated, progress: Progress, seed: int = 0) -> Comparison:
    """Every model's figures; raises UnreadableData where there is too little to compare on."""
    classes = np.unique(rated.ratings)
    if len(rated.ratings) < FEWEST or len(classes) < 2 or len(set(rated.groups)) < FOLDS:
        raise UnreadableData(
            f"{len(rated.ratings)} cases of {len(classes)} ratings in {len(set(rated.groups))} groups are "
            f"too few to compare on; give at least {FEWEST} cases, two ratings and {FOLDS} groups"
        )
    found = out_of_fold(rated, progress, seed)
    truth, draws = rated.ratings, _draws(rated.groups, seed)
    results = tuple(
        Result(
            name,
            quadratic_kappa(truth, one),
            float(np.mean((truth - one) ** 2)),
            float(np.mean(truth == one)),
        )
        for name, one in found.items()
    )
    gains = tuple(
        _gain(ours, rival, truth, found, draws)
        for ours in (OURS, OURS_FOR_KAPPA)
        for rival in (RIDGE, LOGISTIC)
    )
    return Comparison(results, gains)


def out_of_fold(rated: Rated, progress: Progress, seed: int = 0) -> dict[str, Floats]:
    """Predictions of each model for each case, by a model fitted without the case's group."""
    groups, truth = np.array(rated.groups), rated.ratings
    found: dict[str, Floats] = {}
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (train, rest) in enumerate(splitter.split(truth, truth, groups)):
        progress("fold", number / FOLDS)
        known, unseen = _features(rated, train, rest)
        for name, predicted in _predictions(known, truth[train], groups[train], unseen):
            found.setdefault(name, np.zeros(len(truth)))[rest] = predicted
    progress("fold", 1.0)
    return found


def _predictions(
    known: Floats, given: Floats, groups: NDArray[np.str_], unseen: Floats
) -> Iterator[tuple[str, Floats]]:
    classes = np.unique(given)
    ordinal = MonotoneOrdinal(pieces=1, penalty=PENALTIES).fit(known, given, groups=groups)
    for name, decision in ((OURS, "mean"), (OURS_FOR_KAPPA, "kappa")):
        predicted = ordinal.decide(unseen, decision)
        yield name, np.asarray(predicted, dtype=np.float64)
    ridge = RidgeCV(np.logspace(-1, 4, 11)).fit(known, given)
    yield RIDGE, classes[nearest(ridge.predict(unseen), classes)]
    # Labels as text: scikit-learn takes fractions for measurements, not for classes.
    names = np.array([repr(float(value)) for value in given])
    logistic = GridSearchCV(
        LogisticRegression(max_iter=500),
        {"C": np.logspace(-4, 1, 6)},
        scoring="neg_log_loss" if _in_every_fold(names, groups) else "accuracy",
        cv=GroupKFold(4),
    ).fit(known, names, groups=groups)
    yield LOGISTIC, np.array([float(name) for name in logistic.predict(unseen)])


def _in_every_fold(names: NDArray[np.str_], groups: NDArray[np.str_]) -> bool:
    """Whether every inner fold has every class, without which log loss isn't defined."""
    splits = GroupKFold(4).split(names, names, groups)
    every = len(np.unique(names))
    return all(len(np.unique(names[part])) == every for split in splits for part in split)


def _features(rated: Rated, train: NDArray[np.int64], rest: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Standardised features of known and unseen cases; all that is fitted is fitted to the known ones."""
    if rated.table is not None:
        known, unseen = [rated.table[train]], [rated.table[rest]]
    else:
        counts = text_counts(rated.texts)
        known, unseen = [counts[train]], [counts[rest]]
        for column in zip(*rated.texts, strict=True):
            words, topics = _topics([column[n] for n in train])
            known.append(topics.transform(words.transform([column[n] for n in train])))
            unseen.append(topics.transform(words.transform([column[n] for n in rest])))
    scale = StandardScaler().fit(np.hstack(known))
    return scale.transform(np.hstack(known)), scale.transform(np.hstack(unseen))


def _topics(texts: Sequence[str]) -> tuple[TfidfVectorizer, TruncatedSVD]:
    """Words and pairs of words by tf-idf, reduced to their main directions."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    table = words.fit_transform(texts)
    size = min(TOPICS, min(table.shape) - 1)
    return words, TruncatedSVD(size, random_state=0).fit(table)


def text_counts(texts: Sequence[Sequence[str]]) -> Floats:
    """Plain measures, shape (case, feature): of each column length, variety, sentence length, question marks.

    With several columns also the share of each one's words that the column before has, too.
    """
    rows = []
    for case in texts:
        said = [re.findall(r"[\w']+", text.lower()) for text in case]
        row: list[float] = []
        for text, words in zip(case, said, strict=True):
            ends = max(1, len(re.findall(r"[.!?]+", text)))
            row += [
                float(np.log1p(len(words))),
                len(set(words)) / max(1, len(words)),
                len(words) / ends,
                sum(map(len, words)) / max(1, len(words)),
                float(text.count("?")),
            ]
        for before, after in pairwise(said):
            row.append(len(set(before) & set(after)) / max(1, len(set(after))))
            row.append(len(set(before) & set(after)) / max(1, len(set(before))))
        rows.append(row)
    return np.array(rows, dtype=np.float64)


def _draws(groups: Sequence[str], seed: int) -> list[NDArray[np.int64]]:
    """Places of cases, groups drawn with replacement."""
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    members = [np.array(one) for one in places.values()]
    random = np.random.default_rng(seed)
    return [
        np.concatenate([members[n] for n in random.integers(0, len(members), len(members))])
        for _ in range(ROUNDS)
    ]


def _gain(
    ours: str, rival: str, truth: Floats, found: dict[str, Floats], draws: Sequence[NDArray[np.int64]]
) -> Gain:
    own, other = found[ours], found[rival]

    def kappa(places: NDArray[np.int64]) -> float:
        given = truth[places]
        return quadratic_kappa(given, own[places]) - quadratic_kappa(given, other[places])

    def error(places: NDArray[np.int64]) -> float:
        return float(np.mean((truth[places] - other[places]) ** 2 - (truth[places] - own[places]) ** 2))

    every = np.arange(len(truth))
    return Gain(
        ours,
        rival,
        kappa(every),
        _interval([kappa(places) for places in draws]),
        error(every),
        _interval([error(places) for places in draws]),
    )


def _interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def lines(rated: Rated, found: Comparison) -> Iterator[str]:
    """Two tables: every model's figures, and what ours gain over the rivals."""
    values, times = np.unique(rated.ratings, return_counts=True)
    counts = ", ".join(f"{value:g}: {count}" for value, count in zip(values, times, strict=True))
    yield f"{len(rated.ratings)} cases in {len(set(rated.groups))} groups; ratings {counts}"
    yield f"{'':22} {'kappa':>7} {'squared error':>14} {'equal':>7}"
    for one in found.results:
        yield f"{one.model:22} {one.kappa:7.3f} {one.error:14.3f} {one.exact:7.3f}"
    yield f"{'gain (95% interval)':44} {'in kappa':24} in squared error"
    for gain in found.gains:
        kappa = f"{gain.kappa:+.3f} ({gain.kappa_interval[0]:+.3f} to {gain.kappa_interval[1]:+.3f})"
        error = f"{gain.error:+.3f} ({gain.error_interval[0]:+.3f} to {gain.error_interval[1]:+.3f})"
        yield f"{gain.model + ' over ' + gain.rival:44} {kappa:24} {error}"


def from_csv(path: Path, texts: Sequence[str], rating: str, group: str | None = None) -> Rated:
    """Cases from a CSV file with a header; rows without a rating are left out, fractions rounded (half up).

    Raises:
        UnreadableData: the file, a column or a rating is at fault; the message names it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableData(f"{path}: can't be read ({error}); give a CSV file with a header") from error
    for column in (*texts, rating, *([group] if group else [])):
        if not rows or column not in rows[0]:
            columns = ", ".join(rows[0]) if rows else "none"
            raise UnreadableData(f"{path}: there is no column {column!r}; the columns are {columns}")
    kept = [(number, row) for number, row in enumerate(rows, 2) if (row[rating] or "").strip()]
    return Rated(
        ratings=np.array([_rating(path, number, row[rating]) for number, row in kept], dtype=np.float64),
        groups=tuple(row[group] if group else str(number) for number, row in kept),
        texts=tuple(tuple(row[column] or "" for column in texts) for _, row in kept),
    )


def _rating(path: Path, number: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise UnreadableData(f"{path}, line {number}: {text!r} is no rating; give a number")
    return float(np.floor(value + 0.5))
