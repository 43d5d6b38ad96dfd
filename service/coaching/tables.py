"""Rows about coaching notes and calibration rounds."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Moment, Now, Table


class CoachingNote(Table):
    """What one coach or manager writes to the rep about a call; `version` is the newest of its versions."""

    __tablename__ = "coaching_note"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Now]

    __table_args__ = (UniqueConstraint("call_id", "by_id"),)


class NoteVersion(Table):
    """A coaching note as it stood; only ever added. `skill` is a dimension, None for the whole call."""

    __tablename__ = "note_version"

    note_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("coaching_note.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    skill: Mapped[str | None]
    went_well: Mapped[str]
    differently: Mapped[str]
    practise: Mapped[str]
    next_on: Mapped[dt.date | None]
    at: Mapped[Now]


class Calibration(Table):
    """A round in which several people score one scoring of a call without seeing its draft or each other.

    Open until `closed_at`; then the spread is shown and discussed, until `settled_at`.
    """

    __tablename__ = "calibration"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    scoring_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scoring.id", ondelete="CASCADE"))
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    question: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[Now]
    closed_at: Mapped[Moment | None]
    settled_at: Mapped[Moment | None]


class CalibrationPart(Table):
    """Somebody's part in a round; `scored_at` is None until their scores are in."""

    __tablename__ = "calibration_part"

    calibration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    scored_at: Mapped[Moment | None]

    __table_args__ = (Index("ix_calibration_part_person", "person_id", "scored_at"),)


class CalibrationScore(Table):
    """What somebody gave a dimension in a round; None for "not observed". Only ever added."""

    __tablename__ = "calibration_score"

    calibration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[Now]

    __table_args__ = (CheckConstraint("value between 1 and 5", name="value"),)


class CalibrationWord(Table):
    """Something said in the discussion of a round."""

    __tablename__ = "calibration_word"

    id: Mapped[Id]
    calibration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("calibration.id", ondelete="CASCADE"), index=True
    )
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str]
    at: Mapped[Now]


class CalibrationSettled(Table):
    """The value a round settled on, which is an ordinary review by whoever settled it."""

    __tablename__ = "calibration_settled"

    calibration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True
    )
    dimension: Mapped[str] = mapped_column(primary_key=True)
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
