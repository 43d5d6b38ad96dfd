"""The sound of a call, in ranges, for players."""

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.auth.told import told
from service.calls.ranges import NotSatisfiable, asked
from service.calls.store import get
from service.calls.tables import Call, Recording
from service.edge import Db, Parts, PartsOf, Signed
from service.privacy import store as audit
from service.privacy.tables import Entry
from service.problems import MEDIA_TYPE, NotFound, Problem

router = APIRouter(tags=["calls"])
LISTENING = dt.timedelta(hours=1)
"""Requests for a call's sound by one person within this time are one listening."""
SOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording.", "content": {"audio/*": {}, "video/*": {}}},
    206: {"description": "The range that was asked for.", "content": {"audio/*": {}, "video/*": {}}},
    416: {"description": "The range begins after the end.", "content": {MEDIA_TYPE: {}}},
}


class OutOfRange(Problem):
    """No byte of the file is in the range."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    title = "No such range"


@router.head(
    "/calls/{call_id}/audio",
    summary="Look at the size and type of a call's sound",
    response_class=StreamingResponse,
    responses={**told(401, 404, 422), **SOUND},
)
@router.get(
    "/calls/{call_id}/audio",
    summary="Listen to a call",
    response_class=StreamingResponse,
    responses={**told(401, 404, 422), **SOUND},
)
async def audio(
    call_id: Annotated[uuid.UUID, Path(description="The call.")],
    request: Request,
    session: Db,
    who: Signed,
    parts: PartsOf,
    range_: Annotated[str | None, Header(alias="Range", description="Such as bytes=0-65535.")] = None,
    if_range: Annotated[str | None, Header(description="The ETag that the range is of.")] = None,
) -> Response:
    """The recording as it was sent, whole or the range that the Range header asks for."""
    call = await get(session, who, call_id)
    return await of_call(session, who, parts, call, request.method, range_, if_range)


async def of_call(
    session: AsyncSession,
    who: Who,
    parts: Parts,
    call: Call,
    method: str,
    range_: str | None,
    if_range: str | None,
) -> Response:
    """The sound of a call to somebody who may hear it; written to the audit log.

    Raises:
        NotFound: it has none, or the file is missing.
        OutOfRange: the range begins after the end.
    """
    recording = await session.get(Recording, call.recording_id) if call.recording_id else None
    if recording is None and call.sound_deleted_at is not None:
        raise NotFound("The sound of this call was deleted, as retention here has it; read its transcript.")
    if recording is None:
        raise NotFound("This call came as a transcript; there is no recording of it.")
    if await parts.storage.size(recording.key) != recording.size:
        raise NotFound("The recording's file is missing from storage; tell whoever runs the service.")
    tag = f'"{recording.sha256}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"inline; filename*=utf-8''{quote(recording.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    try:
        part = asked(range_, recording.size, if_range=if_range, tag=tag)
    except NotSatisfiable:
        whole = f"bytes */{recording.size}"
        raise OutOfRange(
            f"The recording has {recording.size} bytes.", headers={"Content-Range": whole}
        ) from None
    start, stop = (part.start, part.stop) if part else (0, recording.size)
    headers["Content-Length"] = str(stop - start)
    if part:
        headers["Content-Range"] = part.content_range(recording.size)
    status = 206 if part else 200
    if method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=recording.media_type)
    await _note(session, who, call)
    pieces = parts.storage.read(recording.key, start, stop)
    return StreamingResponse(pieces, status_code=status, headers=headers, media_type=recording.media_type)


async def _note(session: AsyncSession, who: Who, call: Call) -> None:
    """Write a listening to the audit log, once for all the ranges that a player asks for."""
    since = dt.datetime.now(dt.UTC) - LISTENING
    query = select(Entry.id).where(Entry.call_id == call.id, Entry.actor_id == who.id, Entry.at > since)
    if await session.scalar(query.where(Entry.action == "call.listened").limit(1)) is None:
        audit.record(session, who, "call.listened", about=call.rep_id, call=call.id)
