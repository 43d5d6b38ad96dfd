"""What the routes of practice take and give, as pydantic models with examples."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.practice.tables import Decision, Scenario

Score = Annotated[int, Field(ge=1, le=5, strict=True)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScenarioIn(_Shape):
    """What to practise. Without thresholds those of the framework hold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "The price is too high",
                    "skill": "objection",
                    "instructions": "The buyer likes it and says that it costs twice what they pay now.",
                    "framework": "default",
                    "thresholds": {"objection": 4},
                }
            ]
        },
    )

    title: Annotated[str, Field(min_length=1, max_length=200)]
    skill: Annotated[str, Field(min_length=1, max_length=100)]
    instructions: Annotated[str, Field(min_length=1, max_length=10_000)]
    framework: str = "default"
    thresholds: dict[str, Score] = {}
    most_attempts: Annotated[int, Field(ge=1, le=1000)] | None = None
    example_call_id: uuid.UUID | None = None


class ScenarioOut(ScenarioIn):
    """A scenario as it stands; an edit makes a new version, attempts keep the thresholds of theirs."""

    id: uuid.UUID
    team_id: uuid.UUID
    version: int
    created_at: dt.datetime
    retired_at: dt.datetime | None

    @classmethod
    def of(cls, row: Scenario) -> "ScenarioOut":
        """From its row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class ExampleTurn(_Shape):
    """What one side says in an example; `start` is in seconds, null without times."""

    speaker: str
    start: float | None
    text: str


class ExampleOut(_Shape):
    """A scenario's example: what is said in it, and whether it can be heard. It has no scores."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "Price, answered well",
                    "seconds": 184.2,
                    "has_sound": True,
                    "turns": [{"speaker": "buyer", "start": 3.1, "text": "That is twice what we pay."}],
                }
            ]
        },
    )

    title: str
    seconds: float | None
    has_sound: bool
    turns: list[ExampleTurn]


class SharedOut(_Shape):
    """Whether a rep agreed that a call of theirs may be heard by their team as an example, and since when."""

    shared: bool
    at: dt.datetime | None


class AttemptIn(_Shape):
    """A practice recording (uploaded with `practice` set) becomes an attempt.

    `self_scores` before the draft is seen; empty: none wanted; left out: later.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"call_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "self_scores": {"objection": 3}}]
        },
    )

    call_id: uuid.UUID
    self_scores: dict[str, Score] | None = None


class SelfScoresIn(_Shape):
    """What a rep gives themselves; empty to go on without."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"self_scores": {"objection": 3}}]}
    )

    self_scores: dict[str, Score]


class StandingOut(_Shape):
    """A threshold and what people have confirmed; `missing` is how far below it, None without a value.

    `scored` tells "not observed" from nobody's score yet: a decision needs all of them scored.
    """

    dimension: str
    threshold: int
    scored: bool
    confirmed: int | None
    missing: int | None
    self_score: int | None


class DecisionIn(_Shape):
    """Passed, or not yet, and why.

    `evidence` is the moment that decided it: a position in the evidence of the newest analysis.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"passed": True, "reason": "You asked before you answered.", "evidence": 7}]
        },
    )

    passed: bool
    reason: Annotated[str, Field(min_length=1, max_length=4000)]
    evidence: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class MomentOut(_Shape):
    """Words of the recording; `start` is in seconds, null without times."""

    speaker: str
    turn: int
    start: float | None
    quote: str


class DecisionOut(_Shape):
    """A coach's decision; `moment` are the words that decided it, if the coach named them."""

    passed: bool
    reason: str
    coach_id: uuid.UUID
    coach: str
    at: dt.datetime
    moment: MomentOut | None = None

    @classmethod
    def of(cls, row: Decision, coach: str, moment: MomentOut | None) -> "DecisionOut":
        """From its row, the coach's name and the moment it points at."""
        return cls(
            passed=row.passed, reason=row.reason, coach_id=row.coach_id, coach=coach, at=row.at, moment=moment
        )


class AttemptOut(_Shape):
    """An attempt; `standing` compares people's scores with thresholds, `decision` is a coach's or None.

    While `blind` (this reader has to score it before seeing scores) neither people's scores nor a decision
    are in it. A draft score is nowhere in it: the machine passes and fails nobody.
    """

    id: uuid.UUID
    scenario_id: uuid.UUID
    scenario: str
    rep_id: uuid.UUID
    call_id: uuid.UUID
    number: int
    scenario_version: int
    framework_version: str
    state: str
    blind: bool
    self_scores: dict[str, int] | None
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    standing: list[StandingOut]
    decision: DecisionOut | None


class AttemptPage(_Shape):
    """A page of attempts, newest first; `next` is the cursor of the one after, null at the end."""

    items: list[AttemptOut]
    next: str | None = None
