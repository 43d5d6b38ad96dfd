"""Learn the heads of a framework: one monotone ordinal model a dimension, severity of the reviewers removed.

What is known beforehand (the prior weights and the anchors' must-haves) and scores of calls are learned from
together: weights are drawn to the prior's, and each anchor counts as calls that have just what it demands. A
feature that never varies in the data keeps its prior weight; one that isn't known is taken to be at its
reference, where its effect is nought.

Each reviewer is a column of their own beside the features, so that a score is what the call has plus how
strict the reviewer is (a many-facet rating model, Linacre 1989); the penalty draws severities to nought,
and a draft is made for the ordinary reviewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.framework import Dimension
from models.heads import Head, Term
from training.anchors import Anchors
from training.ordinal import MonotoneOrdinal, Prior
from training.score_data import Scored

Floats = NDArray[np.float64]
FEWEST = 20  # scores from which a head can be learned
TAIL = 0.03  # of calls at either end that transforms needn't reach
SEVERITY = 0.25  # penalty on severities: a reviewer of a few reviews is believed about half


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the ordinal model; chosen by cross-validation over writers.

    `penalty` on leaving the prior; `anchor` is what an anchor counts, in scores given to calls; `detail` is
    how many cuts a transform may have besides the prior's own.
    """

    penalty: float = 4.0
    anchor: float = 2.0
    detail: int = 3


@dataclass(frozen=True, slots=True)
class Learnt:
    """A head and the severity of each reviewer in score points; above nought is stricter than their mean."""

    head: Head
    severity: Mapping[str, float]


def learn(
    dimension: Dimension,
    scored: Sequence[Scored],
    settings: Settings | None = None,
    prior: Head | None = None,
    anchors: Anchors | None = None,
) -> Learnt:
    """The head of a dimension from the scores given on it; unscored ones are left out.

    `prior` is the head to draw to, by default one without weights; `anchors` are the features that each
    score's anchor demands. Raises ValueError where fewer than 20 scores, or only one value, are there to
    learn from.
    """
    settings = settings or Settings()
    given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
    values = [item.value for item in given if item.value is not None]
    if len(given) < FEWEST or len(set(values)) < 2:
        raise ValueError(f"{dimension.id}: {len(given)} scores are too few to learn from")
    known = refined(dimension, prior or blank(dimension, given), given, settings.detail)
    reviewers = sorted({item.reviewer for item in given})
    demanded = sorted((anchors or {}).items())
    rows = [*(item.features for item in given), *(features for _, features in demanded)]
    table = table_of(known, rows)
    seats = np.vstack([_seats(given, reviewers), np.zeros((len(demanded), len(reviewers)))])
    signs = {use.name: use.sign for use in dimension.features}
    free = _free(known, signs, table)
    model = MonotoneOrdinal(
        signs=(*(signs[term.feature] for term in free.terms), *(0 for _ in reviewers)),
        penalty=settings.penalty,
        prior=_prior(free, signs, len(reviewers), SEVERITY / settings.penalty),
    ).fit(
        np.hstack([table_of(free, rows), seats]),
        [*values, *(value for value, _ in demanded)],
        [*(item.strength for item in given), *(settings.anchor for _ in demanded)],
    )
    return _learnt(known, free, model, reviewers)


def blank(dimension: Dimension, scored: Sequence[Scored]) -> Head:
    """A head that knows nothing: no weights, transforms from the lowest to the highest value seen."""
    terms = []
    for use in dimension.features:
        seen = [value for item in scored if (value := item.features.get(use.name)) is not None] or [0.0]
        low, high = min(seen), max(seen)
        terms.append(Term(use.name, 0.0, median(seen), ((low, 0.0), (high if high > low else low + 1, 1.0))))
    return Head(dimension.id, 1.0, (1.5, 2.5, 3.5, 4.5), tuple(terms), 3.0)


