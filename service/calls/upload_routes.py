"""Uploads in one request: a small file, or many at once with a CSV."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile

from service.auth.told import told
from service.calls import metadata_csv
from service.calls.details import Given, described
from service.calls.once import Key
from service.calls.receiving import file_name, size_shown, write
from service.calls.tables import Source
from service.calls.taking import Item, take_many, take_one
from service.calls.uploads import folder, temporary
from service.calls.views import AcceptedList, AcceptedView
from service.calls.who import who_asks
from service.edge import Parts, PartsOf
from service.problems import TooLarge, Unusable
from service.storage import CHUNK

router = APIRouter(prefix="/calls", tags=["uploads"])
SMALL = 256 * 1024**2
"""Bytes of the largest request with one file; larger ones are worth being resumable."""
MOST_FILES = 500
MOST_TABLE = 4 * 1024**2  # bytes of a CSV
_FIELD = 64 * 1024  # bytes of a form's text field
_TOLD = told(401, 403, 404, 409, 413, 422, 507)
_GIVEN: dict[str, Any] = {
    name: {"type": "string", "description": field.description} for name, field in Given.model_fields.items()
}
_AGAIN = {"type": "boolean", "description": "Make another call of a file that is known already."}
_BINARY = {"type": "string", "format": "binary"}


def _form_of(**more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {**more, "again": _AGAIN, **_GIVEN}, "required": [*more]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@router.post(
    "",
    status_code=201,
    summary="Upload a call",
    response_model=AcceptedView,
    responses={**_TOLD, 200: {"description": "The file is a call already.", "model": AcceptedView}},
    openapi_extra=_form_of(file=_BINARY),
)
async def upload(request: Request, parts: PartsOf, key: Key = None) -> JSONResponse:
    """A recording or a transcript, with what is to be said of it as fields of the form.

    Larger files, and any over a connection that may break, go to `/uploads`.
    """
    async with parts.database.transaction() as session:
        who = await who_asks(request, session)
    most = min(SMALL, parts.settings.largest_upload)
    async with limited_form(request, most, files=1) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise Unusable("file: send a recording or transcript in this field, as multipart/form-data.")
        values, again = _fields(form)
        given = described(values)
        async with on_disk(parts, sent) as path:
            item = Item(path, file_name(sent.filename or ""), given)
            status, body = await take_one(parts, who, item, source=Source.UPLOAD, again=again, key=key)
    return JSONResponse(body, status_code=status)


@router.post(
    "/batch",
    status_code=201,
    summary="Upload many calls with a CSV",
    response_model=AcceptedList,
    responses={**_TOLD, 200: {"description": "All of them are calls already.", "model": AcceptedList}},
    openapi_extra=_form_of(files={"type": "array", "items": _BINARY}, csv=_BINARY),
)
async def upload_many(request: Request, parts: PartsOf, key: Key = None) -> JSONResponse:
    """All of the files become calls, or none; the problem says everything that is wrong, by line and column.

    The CSV has a column `file` and any of the fields of an upload; fields of the form are for empty cells.
    """
    async with parts.database.transaction() as session:
        who = await who_asks(request, session)
    async with limited_form(request, parts.settings.largest_upload, files=MOST_FILES + 1) as form:
        table = form.get("csv")
        sent = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        if not isinstance(table, UploadFile) or not sent:
            raise Unusable("files, csv: send the recordings and the CSV file in these fields.")
        values, again = _fields(form, "files", "csv")
        described(values)
        if (table.size or 0) > MOST_TABLE:
            raise TooLarge(f"csv: it is larger than {size_shown(MOST_TABLE)}; send fewer lines at once.")
        rows = metadata_csv.read(metadata_csv.text_of(await table.read()), values)
        names = [file_name(file.filename or "") for file in sent]
        lines = metadata_csv.matched(rows, names)
        async with _all_on_disk(parts, sent) as paths:
            items = [
                Item(path, name, lines[name].given, lines[name].line)
                for path, name in zip(paths, names, strict=True)
            ]
            status, body = await take_many(parts, who, items, again=again, key=key)
    return JSONResponse(body, status_code=status)


def _fields(form: FormData, *files: str) -> tuple[dict[str, str], bool]:
    """The text fields of a form and whether it asks for another call of a known file."""
    values = {
        name: value
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in {"csrf_token", "file", *files}
    }
    return values, values.pop("again", "").lower() in {"true", "1", "on", "yes"}


@asynccontextmanager
async def limited_form(request: Request, most: int, *, files: int) -> AsyncIterator[FormData]:
    """The form of a request of at most so many bytes; its files lie on the disk, not in memory."""
    told_size = request.headers.get("content-length", "")
    if told_size.isdecimal() and int(told_size) > most:
        raise _over(most)
    limited = Request(request.scope, receive=_limited(request.receive, most))
    async with limited.form(max_files=files, max_fields=40, max_part_size=_FIELD) as form:
        yield form


def _over(most: int) -> TooLarge:
    return TooLarge(f"The request is larger than {size_shown(most)}; send the file by tus, to /uploads.")


def _limited(receive: Callable[[], Awaitable[Any]], most: int) -> Callable[[], Awaitable[Any]]:
    """A request's messages, refused where they add up to more; a length need not be told beforehand."""
    come = 0

    async def counted() -> Mapping[str, Any]:
        nonlocal come
        message: Mapping[str, Any] = await receive()
        come += len(message.get("body", b""))
        if come > most:
            raise _over(most)
        return message

    return counted


@asynccontextmanager
async def on_disk(parts: Parts, sent: UploadFile) -> AsyncIterator[Path]:
    """A sent file where it has a path."""
    async with temporary(parts.settings) as path:
        await write(_pieces(sent), path, 0, parts.settings.largest_upload)
        yield path


@asynccontextmanager
async def _all_on_disk(parts: Parts, sent: list[UploadFile]) -> AsyncIterator[list[Path]]:
    there = folder(parts.settings)
    there.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=there, prefix="request-") as place:
        paths = [Path(place, str(number)) for number in range(len(sent))]
        for file, path in zip(sent, paths, strict=True):
            await write(_pieces(file), path, 0, parts.settings.largest_upload)
        yield paths


async def _pieces(sent: UploadFile) -> AsyncIterator[bytes]:
    while piece := await sent.read(CHUNK):
        yield piece
