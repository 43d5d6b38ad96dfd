"""What recordings look like: kept when they are decoded; a job draws those that came before that."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from service import jobs
from service.calls.tables import Recording
from service.database import Json, Now, Table
from service.edge import Parts


class Waveform(Table):
    """How loud a recording is from beginning to end; gone with the recording. No lists: it can't be drawn."""

    __tablename__ = "waveform"

    recording_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[Json]
    made_at: Mapped[Now]


async def kept(session: AsyncSession, recording: uuid.UUID) -> dict[str, Any] | None:
    """A recording's peaks and seconds; None where they weren't made yet."""
    row = await session.get(Waveform, recording)
    return row.body if row else None


async def keep(session: AsyncSession, recording: uuid.UUID, body: dict[str, Any]) -> None:
    """Keep what a recording looks like, unless it is kept or the recording gone."""
    if await session.scalar(select(Recording.id).where(Recording.id == recording).with_for_update()) is None:
        return
    row = insert(Waveform).values(recording_id=recording, body=body)
    await session.execute(row.on_conflict_do_nothing())


async def ask(session: AsyncSession, parts: Parts, recording: uuid.UUID) -> None:
    """Have a worker draw a recording, unless one is about to."""
    lock = f"draw {recording}"
    waiting = text("select 1 from procrastinate_jobs where lock = :lock and status in ('todo', 'doing')")
    if await session.scalar(waiting.bindparams(lock=lock)) is None:
        await jobs.enqueue(session, parts.queue, jobs.DRAW, lock=lock, recording_id=str(recording))
