"""Learn the heads of a framework: one monotone ordinal model a dimension, severity of the reviewers removed.

Each reviewer is a column of their own beside the features, so that a score is what the call has plus how
strict the reviewer is (a many-facet rating model, Linacre 1989); the penalty draws severities to nought,
and a draft is made for the ordinary reviewer. A feature that isn't known is taken to be at its median.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.framework import VALUES, Dimension
from models.heads import Head, Term
from training.ordinal import MonotoneOrdinal
from training.score_data import Scored

Floats = NDArray[np.float64]
FEWEST = 20  # scores from which a head can be learned


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the ordinal model; chosen by cross-validation over writers."""

    pieces: int = 3
    penalty: float = 2.0
    smoothness: float = 2.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """A head and the severity of each reviewer in score points; above nought is stricter than most."""

    head: Head
    severity: Mapping[str, float]


def learn(dimension: Dimension, scored: Sequence[Scored], settings: Settings | None = None) -> Learnt:
    """The head of a dimension from the scores given on it; unscored ones are left out.

    Raises ValueError where fewer than 20 scores, or only one value, are there to learn from.
    """
    settings = settings or Settings()
    given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
    values = [item.value for item in given if item.value is not None]
    if len(given) < FEWEST or len(set(values)) < 2:
        raise ValueError(f"{dimension.id}: {len(given)} scores are too few to learn from")
    usual = medians(dimension, given)
    table = table_of(dimension, given, usual)
    reviewers = sorted({item.reviewer for item in given})
    seats = np.array([[item.reviewer == name for name in reviewers] for item in given], dtype=np.float64)
    model = MonotoneOrdinal(
        signs=(*(use.sign for use in dimension.features), *(0 for _ in reviewers)),
        pieces=settings.pieces,
        penalty=settings.penalty,
        smoothness=settings.smoothness,
    ).fit(np.hstack([table, seats]), values, [item.strength for item in given])
    return _head(dimension, model, usual, reviewers)


def medians(dimension: Dimension, scored: Sequence[Scored]) -> dict[str, float]:
    """Of each feature where it is known; nought where it never is."""
    return {
        use.name: median(
            [value for item in scored if (value := item.features.get(use.name)) is not None] or [0.0]
        )
        for use in dimension.features
    }


def table_of(dimension: Dimension, scored: Sequence[Scored], usual: Mapping[str, float]) -> Floats:
    """Features, shape (score, feature), unknown ones at their usual value."""
    rows = [
        [
            usual[use.name] if (value := item.features.get(use.name)) is None else value
            for use in dimension.features
        ]
        for item in scored
    ]
    return np.array(rows, dtype=np.float64)


def _head(
    dimension: Dimension, model: MonotoneOrdinal, usual: Mapping[str, float], reviewers: Sequence[str]
) -> Learnt:
    """In units of score points: cuts about one apart, `scale` logits a point."""
    found = model.feature_pieces()
    cuts = _all_cuts(model)
    points = max((cuts[-1] - cuts[0]) / (len(cuts) - 1), 1e-6)
    terms = []
    for use, piece in zip(dimension.features, found, strict=False):
        weight = float(np.abs(piece.weights).sum())
        heights = np.concatenate([[0], np.cumsum(np.abs(piece.weights))]) / weight if weight else np.zeros(0)
        # A feature that never varied, or that tells nothing, is kept: it has its place, and no weight.
        knots = piece.knots if len(piece.knots) > 1 else np.array([piece.knots[0], piece.knots[0] + 1])
        heights = heights if len(heights) == len(knots) else np.linspace(0, 1, len(knots))
        terms.append(
            Term(
                use.name,
                round(weight / points, 4),
                round(usual[use.name], 4),
                tuple((round(float(x), 4), round(float(y), 4)) for x, y in zip(knots, heights, strict=True)),
            )
        )
    severity = {
        name: round(-float(piece.weights.sum()) / points, 4)
        for name, piece in zip(reviewers, found[len(dimension.features) :], strict=True)
    }
    head = Head(
        dimension=dimension.id,
        scale=round(float(points), 4),
        cuts=tuple(round(float(cut / points), 4) for cut in cuts),
        terms=tuple(terms),
    )
    return Learnt(head, severity)


def _all_cuts(model: MonotoneOrdinal) -> Floats:
    """Four rising cuts; scores that nobody gave get next to no room beyond those that were given."""
    given = [int(value) for value in model.classes_]
    cuts = dict(zip(given[1:], model.cuts_, strict=True))  # the cut below each score but the lowest
    lowest, highest = given[0], given[-1]
    full: list[float] = []
    for value in VALUES[1:]:
        if value in cuts:
            full.append(float(cuts[value]))
        elif value <= lowest:
            full.append(float(model.cuts_[0]) - 4.0 * (lowest - value + 1))
        elif value > highest:
            full.append(float(model.cuts_[-1]) + 4.0 * (value - highest))
        else:
            above = next(cuts[other] for other in range(value + 1, highest + 1) if other in cuts)
            full.append(float(above) - 1e-3 * (highest - value))
    return np.array(full)
