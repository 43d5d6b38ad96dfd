"""What the routes of reviews take and give, as pydantic models with examples."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.result import Result
from service.reviews.tables import Comment, Contest, Review

Reason = Annotated[str, Field(max_length=4000)]
Score = Annotated[int, Field(ge=1, le=5, strict=True)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GivenIn(_Shape):
    """A score for one dimension: the draft's value accepts it, another overrides it; null: not observed."""

    dimension: str
    value: Score | None
    reason: Reason = ""


class ReviewIn(_Shape):
    """Scores for some or all dimensions of the scoring that was read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "scoring": "6f1c2f53-9a53-4a34-9d0c-0d6f4a3c8f11",
                    "scores": [
                        {
                            "dimension": "discovery",
                            "value": 4,
                            "reason": "Went on to the cost of a late truck.",
                        }
                    ],
                }
            ]
        },
    )

    scoring: uuid.UUID
    scores: Annotated[list[GivenIn], Field(min_length=1, max_length=50)]


class ReviewOut(_Shape):
    """A review as it was given. `accepted`: the value is the draft's; both None while drafts are withheld."""

    id: uuid.UUID
    dimension: str
    value: int | None
    draft: int | None
    accepted: bool | None
    blind: bool
    reason: str
    reviewer_id: uuid.UUID
    reviewer: str
    scoring: uuid.UUID
    at: dt.datetime

    @classmethod
    def of(cls, row: Review, reviewer: str, *, withheld: bool = False) -> "ReviewOut":
        """From its row and the reviewer's name; `withheld`: the team isn't shown drafts of the dimension."""
        return cls(
            id=row.id,
            dimension=row.dimension,
            value=row.value,
            draft=None if withheld else row.draft,
            accepted=None if withheld else row.value == row.draft,
            blind=row.blind,
            reason=row.reason,
            reviewer_id=row.reviewer_id,
            reviewer=reviewer,
            scoring=row.scoring_id,
            at=row.at,
        )


class ReviewsOut(_Shape):
    """All reviews of a call, oldest first, and what counts now by dimension.

    `blind` is true while this reader has to score the call before seeing scores; then both are empty.
    """

    blind: bool
    reviews: list[ReviewOut]
    confirmed: dict[str, int | None]


class ScoringOut(_Shape):
    """One scoring of a call: what made it, when, of which transcript revision."""

    id: uuid.UUID
    number: int
    made_at: dt.datetime
    revision: int
    framework: str
    framework_version: str
    model_version: str


class AnalysisOut(_Shape):
    """A scoring with its document.

    While `blind` (a reviewer drawn for a blind read) or `self_score_first` (a rep who hasn't scored their own
    attempt) is true, the document comes without scorecard and features.
    """

    scoring: ScoringOut
    blind: bool
    self_score_first: bool
    document: Result


class ContestIn(_Shape):
    """What is contested, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"dimension": "next_step", "reason": "She agreed to Tuesday at 12:40."}]
        },
    )

    dimension: str
    reason: Annotated[str, Field(min_length=1, max_length=4000)]


class DecisionIn(_Shape):
    """How a contest ends: in words, and with the score that counts from now on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"value": 4, "decision": "Agreed, the date is there."}]},
    )

    value: Score | None
    decision: Annotated[str, Field(min_length=1, max_length=4000)]


class ContestOut(_Shape):
    """A contest and, once it is over, its end."""

    id: uuid.UUID
    call_id: uuid.UUID
    dimension: str
    by_id: uuid.UUID
    reason: str
    at: dt.datetime
    decided_by: uuid.UUID | None
    decision: str | None
    decided_at: dt.datetime | None

    @classmethod
    def of(cls, row: Contest) -> "ContestOut":
        """From its row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class ContestPage(_Shape):
    """Contests, newest first; `next` is the cursor of the following page."""

    items: list[ContestOut]
    next: str | None


class CommentIn(_Shape):
    """Words about a moment of the call, or about the whole of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"seconds": 312.5, "words": "Good place for 'why now?'"}]},
    )

    words: Annotated[str, Field(min_length=1, max_length=4000)]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class CommentOut(_Shape):
    """A comment and who made it."""

    id: uuid.UUID
    by_id: uuid.UUID
    by: str
    seconds: float | None
    words: str
    at: dt.datetime

    @classmethod
    def of(cls, row: Comment, by: str) -> "CommentOut":
        """From its row and the writer's name."""
        return cls(id=row.id, by_id=row.by_id, by=by, seconds=row.seconds, words=row.words, at=row.at)


def without_scores(document: dict[str, Any]) -> dict[str, Any]:
    """A document that doesn't tell the scores nor what they were made of."""
    return {**document, "scorecard": None, "features": None}
