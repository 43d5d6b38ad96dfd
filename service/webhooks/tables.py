"""Rows about where messages go and how each fared."""

import uuid

from sqlalchemy import ARRAY, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, Moment, Now, Table


class Webhook(Table):
    """An address that is told of a team's events; `secret` signs what is sent."""

    __tablename__ = "webhook"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(String))
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Now]
    stopped_at: Mapped[Moment | None]


class Delivery(Table):
    """A message on its way: `status` is the last HTTP status, None while nobody has answered."""

    __tablename__ = "delivery"

    id: Mapped[Id]
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), index=True)
    event: Mapped[str]
    body: Mapped[Json]
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[Now]
    done_at: Mapped[Moment | None]
    dead_at: Mapped[Moment | None]
