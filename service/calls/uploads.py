"""Resumable uploads: what has come lies in a file named by the upload's id, whose size is the offset.

Nothing else counts how far an upload is, so a process that is killed in the middle of a piece loses nothing
and repeats nothing. The row says whose it is, and which call it became: that is written with the call.
"""

import asyncio
import datetime as dt
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from service.auth.permissions import Action, Relation, Who
from service.calls.details import checked, described
from service.calls.ingest import accept
from service.calls.receiving import dated, examine, file_name, stored, too_large
from service.calls.tables import Source, Upload
from service.edge import Parts, require
from service.problems import NotFound, Problem, Unusable
from service.settings import Settings

NO_UPLOAD = "There is no such upload, or it isn't yours; begin a new one."
# What clients tell of a file besides; nothing of it is believed.
IGNORED = frozenset({"filetype", "type", "relativePath", "caption"})


class Gone(Problem):
    """An upload that lay unfinished for too long."""

    status = HTTPStatus.GONE
    title = "Expired"


def folder(settings: Settings) -> Path:
    """Where unfinished uploads lie."""
    return settings.data / "uploads"


@asynccontextmanager
async def temporary(settings: Settings) -> AsyncIterator[Path]:
    """A file on the disk of the uploads, gone afterwards; after a crash the sweeper finds it."""
    there = folder(settings)
    there.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=there, prefix="request-") as file:
        yield Path(file.name)


def part_of(settings: Settings, upload: uuid.UUID) -> Path:
    """What has come of an upload."""
    return folder(settings) / str(upload)


async def begin(
    session: AsyncSession, settings: Settings, who: Who, length: int, said: dict[str, str]
) -> Upload:
    """An upload of `length` bytes; whatever can be refused is refused now, before anything is sent.

    Raises:
        TooLarge: more than the service takes.
        Problem: what is said of the call can't be used, or isn't this person's to say.
    """
    values = {name: value for name, value in said.items() if name not in IGNORED}
    names = (values.pop("filename", ""), values.pop("name", ""))
    name = file_name(names[0] or names[1])
    if length > settings.largest_upload:
        raise too_large(name, settings.largest_upload)
    if length == 0:
        raise Unusable(f"{name}: the file is empty (0 bytes); export or upload it again.")
    again = values.pop("again", "")
    await checked(session, settings, who, described(values))
    upload = Upload(
        id=uuid.uuid4(),
        person_id=who.id,
        name=name,
        length=length,
        given={"details": values, "again": again == "true"},
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=settings.upload_days),
        duplicate=False,
    )
    session.add(upload)
    await session.flush()
    path = part_of(settings, upload.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return upload


async def find(session: AsyncSession, who: Who, upload_id: uuid.UUID, *, lock: bool = False) -> Upload:
    """An upload of the person's own.

    Raises:
        Forbidden: a token that isn't for uploads.
        NotFound: there is none.
        Gone: it has expired.
    """
    require(who, Action.CALL_UPLOAD, frozenset({Relation.MEMBER}))
    query = select(Upload).where(Upload.id == upload_id, Upload.person_id == who.id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(NO_UPLOAD)
    if found.expires_at <= dt.datetime.now(dt.UTC):
        raise Gone("The upload lay unfinished for too long; begin a new one.")
    return found


def offset(settings: Settings, upload: Upload) -> int:
    """How many bytes have come."""
    if upload.finished_at is not None:
        return upload.length
    try:
        return part_of(settings, upload.id).stat().st_size
    except FileNotFoundError:
        return 0


async def finish(parts: Parts, who: Who, upload_id: uuid.UUID, sha256: str | None = None) -> Upload:
    """Make a call of an upload that has come whole; whoever asks again gets the same call.

    `sha256` is its checksum, where all of it came in one piece.

    Raises:
        Unusable: the file can't be used; the upload keeps saying so.
        Problem: the person may not upload for that rep any more, or the disk or storage fails: ask again.
    """
    async with parts.intake, parts.database.transaction() as session:
        upload = await find(session, who, upload_id)
        _raise_refusal(upload)
        if upload.finished_at is not None:
            return upload
        details = await checked(session, parts.settings, who, described(upload.given["details"]))
    path = part_of(parts.settings, upload.id)
    try:
        found = await examine(path, upload.name, sha256)
    except (CallError, Unusable) as error:
        await _refuse(parts, who, upload_id, str(error))
        raise
    except FileNotFoundError:  # another request has finished it just now, and cleared up
        return await _finished(parts, who, upload_id)
    taken = await stored(parts.storage, found, details.team, ours=True)
    async with parts.intake, parts.database.transaction() as session:
        upload = await find(session, who, upload_id, lock=True)
        if upload.finished_at is None:
            accepted = await accept(
                session,
                parts,
                who,
                taken,
                dated(details, found),
                source=Source.UPLOAD,
                again=bool(upload.given["again"]),
            )
            upload.call_id = accepted.call.id
            upload.duplicate = not accepted.made
            upload.finished_at = dt.datetime.now(dt.UTC)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return upload


async def _finished(parts: Parts, who: Who, upload_id: uuid.UUID) -> Upload:
    async with parts.database.transaction() as session:
        upload = await find(session, who, upload_id)
        _raise_refusal(upload)
        if upload.finished_at is None:
            raise NotFound(NO_UPLOAD)
        return upload


def _raise_refusal(upload: Upload) -> None:
    if upload.refusal is not None:
        raise Unusable(upload.refusal)


async def _refuse(parts: Parts, who: Who, upload_id: uuid.UUID, why: str) -> None:
    async with parts.database.transaction() as session:
        upload = await find(session, who, upload_id, lock=True)
        upload.refusal = why
        upload.finished_at = dt.datetime.now(dt.UTC)
    part_of(parts.settings, upload_id).unlink(missing_ok=True)


async def drop(session: AsyncSession, settings: Settings, who: Who, upload_id: uuid.UUID) -> None:
    """End an upload; the call that a finished one became stays."""
    upload = await find(session, who, upload_id, lock=True)
    await session.delete(upload)
    part_of(settings, upload_id).unlink(missing_ok=True)
