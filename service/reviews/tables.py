"""Rows about reviews, blind reads, contests and comments. Reviews are only ever added."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, Moment, Now, Table


class Review(Table):
    """What a person says of one dimension of a call; the newest by anyone is the confirmed score.

    `value` is None for "not observed". `draft` is the machine's value at the time, None where it abstained;
    `scoring_id` is the scoring it speaks of, `features` what that was made of: training needs no words.
    """

    __tablename__ = "review"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    scoring_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scoring.id", ondelete="CASCADE"))
    dimension: Mapped[str]
    reviewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    draft: Mapped[int | None]
    value: Mapped[int | None]
    blind: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    features: Mapped[Json]
    at: Mapped[Now]

    __table_args__ = (
        Index("ix_review_call", "call_id", "dimension", "at"),
        Index("ix_review_reviewer", "reviewer_id", "at"),
        Index("ix_review_blind", "dimension", "at", postgresql_where=text("blind")),
        CheckConstraint("value between 1 and 5", name="value"),
    )


class BlindPick(Table):
    """Whether a person scores a call without seeing its draft; drawn once, by the stored seed."""

    __tablename__ = "blind_pick"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    blind: Mapped[bool]
    at: Mapped[Now]


class Contest(Table):
    """A rep's objection to a score; somebody other than its reviewer decides."""

    __tablename__ = "contest"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    dimension: Mapped[str]
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    at: Mapped[Now]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str | None]
    decided_at: Mapped[Moment | None]

    __table_args__ = (Index("ix_contest_open", "at", postgresql_where=text("decided_at is null")),)


class Comment(Table):
    """Something said about a moment of a call; `seconds` from its start, None for the whole call."""

    __tablename__ = "comment"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    seconds: Mapped[float | None]
    words: Mapped[str]
    at: Mapped[Now]
    removed_at: Mapped[Moment | None]
