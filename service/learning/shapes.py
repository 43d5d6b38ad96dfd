"""What the API takes and gives about learning and scoring anew."""

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_FIGURES = {"kappa": 0.58, "low": 0.44, "high": 0.7, "bias": 0.9, "exact": 0.3, "within_one": 0.85}
_DIMENSION = {
    "dimension": "discovery",
    "title": "Discovery",
    "cases": 48,
    "people": True,
    "new": True,
    "before": {**_FIGURES, "coverage": 0.7},
    "after": {**_FIGURES, "kappa": 0.79, "bias": 0.1, "coverage": 0.8},
    "why": "Better: agreement is higher in 97% of 2,000 redrawn samples of these calls.",
}
_RUN: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000001",
    "framework": "default",
    "state": "done",
    "reason": None,
    "by": "Ada",
    "created_at": "2026-11-03T09:00:00Z",
    "finished_at": "2026-11-03T09:01:10Z",
    "reviews": 660,
    "calls": 132,
    "reviewers": 3,
    "data_hash": "4f1d2a9c0b3e",
    "against": "trained-0d9c3b1a7e55",
    "version": "trained-ab12cd34ef56",
    "figures": [_DIMENSION],
    "has_report": True,
    "says": "It made a version that agrees better on Discovery. An administrator decides whether it is used.",
}


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Agreement(BaseModel):
    """Drafts against held-out scores: quadratic weighted kappa, its 95 % interval, bias in points, shares."""

    kappa: float
    low: float
    high: float
    bias: float
    exact: float
    within_one: float
    coverage: float


class DimensionFound(BaseModel):
    """What a run found of a dimension. `people` tells whether people's scores alone decided."""

    dimension: str
    title: str
    cases: int
    people: bool
    new: bool
    before: Agreement | None
    after: Agreement | None
    why: str


class RunOut(BaseModel):
    """A run; `by` is null where the service began it itself, `version` where nothing was better."""

    model_config = _example(_RUN)

    id: uuid.UUID
    framework: str
    state: str
    reason: str | None
    by: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    reviews: int
    calls: int
    reviewers: int
    data_hash: str | None
    against: str | None
    version: str | None
    figures: list[DimensionFound]
    has_report: bool
    says: str


class RunsOut(BaseModel):
    """Runs, newest first; `next` is the cursor of the next page."""

    model_config = _example({"runs": [_RUN], "next": None})

    runs: list[RunOut]
    next: str | None


class RunIn(BaseModel):
    """What to learn for: a framework that calls are scored by, the usual one unless said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"framework": "default"}]})

    framework: str | None = Field(None, max_length=200)


class VersionOut(BaseModel):
    """A version of weights. `since` is when it was put in use last, null for never."""

    model_config = _example(
        {
            "version": "trained-ab12cd34ef56",
            "made_at": "2026-11-03T09:01:10Z",
            "learned": ["discovery"],
            "run": "00000000-0000-0000-0000-000000000001",
            "in_use": True,
            "since": "2026-11-03T09:30:00Z",
            "by": "Ada",
        }
    )

    version: str
    made_at: dt.datetime | None
    learned: list[str]
    run: uuid.UUID | None
    in_use: bool
    since: dt.datetime | None
    by: str | None


class LearningOut(BaseModel):
    """What drafts come from now, in figures and words. `calls` are yours that the version learned from.

    `new_calls` were reviewed since the last run; `waiting` is a version nobody has decided on.
    """

    model_config = _example(
        {
            "framework": "default",
            "version": "trained-ab12cd34ef56",
            "since": "2026-11-03T09:30:00Z",
            "calls": 132,
            "new_calls": 12,
            "waiting": None,
            "says": ["The drafts in use have learned from 132 of your team's reviewed calls."],
            "last_run": _RUN,
        }
    )

    framework: str
    version: str
    since: dt.datetime | None
    calls: int
    new_calls: int
    waiting: str | None
    says: list[str]
    last_run: RunOut | None


class UseIn(BaseModel):
    """The version to draft by from now on; `shipped` is what came with Ridealong."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": "trained-ab12cd34ef56"}]}
    )

    version: str = Field(min_length=1, max_length=100)
    framework: str | None = Field(None, max_length=200)


class RescoringIn(BaseModel):
    """How far back: calls of the last so many days."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"days": 30}]})

    days: int = Field(ge=1, le=3660)


class RescoringOut(BaseModel):
    """An order to score a team's calls anew. Counts are of calls whose scores are for you to see now.

    `hidden` are those that you are to read blind first; `queued` says that all calls are known.
    """

    model_config = _example(
        {
            "id": "00000000-0000-0000-0000-000000000002",
            "team": "00000000-0000-0000-0000-000000000003",
            "by": "Mara",
            "first_day": "2026-10-04",
            "created_at": "2026-11-03T10:00:00Z",
            "queued": True,
            "calls": 41,
            "waiting": 0,
            "changed": 9,
            "hidden": 2,
        }
    )

    id: uuid.UUID
    team: uuid.UUID
    by: str
    first_day: dt.date
    created_at: dt.datetime
    queued: bool
    calls: int
    waiting: int
    changed: int
    hidden: int


class ChangeOut(BaseModel):
    """A dimension whose draft is another one; null where there was or is none."""

    dimension: str
    title: str
    before: int | None
    after: int | None


class ChangedOut(BaseModel):
    """A call with other drafts than before, and the versions of the weights that made either."""

    model_config = _example(
        {
            "call": "00000000-0000-0000-0000-000000000004",
            "title": "Northwind, first call",
            "before": "prior-0d9c3b1a7e55",
            "after": "trained-ab12cd34ef56",
            "changes": [{"dimension": "value", "title": "Value", "before": 4, "after": 3}],
        }
    )

    call: uuid.UUID
    title: str
    before: str
    after: str
    changes: list[ChangeOut]


class RescoringsOut(BaseModel):
    """A team's rescorings, newest first; `next` is the cursor of the next page."""

    rescorings: list[RescoringOut]
    next: str | None


class RescoredOut(BaseModel):
    """A rescoring and the calls that it changed; `next` is the cursor of the next page."""

    rescoring: RescoringOut
    changed: list[ChangedOut]
    next: str | None
