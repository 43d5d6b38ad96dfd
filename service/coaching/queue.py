"""What waits for a coach or manager: kinds, why each is there, until when, and how lists of them are merged.

Pure functions and values.
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from service.settings import Settings


class Kind(StrEnum):
    """Why something is in the queue; in the order in which things of the same moments stand."""

    PRACTICE = "practice"  # submitted, not decided
    CONTEST = "contest"  # of a score, not decided
    CALIBRATION = "calibration"  # one's scores are asked for, or a closed round is to be settled
    BLIND = "blind"  # drawn to score it without the draft
    BELOW_THRESHOLD = "below_threshold"  # a draft that nobody has reviewed
    LOW_CONFIDENCE = "low_confidence"  # a draft that nobody has reviewed


ORDER: Mapping[Kind, int] = {kind: place for place, kind in enumerate(Kind)}
Place = tuple[dt.datetime, dt.datetime, int, uuid.UUID]
"""Until when something should be done, since when it waits, its kind's place in `ORDER`, what it is about."""
SETTLE = "settle"  # the detail of a calibration that is closed


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits. `about` is the attempt, contest, round or call; `detail` fills in `why`."""

    kind: Kind
    about: uuid.UUID
    call: uuid.UUID
    title: str
    rep: uuid.UUID | None
    rep_name: str | None
    since: dt.datetime
    due: dt.datetime
    yours: bool
    detail: str = ""

    @property
    def place(self) -> Place:
        """Where it stands: what is due first, of those the oldest."""
        return self.due, self.since, ORDER[self.kind], self.about


def given(settings: Settings, kind: Kind) -> dt.timedelta:
    """How long there is for something of a kind."""
    days = {
        Kind.PRACTICE: settings.due_practice_days,
        Kind.CONTEST: settings.due_contest_days,
        Kind.CALIBRATION: settings.due_blind_days,
        Kind.BLIND: settings.due_blind_days,
        Kind.BELOW_THRESHOLD: settings.due_look_days,
        Kind.LOW_CONFIDENCE: settings.due_look_days,
    }[kind]
    return dt.timedelta(days=days)


def why(item: Item, titles: Mapping[str, str]) -> str:
    """Why it is here, in a sentence. It names no score."""
    named = ", ".join(titles.get(name, name.replace("_", " ")) for name in item.detail.split() if name)
    says = {
        Kind.PRACTICE: "Practice was submitted: passed, or not yet."
        if item.yours
        else "Practice was submitted: the rep's coach decides.",
        Kind.CONTEST: f"The score of {named} is contested: decide it."
        if item.yours
        else f"The score of {named} is contested. You gave it, so somebody else decides.",
        Kind.CALIBRATION: "A calibration you opened is closed: look at the spread and settle it."
        if item.detail == SETTLE
        else "A calibration waits for your scores.",
        Kind.BLIND: "You were drawn to score this call before you see its draft.",
        Kind.BELOW_THRESHOLD: f"Nobody has looked at a draft that is surely below its threshold: {named}.",
        Kind.LOW_CONFIDENCE: f"The draft is unsure of {named}."
        if named
        else "The draft leaves most dimensions unscored.",
    }
    return says[item.kind]


def merged(lists: Iterable[Sequence[Item]], limit: int) -> list[Item]:
    """The first of several lists that are each in order."""
    return list(islice(heapq.merge(*lists, key=lambda item: item.place), limit))
