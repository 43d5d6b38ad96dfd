"""Rows about scenarios, their examples, attempts and the decisions of coaches."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, Moment, Now, Table


class Scenario(Table):
    """A task to practise: what to do, by which framework, and what each dimension should reach."""

    __tablename__ = "scenario"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    skill: Mapped[str]
    instructions: Mapped[str]
    framework: Mapped[str] = mapped_column(default="default")
    thresholds: Mapped[Json]
    most_attempts: Mapped[int | None]
    example_call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call.id", ondelete="SET NULL"))
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Now]
    retired_at: Mapped[Moment | None]


class Attempt(Table):
    """A rep's go at a scenario. Thresholds and versions are those of the day; private until submitted.

    `self_scores` are what the rep gave before seeing the draft: empty if they chose not to, None until then.
    """

    __tablename__ = "attempt"

    id: Mapped[Id]
    scenario_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scenario.id"))
    rep_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), unique=True)
    number: Mapped[int]
    scenario_version: Mapped[int]
    framework_version: Mapped[str]
    thresholds: Mapped[Json]
    self_scores: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Now]
    submitted_at: Mapped[Moment | None]

    __table_args__ = (
        UniqueConstraint("scenario_id", "rep_id", "number"),
        Index("ix_attempt_rep", "rep_id", "created_at"),
    )


class Decision(Table):
    """A coach's word on a submitted attempt; only ever added, the newest counts.

    `evidence` is the position, in the document of `scoring_id`, of the words that decided it, None where the
    coach named none.
    """

    __tablename__ = "decision"

    id: Mapped[Id]
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), index=True)
    coach_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    passed: Mapped[bool]
    reason: Mapped[str]
    scoring_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("scoring.id", ondelete="CASCADE"))
    evidence: Mapped[int | None]
    at: Mapped[Now]


class Shared(Table):
    """A rep's agreement that a call of theirs may be an example for their team, until they take it back."""

    __tablename__ = "shared"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    rep_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Now]
