"""Queries about transcripts and their revisions."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from service.calls.tables import TranscriptRevision


async def newest(session: AsyncSession, call_id: uuid.UUID) -> TranscriptRevision | None:
    """The transcript that counts; None before there is one."""
    query = select(TranscriptRevision).where(TranscriptRevision.call_id == call_id)
    return await session.scalar(query.order_by(TranscriptRevision.revision.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Outline:
    """A transcript without its words: its number, who speaks by first appearance, what else is kept of it."""

    revision: int
    labels: tuple[str, ...]
    body: Mapping[str, Any]


async def outline(session: AsyncSession, call_id: uuid.UUID) -> Outline | None:
    """The transcript that counts, without reading the words, most of a megabyte for an hour."""
    body = TranscriptRevision.body
    said = func.jsonb_path_query_array(body, cast("$.turns[*].speaker", JSONPATH))
    query = select(TranscriptRevision.revision, said, body.op("-")("turns"))
    query = query.where(TranscriptRevision.call_id == call_id).order_by(TranscriptRevision.revision.desc())
    row = (await session.execute(query.limit(1))).first()
    return Outline(row[0], tuple(dict.fromkeys(row[1])), row[2]) if row else None


async def by_number(session: AsyncSession, call_id: uuid.UUID, number: int) -> TranscriptRevision | None:
    """A transcript as it stood; None where there is no such revision."""
    return await session.get(TranscriptRevision, (call_id, number))


async def all_of(session: AsyncSession, call_id: uuid.UUID) -> list[TranscriptRevision]:
    """Every revision without its words, newest first."""
    query = select(TranscriptRevision).where(TranscriptRevision.call_id == call_id)
    query = query.options(defer(TranscriptRevision.body)).order_by(TranscriptRevision.revision.desc())
    return list(await session.scalars(query))


async def add(
    session: AsyncSession, call_id: uuid.UUID, body: dict[str, Any], *, by: uuid.UUID | None, note: str = ""
) -> TranscriptRevision:
    """A new revision; `by` is None for the machine. The call must be locked."""
    before = await newest(session, call_id)
    number = before.revision + 1 if before else 1
    made = TranscriptRevision(call_id=call_id, revision=number, made_by=by, note=note, body=body)
    session.add(made)
    await session.flush()
    await session.refresh(made, ["made_at"])
    return made
