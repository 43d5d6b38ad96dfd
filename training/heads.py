"""Learn the heads of a framework: one monotone ordinal model a dimension, severity of the reviewers removed.

What is known beforehand (the prior weights and the anchors' must-haves) and scores of calls are learned from
together: weights are drawn to the prior's, and each anchor counts as calls that have just what it demands. A
feature that never varies in the data keeps its prior weight; one that isn't known is taken to be at its
reference, where its effect is nought.

Each reviewer is a column of their own beside the features, so that a score is what the call has plus how
strict the reviewer is (a many-facet rating model, Linacre 1989); the penalty draws severities to nought.
People who review have one more column together: few reviews by each of many tell what is common to them.
Drafts are as strict as these people are on the whole, for a person's standard is the organisation's; where
nobody reviewed, as strict as our readers are.
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
    """A head and the severity of each reviewer in score points; above nought is stricter than their mean.

    `head` is as strict as the people who reviewed, `readers` as our own readers, on the average of the scores
    given. The two differ by their `base` alone, and not at all where only one kind of scores was given.
    """

    head: Head
    severity: Mapping[str, float]
    readers: Head


@dataclass(frozen=True, slots=True)
class _Seats:
    """Who gave each score: a column a reviewer, and one for all people where there are also our readers.

    `table`, shape (score, column), is less its mean: severities are told from that of all scores together,
    else all reviewers could move away together from what anchors say, and drafts stay behind. `of_each` is
    the row of each reviewer, `people` and `readers` the mean row of either kind's scores, shape (column,).
    """

    table: Floats
    of_each: Mapping[str, Floats]
    people: Floats
    readers: Floats

    @property
    def count(self) -> int:
        """Columns."""
        return len(self.people)

    @classmethod
    def of(cls, given: Sequence[Scored]) -> "_Seats":
        """The seats of these scores."""
        names = sorted({item.reviewer for item in given})
        person = np.array([item.reviewed for item in given])
        weights = np.array([item.strength for item in given])
        columns = [[item.reviewer == name for item in given] for name in names]
        if person.any() and not person.all():
            columns.append(person.tolist())
        table = np.array(columns, dtype=np.float64).T
        table = table - np.average(table, axis=0, weights=weights)
        places = {item.reviewer: place for place, item in enumerate(given)}
        kinds = [
            np.average(table[kind], axis=0, weights=weights[kind]) if kind.any() else np.zeros(len(columns))
            for kind in (person, ~person)
        ]
        return cls(table, {name: table[places[name]] for name in names}, kinds[0], kinds[1])


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
    seats = _Seats.of(given)
    demanded = sorted((anchors or {}).items())
    rows = [*(item.features for item in given), *(features for _, features in demanded)]
    table = table_of(known, rows)
    taken = np.vstack([seats.table, np.tile(seats.readers, (len(demanded), 1))])
    signs = {use.name: use.sign for use in dimension.features}
    free = _free(known, signs, table)
    model = MonotoneOrdinal(
        signs=(*(signs[term.feature] for term in free.terms), *((0,) * seats.count)),
        penalty=settings.penalty,
        prior=_prior(free, signs, seats.count, SEVERITY / settings.penalty),
    ).fit(
        np.hstack([table_of(free, rows), taken]),
        [*values, *(value for value, _ in demanded)],
        [*(item.strength for item in given), *(settings.anchor for _ in demanded)],
    )
    return _learnt(known, free, model, seats)


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


def _learnt(known: Head, free: Head, model: MonotoneOrdinal, seats: "_Seats") -> Learnt:
    """In the prior's units, score points; `scale` logits a point."""
    unit = model.unit_
    found = model.feature_pieces()
    learned = {
        term.feature: _term(term, np.abs(piece.weights) / unit)
        for term, piece in zip(free.terms, found, strict=False)
    }
    # From -1 to 1 a column's effect is its weight: half of it for a seat, and half of it at nought.
    halves = np.array([float(piece.weights.sum()) / 2 for piece in found[len(free.terms) :]])
    terms = tuple(learned.get(term.feature, term) for term in known.terms)
    cuts = _apart([(float(cut) - float(halves.sum())) / unit + free.base for cut in model.cuts_])
    head = replace(known, scale=round(unit, 4), cuts=cuts, terms=terms)
    mild = {name: float(seat @ halves) / unit for name, seat in seats.of_each.items()}
    usual = float(np.mean(list(mild.values())))
    return Learnt(
        replace(head, base=round(head.base + float(seats.people @ halves) / unit, 4)),
        {name: round(usual - one, 4) for name, one in mild.items()},
        replace(head, base=round(head.base + float(seats.readers @ halves) / unit, 4)),
    )


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
