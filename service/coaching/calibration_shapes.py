"""What the routes of calibration take and give, as pydantic models with examples."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.coaching.calibrations import Taking
from service.coaching.tables import Calibration
from service.reviews.shapes import GivenIn

_PERSON = "5e6f2a0e-8b4b-4f0e-9a55-1f1b7f0a9c33"
_ROUND: dict[str, Any] = {
    "id": "f0c9a1de-1f0e-4a53-9c44-0d6f4a3c8f11",
    "call_id": "7b1c0a52-6f0e-4f57-9d3a-0f3a1f4c2b11",
    "opened_by": _PERSON,
    "opener": "Ann",
    "question": "Is this a 3 or a 4 in discovery?",
    "opened_at": "2026-04-01T09:00:00Z",
    "closed_at": None,
    "settled_at": None,
}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CalibrationIn(_Shape):
    """Who scores the call, two at least (oneself, if one takes part), and what it is about."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"people": [_PERSON], "question": _ROUND["question"]}]},
    )

    people: Annotated[list[uuid.UUID], Field(min_length=1, max_length=20)]
    question: Annotated[str, Field(max_length=1000)] = ""


class ScoresIn(_Shape):
    """Every dimension once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"scores": [{"dimension": "discovery", "value": 3, "reason": "She asked twice."}]}]
        },
    )

    scores: Annotated[list[GivenIn], Field(min_length=1, max_length=50)]


class WordsIn(_Shape):
    """Something for the discussion."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"words": "The second question was leading."}]}
    )

    words: Annotated[str, Field(min_length=1, max_length=4000)]


class TakingOut(_Shape):
    """Somebody who takes part, and whether their scores are in."""

    id: uuid.UUID
    name: str
    scored: bool

    @classmethod
    def of(cls, found: Taking) -> "TakingOut":
        """From the query."""
        return cls(id=found.id, name=found.name, scored=found.scored)


class OneScore(_Shape):
    """What somebody gave; `value` None: not observed."""

    person: uuid.UUID
    name: str
    value: int | None
    reason: str


class SettledOut(_Shape):
    """What counts now."""

    value: int | None
    reason: str
    at: dt.datetime


class SpreadOut(_Shape):
    """A dimension: everybody's scores side by side, and what it settled on.

    `draft` is the machine's value, None where it abstained or is withheld.
    """

    dimension: str
    draft: int | None
    scores: list[OneScore]
    settled: SettledOut | None


class WordOut(_Shape):
    """Something that was said about the spread."""

    by: str
    words: str
    at: dt.datetime


class CalibrationRow(_Shape):
    """A round in a list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ROUND]})

    id: uuid.UUID
    call_id: uuid.UUID
    opened_by: uuid.UUID
    opener: str
    question: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    settled_at: dt.datetime | None

    @classmethod
    def of(cls, row: Calibration, opener: str) -> "CalibrationRow":
        """From its row."""
        return cls(**common(row, opener))


class CalibrationOut(CalibrationRow):
    """A round. While it is open nobody's scores are in it; `awaits_me` says that one's own are asked for.

    `dimensions` are what is scored. `blind` (this reader still has to read the call blind) keeps the spread
    from them after it, too.
    """

    people: list[TakingOut]
    dimensions: list[str]
    awaits_me: bool
    may_close: bool
    may_settle: bool
    blind: bool
    spread: list[SpreadOut]
    discussion: list[WordOut]


def common(row: Calibration, opener: str) -> dict[str, Any]:
    """The fields that a round has in lists, too."""
    same = set(CalibrationRow.model_fields) - {"opener"}
    return {**{name: getattr(row, name) for name in same}, "opener": opener}
