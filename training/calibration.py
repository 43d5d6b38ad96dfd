"""A head that was kept, set right by scores new to it: how strict it is, and how wide its intervals are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.agreement import quadratic_kappa
from models.framework import Dimension
from models.heads import Head, Heads
from models.rubric import VALUES
from training.heads import FEWEST
from training.score_data import Scored
from training.scorer import Guess, guess, mass

ROUNDS = 2000
SURE = 0.9  # share of bootstrap rounds in which the new model must be the better one
_FARTHEST = 1.0  # score points that a head is moved at most
_HALVINGS = 12


def is_priors(head: Head, prior: Heads | None) -> bool:
    """Whether a head is the prior's, which has learned from no score."""
    return prior is not None and head.terms == prior.of(head.dimension).terms


def is_new(head: Head, item: Scored, prior: Heads | None) -> bool:
    """Whether a head has surely not learned from a score."""
    return is_priors(head, prior) or (
        bool(head.writers) and not item.reviewed and item.group not in head.writers
    )


def calibrated(head: Head, dimension: Dimension, scored: Sequence[Scored], prior: Heads | None) -> Head:
    """A head that was kept, as strict as scores new to it ask for, with intervals that hold what they state.

    Those it has learned from can't tell; of few the share within is chance. The prior's is as strict as its
    anchors are, and a head beside which people review as strict as these, whatever our readers gave since.
    """
    if not is_priors(head, prior) and any(item.reviewed for item in scored):
        return head
    new = [item for item in scored if is_new(head, item, prior)]
    if len(new) < FEWEST:
        return head
    if not is_priors(head, prior):
        head = as_strict(head, dimension, new)
    return replace(head, mass=mass(guess(head, dimension, new)))


def as_strict(head: Head, dimension: Dimension, scored: Sequence[Scored]) -> Head:
    """The head with its base moved so that it expects what was given on the average.

    Annotators that find more, or less, than those it learned with make its drafts too high or low. It is
    moved only if drafts come surely nearer: by their mean, in 90% of bootstrap rounds over calls, and with a
    kappa that is no lower.
    """
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_high = _gap(guess(_moved(head, middle), dimension, scored)) > 0
        low, high = (low, middle) if too_high else (middle, high)
    moved = _moved(head, (low + high) / 2)
    before, after = (guess(one, dimension, scored) for one in (head, moved))
    return moved if _kappa(after) >= _kappa(before) and _nearer(before, after) >= SURE else head


def _moved(head: Head, points: float) -> Head:
    return replace(head, base=round(head.base + points, 3))


def _gap(guesses: Sequence[Guess]) -> float:
    """By how much the expected score is above the one given, on the average."""
    expected = [float(np.dot(one.chances, VALUES)) - (one.scored.value or 0) for one in guesses]
    return float(np.average(expected, weights=[one.scored.strength for one in guesses]))


def _kappa(guesses: Sequence[Guess]) -> float:
    truth, drafts = ([one.scored.value or 0 for one in guesses], [one.value for one in guesses])
    return float(quadratic_kappa(truth, drafts))


def _nearer(before: Sequence[Guess], after: Sequence[Guess]) -> float:
    """Share of bootstrap rounds over calls in which the mean of `after` is nearer to that of the scores."""
    names = {name: number for number, name in enumerate(dict.fromkeys(one.scored.call for one in before))}
    sums = np.zeros((2, len(names)))  # how far drafts are off, call by call; weights cancel out
    for side, guesses in enumerate((before, after)):
        for one in guesses:
            off = one.value - (one.scored.value or 0)
            sums[side, names[one.scored.call]] += one.scored.strength * off
    drawn = np.random.default_rng(0).integers(0, len(names), (ROUNDS, len(names)))
    far = np.abs(sums[:, drawn].sum(axis=2))
    return float(np.mean(far[1] < far[0]))
