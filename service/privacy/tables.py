"""Rows of the audit log, which the database guards, of holds, and of numbers that outlive a call."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, Now, Table


class Entry(Table):
    """Who did what to whose call, and when. No foreign keys: what is deleted stays in the log by its id.

    `about_id` is the person it is about, who may read it. `detail` holds no content of calls.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Now]
    actor_id: Mapped[uuid.UUID | None]
    actor: Mapped[str]
    action: Mapped[str]
    about_id: Mapped[uuid.UUID | None]
    call_id: Mapped[uuid.UUID | None]
    detail: Mapped[Json]

    __table_args__ = (
        Index("ix_audit_about", "about_id", "id"),
        Index("ix_audit_call", "call_id", "id"),
    )


class Hold(Table):
    """A call that must be kept, whatever its age and whoever asks; the database refuses to let go of it."""

    __tablename__ = "legal_hold"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), primary_key=True)
    reason: Mapped[str]
    set_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Now]


class KeptReview(Table):
    """The numbers of a review whose call was deleted by age: no words, no ids of calls or people.

    `call` and `rater` only tell which numbers are of the same call and by the same person; `day` is when.
    """

    __tablename__ = "kept_review"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    call: Mapped[uuid.UUID]
    rater: Mapped[uuid.UUID]
    framework: Mapped[str]
    framework_version: Mapped[str]
    dimension: Mapped[str]
    draft: Mapped[int | None]
    value: Mapped[int | None]
    blind: Mapped[bool]
    features: Mapped[Json]
    day: Mapped[dt.date]
