"""Resumable uploads by the tus protocol. Why not a library's: docs/decisions/0005-own-tus.md."""

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from service.auth.told import told
from service.calls import tus, uploads
from service.calls.receiving import Digest, too_large, write
from service.calls.tables import Upload
from service.calls.views import example
from service.calls.who import who_asks
from service.edge import Db, Parts, PartsOf, Signed
from service.problems import Conflict, Problem, Unusable

router = APIRouter(prefix="/uploads", tags=["uploads"])
QUIET = 60.0  # seconds without a byte after which a connection is given up; the client resumes
UploadId = Annotated[uuid.UUID, Path(description="The upload.")]
Resumable = Annotated[str | None, Header(alias="Tus-Resumable", description=f"{tus.VERSION}.")]
_writing: set[uuid.UUID] = set()
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {tus.PIECE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class TooSlow(Problem):
    """A sender that fell silent."""

    status = HTTPStatus.REQUEST_TIMEOUT
    title = "Nothing came"


class UploadView(BaseModel):
    """How far an upload is, in bytes, and the call it became; `refusal` says why the file can't be used."""

    model_config = example(
        {
            "id": "a4c9a0c4-6c35-4d8e-9df0-0d5e6a3f1b77",
            "name": "northwind.wav",
            "length": 58694000,
            "offset": 35216400,
            "expires_at": "2026-04-08T08:15:00Z",
            "finished": False,
            "call": None,
            "duplicate": False,
            "refusal": None,
        }
    )

    id: uuid.UUID
    name: str
    length: int
    offset: int
    expires_at: dt.datetime
    finished: bool
    call: uuid.UUID | None
    duplicate: bool
    refusal: str | None


@router.options("", status_code=204, summary="What of tus is spoken here")
async def abilities(parts: PartsOf) -> Response:
    """Version, extensions and the largest size."""
    return Response(
        status_code=204,
        headers={
            **tus.HEADERS,
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(parts.settings.largest_upload),
        },
    )


@router.post("", status_code=201, summary="Begin an upload", responses=told(401, 403, 404, 412, 413, 422))
async def begin(
    request: Request,
    session: Db,
    who: Signed,
    parts: PartsOf,
    resumable: Resumable = None,
    upload_length: Annotated[str | None, Header(description="Bytes of the whole file.")] = None,
    upload_metadata: Annotated[
        str | None, Header(description="filename, team, rep, consent, ...: key and Base64, comma, ...")
    ] = None,
) -> Response:
    """The upload's address is in `Location`. What is said of the call is checked now."""
    tus.check_version(resumable)
    length = tus.whole_number("Upload-Length", upload_length)
    said = tus.metadata(upload_metadata)
    upload = await uploads.begin(session, parts.settings, who, length, said)
    place = f"{request.url.path.rstrip('/')}/{upload.id}"
    return Response(status_code=201, headers={**_headers(upload), "Location": place})


@router.head(
    "/{upload_id}", status_code=200, summary="How much has come", responses=told(401, 404, 410, 412, 422)
)
async def look(
    upload_id: UploadId, session: Db, who: Signed, parts: PartsOf, resumable: Resumable = None
) -> Response:
    """`Upload-Offset` is where to go on."""
    tus.check_version(resumable)
    upload = await uploads.find(session, who, upload_id)
    return Response(
        status_code=200,
        headers={
            **_headers(upload),
            "Upload-Offset": str(uploads.offset(parts.settings, upload)),
            "Upload-Length": str(upload.length),
            "Cache-Control": "no-store",
        },
    )


@router.get("/{upload_id}", summary="Look at an upload", responses=told(401, 404, 410, 422))
async def show(upload_id: UploadId, session: Db, who: Signed, parts: PartsOf) -> UploadView:
    """How far it is, or which call it became."""
    upload = await uploads.find(session, who, upload_id)
    return UploadView(
        id=upload.id,
        name=upload.name,
        length=upload.length,
        offset=uploads.offset(parts.settings, upload),
        expires_at=upload.expires_at,
        finished=upload.finished_at is not None,
        call=upload.call_id,
        duplicate=upload.duplicate,
        refusal=upload.refusal,
    )


@router.patch(
    "/{upload_id}",
    status_code=204,
    summary="Send a piece",
    responses=told(401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 507),
    openapi_extra=_BODY,
)
async def receive(
    upload_id: UploadId,
    request: Request,
    parts: PartsOf,
    resumable: Resumable = None,
    upload_offset: Annotated[str | None, Header(description="Where in the file the piece begins.")] = None,
) -> Response:
    """With the last piece the file is looked at and becomes a call, whose id is in `Ridealong-Call`."""
    tus.check_version(resumable)
    if request.headers.get("content-type", "") != tus.PIECE:
        raise tus.WrongType(f"Send the piece with Content-Type: {tus.PIECE}.")
    start = tus.whole_number("Upload-Offset", upload_offset)
    # A piece may take hours: no transaction is held while it comes.
    async with parts.database.transaction() as session:
        who = await who_asks(request, session)
        upload = await uploads.find(session, who, upload_id)
    if upload.finished_at is None:
        # All in one piece is hashed as it is written; of anything else the file on the disk is.
        digest = hashlib.sha256() if start == 0 else None
        end = await _append(parts, upload, start, request, digest)
        if end == upload.length:
            upload = await uploads.finish(parts, who, upload_id, digest.hexdigest() if digest else None)
    elif upload.refusal is not None:
        raise Unusable(upload.refusal)
    elif start != upload.length:
        raise _not_there(upload.length)
    else:
        end = upload.length
    headers = {**_headers(upload), "Upload-Offset": str(end)}
    if upload.call_id is not None:
        headers["Ridealong-Call"] = str(upload.call_id)
    return Response(status_code=204, headers=headers)


@router.delete(
    "/{upload_id}", status_code=204, summary="Give an upload up", responses=told(401, 403, 404, 410, 412, 422)
)
async def drop(
    upload_id: UploadId, session: Db, who: Signed, parts: PartsOf, resumable: Resumable = None
) -> Response:
    """What has come is removed; a call that it became stays."""
    tus.check_version(resumable)
    await uploads.drop(session, parts.settings, who, upload_id)
    return Response(status_code=204, headers=tus.HEADERS)


async def _append(parts: Parts, upload: Upload, start: int, request: Request, digest: Digest | None) -> int:
    """Write a piece to where the upload is; where it is then."""
    if upload.id in _writing:
        raise Conflict("Another connection is sending to this upload; wait a moment and ask for its offset.")
    _writing.add(upload.id)
    try:
        if start != (there := uploads.offset(parts.settings, upload)):
            raise _not_there(there)
        path = uploads.part_of(parts.settings, upload.id)
        return await write(_pieces(request), path, start, upload.length, digest)
    except OverflowError:
        raise too_large(upload.name, upload.length) from None
    except TimeoutError:
        raise TooSlow(f"Nothing came for {QUIET:g} seconds; ask for the offset and go on there.") from None
    except ClientDisconnect:
        raise TooSlow("The connection was cut; ask for the offset and go on there.") from None
    finally:
        _writing.discard(upload.id)


def _not_there(there: int) -> Conflict:
    return Conflict(
        f"The upload is at {there} bytes; go on from there.",
        headers={**tus.HEADERS, "Upload-Offset": str(there)},
    )


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(QUIET):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        yield piece


def _headers(upload: Upload) -> dict[str, str]:
    return {**tus.HEADERS, "Upload-Expires": tus.moment(upload.expires_at)}
