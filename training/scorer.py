"""Train a framework's heads and tell how good they are on calls that they did not learn from."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models import agreement
from models.framework import VALUES, Dimension, Framework
from models.heads import COVERAGE, Head, Heads, contributions, draft, interval, latent, probabilities
from training.anchors import Anchors, missed
from training.heads import FEWEST, Settings, learn
from training.score_data import Scored, people_alone

PENALTIES = (1.0, 4.0, 16.0, 256.0)  # the last moves next to nothing but the cuts
SPREADS = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
ANCHORS = (2.0, 8.0, 32.0, 128.0)
FOLDS = 6
MASSES = tuple(round(0.3 + 0.005 * step, 3) for step in range(140))


@dataclass(frozen=True, slots=True)
class Guess:
    """A score somebody gave and what a model that never saw the call makes of it."""

    scored: Scored
    chances: tuple[float, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement of drafts with scores that people (or our readers) gave; `low`, `high` of a 95% interval."""

    cases: int
    kappa: float
    low: float
    high: float
    exact: float
    within_one: float
    bias: float
    coverage: float


def guess(head: Head, dimension: Dimension, scored: Sequence[Scored]) -> list[Guess]:
    """What a head says of each call."""
    found = []
    for item in scored:
        chances = probabilities(head, latent(head, dimension, contributions(head, dimension, item.features)))
        found.append(Guess(item, chances, draft(chances, head)))
    return found


