"""Rows about dimensions that only people score, and reviewers who accept every draft."""

import uuid

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Moment, Now, Table


class PeopleOnly(Table):
    """A time in which a team's drafts of a dimension are withheld, with the agreement that began it.

    Figures are quadratic weighted kappa and its 95 % interval of `pairs` blind reads; open while `ended_at`
    is None.
    """

    __tablename__ = "people_only"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    dimension: Mapped[str]
    kappa: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    pairs: Mapped[int]
    since: Mapped[Now]
    ended_at: Mapped[Moment | None]

    __table_args__ = (
        Index(
            "uq_people_only_open",
            "team_id",
            "dimension",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )


class AcceptanceNote(Table):
    """That a reviewer was told how often they accept drafts, and when; gone once they don't any more."""

    __tablename__ = "acceptance_note"

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    told_at: Mapped[Now]
