"""A head that was kept, set right when scores new to it come: how strict it is, how wide its intervals."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.framework import Dimension
from models.heads import Head, Heads
from models.rubric import VALUES
from training.duels import SURE, duel
from training.heads import FEWEST
from training.score_data import Scored
from training.scorer import Guess, guess, mass

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
    """A head that was kept, as strict as all scores ask for, with intervals that hold what they state.

    Nothing is done while few are new to it. Those it has learned from count as much as these: two numbers
    learn little by heart, and the latest writers alone are no better a sample than the first. The prior's is
    as strict as its anchors are, and a head beside which people review as strict as these, whatever our
    readers gave since.
    """
    if not is_priors(head, prior) and any(item.reviewed for item in scored):
        return head
    new = [item for item in scored if is_new(head, item, prior)]
    if len(new) < FEWEST:
        return head
    if not is_priors(head, prior):
        head = _as_strict(head, dimension, scored)
    return replace(head, mass=mass(guess(head, dimension, scored)))


def _as_strict(head: Head, dimension: Dimension, scored: Sequence[Scored]) -> Head:
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
    fought = duel(guess(head, dimension, scored), guess(moved, dimension, scored))
    return moved if fought and fought.new >= fought.current and fought.nearer >= SURE else head


def _moved(head: Head, points: float) -> Head:
    return replace(head, base=round(head.base + points, 3))


def _gap(guesses: Sequence[Guess]) -> float:
    """By how much the expected score is above the one given, on the average."""
    expected = [float(np.dot(one.chances, VALUES)) - (one.scored.value or 0) for one in guesses]
    return float(np.average(expected, weights=[one.scored.strength for one in guesses]))