def cross_validated(
    dimension: Dimension,
    scored: Sequence[Scored],
    settings: Settings,
    prior: Head | None = None,
    anchors: Anchors | None = None,
) -> list[Guess]:
    """Guesses for every score by heads learned without its group (writer or call), in at most six folds.

    Each by a head as strict as people are, for a review, or as our readers are, for one of theirs.
    """
    given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
    found: list[Guess] = []
    for fold in _folds(sorted({item.group for item in given})):
        rest = [item for item in given if item.group not in fold]
        learnt = learn(dimension, rest, settings, prior, anchors)
        left = [item for item in given if item.group in fold]
        found += guess(learnt.head, dimension, [item for item in left if item.reviewed])
        found += guess(learnt.readers, dimension, [item for item in left if not item.reviewed])
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A head, how it was learned (None: it wasn't), its guesses on what was left out, anchors it misses.

    `reviewed` is how many reviews it was learned from; `why`, of the current head, why none could be learned.
    """

    head: Head
    settings: Settings | None = None
    unseen: tuple[Guess, ...] = ()
    missed: tuple[int, ...] = ()
    reviewed: int = 0
    why: str = ""


def too_little(given: Sequence[Scored]) -> str:
    """Why no head can be learned from these scores of a dimension; empty where one can.

    Whatever group of calls is left out, there must be enough of the rest, and more than one value among them.
    """
    if len(given) < FEWEST:
        return f"there are {len(given)} scores to learn from, and {FEWEST} are the least"
    groups = sorted({item.group for item in given})
    if len(groups) < 2:
        return "all scores are of one writer or call, so that none could be left out to measure on"
    for fold in _folds(groups):
        rest = [item.value for item in given if item.group not in fold]
        if len(rest) < FEWEST:
            return f"without a part to measure on there are {len(rest)} scores, and {FEWEST} are the least"
        if len(set(rest)) < 2:
            return f"nearly every score is {rest[0]}, so that nothing tells a better call from a worse one"
    return ""


def _folds(groups: Sequence[str]) -> list[set[str]]:
    """Groups (writers or calls) in at most six parts."""
    return [set(groups[start::FOLDS]) for start in range(min(FOLDS, len(groups)))]


def train(
    framework: Framework,
    scored: Sequence[Scored],
    current: Heads,
    prior: Heads | None = None,
    anchors: Mapping[str, Anchors] | None = None,
) -> Iterator[Candidate]:
    """Each dimension's new head; the current one, and why, where there is too little to learn from.

    How strongly it is held to the prior (by default the current heads) is chosen by cross-validation over
    writers, then how much anchors count: as little as it takes for each anchor to get its score.
    """
    for dimension in framework.dimensions:
        given = [item for item in scored if item.dimension == dimension.id and item.value is not None]
        if why := too_little(given):
            yield Candidate(current.of(dimension.id), why=why)
            continue
        known, demanded = (prior or current).of(dimension.id), (anchors or {}).get(dimension.id, {})
        tried = {
            settings: cross_validated(dimension, given, settings, known, demanded)
            for settings in (Settings(penalty, ANCHORS[0]) for penalty in PENALTIES)
        }
        best = min(tried, key=lambda settings: _loss(tried[settings]))
        yield _anchored(dimension, given, best, known, demanded, wide=spread(_standard(tried[best])))


def _anchored(
    dimension: Dimension,
    given: Sequence[Scored],
    best: Settings,
    prior: Head,
    anchors: Anchors,
    *,
    wide: float,
) -> Candidate:
    """The head with the least weight on anchors that gives each its score; else one that misses fewest.

    Anchors are our readers' standard: with reviews the head that must hold them is the one without people's
    strictness.
    """
    made: list[tuple[int, Head, Settings]] = []
    for widened in dict.fromkeys((wide, 1.0)):
        for weight in ANCHORS:
            settings = replace(best, anchor=weight)
            learnt = learn(dimension, given, settings, prior, anchors)
            readers, head = (
                replace(one, spread=widened, centre=_centre(one, dimension, given))
                for one in (learnt.readers, learnt.head)
            )
            made.append((len(missed(readers, dimension, anchors)), head, settings))
            if not made[-1][0]:
                break
        if not made[-1][0]:
            break
    _, head, settings = min(made, key=lambda one: one[0])
    unseen = [
        Guess(one.scored, one.chances, draft(one.chances, head))
        for one in _standard(cross_validated(dimension, given, settings, prior, anchors))
    ]
    writers = {item.group for item in given if not item.reviewed}
    head = replace(
        head, mass=mass(unseen), writers=tuple(sorted(writers, key=lambda name: (len(name), name)))
    )
    reviewed = sum(item.reviewed for item in given)
    return Candidate(head, settings, tuple(unseen), tuple(missed(head, dimension, anchors)), reviewed)


def _standard(guesses: Sequence[Guess]) -> list[Guess]:
    """Those of them that drafts are made for: people's, if there are enough."""
    kept = {id(item) for item in people_alone([one.scored for one in guesses])}
    return [one for one in guesses if id(one.scored) in kept]


def _centre(head: Head, dimension: Dimension, given: Sequence[Scored]) -> float:
    """The mean of the scores that the head expects."""
    expected = [np.dot(one.chances, VALUES) for one in guess(head, dimension, given)]
    return round(float(np.average(expected, weights=[s.strength for s in given])), 3)


def spread(guesses: Sequence[Guess]) -> float:
    """How much farther than the expected score a draft should lie from the mean, for the highest kappa."""
    return max(SPREADS, key=lambda factor: _kappa(guesses, factor))


def _kappa(guesses: Sequence[Guess], factor: float) -> float:
    """Kappa of drafts that lie `factor` times as far from the mean score as expected scores do."""
    truth = np.array([one.scored.value or 0 for one in guesses])
    weights = np.array([one.scored.strength for one in guesses])
    expected = np.array([np.dot(one.chances, VALUES) for one in guesses])
    centre = np.average(truth, weights=weights)
    drafts = np.clip(np.round(centre + factor * (expected - centre)), VALUES[0], VALUES[-1])
    return agreement.quadratic_kappa(truth, drafts, weights)


def _loss(guesses: Sequence[Guess]) -> float:
    """How far from full kappa at the best spread; likelihood breaks near ties and keeps chances honest."""
    weights = np.array([one.scored.strength for one in guesses])
    chances = np.array([one.chances[(one.scored.value or 1) - 1] for one in guesses])
    likely = float(np.average(np.log(np.maximum(chances, 1e-6)), weights=weights))
    return 1 - _kappa(guesses, spread(guesses)) - 0.1 * likely


def mass(guesses: Sequence[Guess], coverage: float = COVERAGE) -> float:
    """The least probability an interval must hold so that intervals hold `coverage` of the scores.

    Each score counts by its strength (split conformal prediction on cross-validated guesses).
    """
    place = bisect_left(MASSES, coverage, key=lambda held: covered(guesses, held))
    return MASSES[min(place, len(MASSES) - 1)]


def covered(guesses: Sequence[Guess], held: float) -> float:
    """Share of scores that lie in the interval of so much probability."""
    inside = whole = 0.0
    for one in guesses:
        low, high = interval(one.chances, one.value, held)
        inside += one.scored.strength * (low <= (one.scored.value or 0) <= high)
        whole += one.scored.strength
    return inside / whole if whole else 1.0


def figures(guesses: Sequence[Guess], held: float) -> Figures:
    """How well guesses agree with the scores given."""
    truth = [one.scored.value or 0 for one in guesses]
    found = [one.value for one in guesses]
    low, high = agreement.bootstrap(
        agreement.quadratic_kappa, truth, found, [one.scored.call for one in guesses]
    )
    return Figures(
        cases=len(guesses),
        kappa=agreement.quadratic_kappa(truth, found),
        low=low,
        high=high,
        exact=agreement.exact(truth, found),
        within_one=agreement.within_one(truth, found),
        bias=agreement.bias(truth, found),
        coverage=covered(guesses, held),
    )


def by_dimension(scored: Sequence[Scored], framework: Framework) -> Mapping[str, list[Scored]]:
    """Scores that hold a value, by dimension."""
    return {
        dimension.id: [item for item in scored if item.dimension == dimension.id and item.value is not None]
        for dimension in framework.dimensions
    }
