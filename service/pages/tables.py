"""Rows of the pages: what a recording looks like."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Json, Now, Table


class Waveform(Table):
    """How loud a recording is from beginning to end; gone with the recording."""

    __tablename__ = "waveform"

    recording_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[Json]
    made_at: Mapped[Now]
