"""Rows about who has read which text of the notice."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Now, Table


class Acknowledgement(Table):
    """A person has read a text; `version` is the beginning of its SHA-256. Another text is another row."""

    __tablename__ = "acknowledgement"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]
    at: Mapped[Now]
