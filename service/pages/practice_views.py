"""Practice as a page shows it: where an attempt stands, feedback against thresholds, attempts side by side.

Pure functions. Nothing here calls an attempt failed: people decide, and they say "passed" or "not yet".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.framework import Dimension
from service.calls.progress import MOVING
from service.calls.tables import State
from service.pages.talk import Card, Quote
from service.practice.shapes import AttemptOut, StandingOut
from service.result import ScorePart

STATES = {
    "passed": "Passed",
    "not-yet": "Not yet",
    "waiting": "Waiting for your coach",
    "moving": "Being analysed",
    "held": "Needs a look",
    "self": "Score yourself first",
    "private": "Private draft",
}
"""Where an attempt can be, in the words of its rep."""


def state_of(attempt: AttemptOut) -> str:
    """Where an attempt is: a key of `STATES`. Only a person's decision is ever "passed" or "not yet"."""
    if attempt.decision is not None:
        return "passed" if attempt.decision.passed else "not-yet"
    if attempt.submitted_at is not None:
        return "waiting"
    if attempt.state in MOVING:
        return "moving"
    if attempt.state != State.DONE:
        return "held"
    return "self" if attempt.self_scores is None else "private"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A dimension with a threshold: what the rep, the draft and people gave, and what is between.

    `reach` says what the threshold takes, in the rubric's words; `card` has the draft and its quotes, None
    while the draft is not shown.
    """

    dimension: str
    title: str
    threshold: int
    reach: str
    own: int | None
    card: Card | None
    confirmed: int | None
    says: str

    @property
    def draft(self) -> ScorePart | None:
        """The draft, where it is shown."""
        return self.card.draft if self.card else None

    @property
    def value(self) -> int | None:
        """What it is measured by: a person's score, else the draft."""
        return self.confirmed if self.confirmed is not None else self.draft.value if self.draft else None


def feedback(
    standing: Sequence[StandingOut], dimensions: Mapping[str, Dimension], cards: Mapping[str, Card]
) -> list[Feedback]:
    """Every dimension with a threshold, in the order of the framework."""
    order = list(dimensions)
    known = sorted(
        standing, key=lambda one: order.index(one.dimension) if one.dimension in order else len(order)
    )
    found = []
    for one in known:
        dimension, card = dimensions.get(one.dimension), cards.get(one.dimension)
        found.append(
            Feedback(
                dimension=one.dimension,
                title=dimension.title if dimension else title_of(one.dimension),
                threshold=one.threshold,
                reach=reach(dimension, one.threshold),
                own=one.self_score,
                card=card,
                confirmed=one.confirmed,
                says=_says(one, card.draft if card else None),
            )
        )
    return found


def title_of(dimension: str) -> str:
    """A dimension's name for people, where its framework is gone."""
    return dimension.replace("_", " ").capitalize()


def reach(dimension: Dimension | None, threshold: int) -> str:
    """What a score at the threshold takes, in the rubric's words; empty where it isn't known."""
    if dimension is None:
        return ""
    return next((anchor.text for anchor in dimension.anchors if anchor.value == threshold), "")


def _says(one: StandingOut, draft: ScorePart | None) -> str:
    if one.confirmed is not None:
        return f"Given by a person: {one.confirmed}, {distance(one.confirmed, one.threshold)}."
    if one.scored:
        return "A person found nothing of it to score."
    if draft is None:
        return ""
    if draft.value is None:
        return f"The draft has no score: {draft.reason or 'nothing to observe'}"
    return f"The draft is {draft.value}: {distance(draft.value, one.threshold)}."


def distance(value: int, threshold: int) -> str:
    """How far a score is from a threshold, in words."""
    if value == threshold:
        return f"at the {threshold} that is asked for"
    way = "above" if value > threshold else "below"
    return f"{abs(value - threshold)} {way} the {threshold} that is asked for"


@dataclass(frozen=True, slots=True)
class Told:
    """The moment behind a decision; `named` by the coach, else what weighed most where it was closest."""

    quote: Quote
    title: str
    named: bool


def moment(found: Sequence[Feedback], named: Quote | None) -> Told | None:
    """The moment that decided an attempt; None where nothing can be quoted."""
    if named is not None:
        return Told(named, "", named=True)
    scored = [(one.confirmed - one.threshold, one) for one in found if one.confirmed is not None]
    for _, one in sorted(scored, key=lambda pair: pair[0]):
        if one.card and one.card.quotes:
            return Told(one.card.quotes[0], one.title, named=False)
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """An attempt beside others."""

    attempt: AttemptOut
    state: str
    found: Mapping[str, Feedback]
    seconds: float | None


def rows(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Dimensions that any of the attempts has a threshold for: id and title, in order."""
    titles: dict[str, str] = {}
    for column in columns:
        titles |= {name: one.title for name, one in column.found.items()}
    return list(titles.items())
