"""Routes of what is one's own: everything about oneself as an archive."""

import tempfile
from collections.abc import AsyncIterator
from typing import IO, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls.uploads import folder
from service.edge import Db, PartsOf, Signed, require
from service.mine import archive
from service.privacy.store import record
from service.storage import CHUNK

router = APIRouter(tags=["privacy"])


@router.get(
    "/me/export.zip",
    summary="Everything about oneself, to take away",
    response_class=StreamingResponse,
    responses={
        **told(401, 403, 422),
        200: {"content": {"application/zip": {}}, "description": "JSON, and recordings if asked for."},
    },
)
async def export(
    session: Db,
    who: Signed,
    parts: PartsOf,
    recordings: Annotated[bool, Query(description="The recordings, too; that can be large.")] = False,
) -> StreamingResponse:
    """Account, log, calls with transcripts and scores, practice, what one wrote about others' calls."""
    require(who, Action.CALL_EXPORT, frozenset({Relation.OWN}))
    record(session, who, "exported", about=who.id, form="everything", recordings=recordings)
    there = folder(parts.settings)
    there.mkdir(parents=True, exist_ok=True)
    # Without a name on the disk: it is gone when it is closed, or the process ends.
    file = tempfile.TemporaryFile(dir=there)  # noqa: SIM115 - closed when it has been sent
    try:
        await archive.write(session, parts, who, file, recordings=recordings)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    headers = {
        "Content-Disposition": 'attachment; filename="ridealong.zip"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_sent(file), media_type="application/zip", headers=headers)


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
