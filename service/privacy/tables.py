"""Rows of the audit log, which the database itself keeps from being changed."""

import uuid

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Json, Now, Table


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