def refined(dimension: Dimension, head: Head, scored: Sequence[Scored], detail: int) -> Head:
    """The same head, references at the usual value where that is known, transforms cut finer at quantiles.

    Transforms are drawn out, level, over what calls have. But of what speaks for a score, no farther up than
    the prior's: beyond what the rubric asks for, more buys nothing.
    """
    signs = {use.name: use.sign for use in dimension.features}
    terms = []
    for term in head.terms:
        seen = [value for item in scored if (value := item.features.get(term.feature)) is not None]
        if not seen:
            terms.append(term)
            continue
        lowest, highest = (float(edge) for edge in np.quantile(seen, [TAIL, 1 - TAIL]))
        low, high = term.points[0][0], term.points[-1][0]
        low, high = min(low, lowest), max(high, highest) if signs[term.feature] < 0 else high
        knots = sorted({low, high, *(x for x, _ in term.points)})
        shares = np.linspace(0, 1, detail + 2)[1:-1]
        for cut in np.quantile(np.clip(seen, low, high), shares, method="inverted_cdf").tolist():
            if min(abs(cut - knot) for knot in knots) > (high - low) / 20:
                knots.append(cut)
        points = tuple((round(x, 4), round(term.transform(x), 4)) for x in sorted(knots))
        terms.append(replace(term, points=points, reference=round(float(median(seen)), 4)))
    return replace(head, terms=tuple(terms))


def table_of(head: Head, calls: Sequence[Mapping[str, float | None]]) -> Floats:
    """Features, shape (call, term), unknown ones at their reference."""
    rows = [
        [term.reference if (value := features.get(term.feature)) is None else value for term in head.terms]
        for features in calls
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(head.terms))


def _seats(given: Sequence[Scored], reviewers: Sequence[str]) -> Floats:
    """A column a reviewer, less its mean: severities are told from that of all scores taken together.

    Otherwise all reviewers could move away together from what anchors say, and the drafts stay behind.
    """
    seats = np.array([[item.reviewer == name for name in reviewers] for item in given], dtype=np.float64)
    centred: Floats = seats - np.average(seats, axis=0, weights=[item.strength for item in given])
    return centred


def _free(head: Head, signs: Mapping[str, int], table: Floats) -> Head:
    """Without the terms whose feature is the same in every call: data can't speak about their weight.

    What they add to every call is in the base instead.
    """
    varies = np.ptp(table, axis=0) > 0
    fixed = sum(
        signs[term.feature] * term.weight * term.transform(float(table[0, column]))
        for column, term in enumerate(head.terms)
        if not varies[column]
    )
    terms = tuple(term for term, free in zip(head.terms, varies, strict=True) if free)
    return replace(head, base=head.base + fixed, terms=terms)


def _prior(head: Head, signs: Mapping[str, int], seats: int, hold: float) -> Prior:
    """The head as weights of stretches; columns of reviewers are drawn to nought, `hold` penalties strong."""
    return Prior(
        knots=(*(tuple(x for x, _ in term.points) for term in head.terms), *(((-1.0, 1.0),) * seats)),
        weights=(
            *(
                tuple(signs[term.feature] * term.weight * (b - a) for (_, a), (_, b) in pairwise(term.points))
                for term in head.terms
            ),
            *(((0.0,),) * seats),
        ),
        cuts=tuple(cut - head.base for cut in head.cuts),
        hold=(*(1.0 for _ in head.terms), *((hold,) * seats)),
    )


def _learnt(known: Head, free: Head, model: MonotoneOrdinal, reviewers: Sequence[str]) -> Learnt:
    """In the prior's units, score points; `scale` logits a point."""
    unit = model.unit_
    found = model.feature_pieces()
    learned = {
        term.feature: _term(term, np.abs(piece.weights) / unit)
        for term, piece in zip(free.terms, found, strict=False)
    }
    # From -1 to 1 a column's effect is its weight, so nought, the ordinary reviewer, lies half a weight up.
    halves = [float(piece.weights.sum()) / 2 for piece in found[len(free.terms) :]]
    usual = float(np.mean(halves))
    severity = {name: round((usual - half) / unit, 4) for name, half in zip(reviewers, halves, strict=True)}
    terms = tuple(learned.get(term.feature, term) for term in known.terms)
    cuts = _apart([(float(cut) - sum(halves)) / unit + free.base for cut in model.cuts_])
    return Learnt(replace(known, scale=round(unit, 4), cuts=cuts, terms=terms), severity)


def _term(term: Term, steps: Floats) -> Term:
    weight = float(steps.sum())
    if weight < 1e-6:
        return replace(term, weight=0.0)
    heights = np.concatenate([[0.0], np.cumsum(steps) / weight])
    points = tuple((x, round(float(y), 4)) for (x, _), y in zip(term.points, heights, strict=True))
    return replace(term, weight=round(weight, 4), points=points)


def _apart(cuts: Sequence[float]) -> tuple[float, ...]:
    """Rounded, and still rising."""
    found: list[float] = []
    for cut in cuts:
        found.append(max(round(cut, 4), found[-1] + 1e-4 if found else -np.inf))
    return tuple(round(cut, 4) for cut in found)
