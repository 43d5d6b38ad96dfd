"""Routes of the notice: its text as it holds now, and that one has read it."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from service.auth.permissions import Action
from service.auth.told import told
from service.edge import Db, PartsOf, Signed, require
from service.notice import store
from service.notice.text import notice
from service.privacy.store import record

router = APIRouter(tags=["privacy"])


class SectionOut(BaseModel):
    """A heading and its paragraphs."""

    heading: str
    paragraphs: list[str]


class NoticeOut(BaseModel):
    """What is done with recordings; `acknowledged_at` is when the reader said they read this very text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "5f1c0a9b3e77",
                    "sections": [
                        {"heading": "What is done", "paragraphs": ["A recording is turned into text."]}
                    ],
                    "acknowledged_at": None,
                }
            ]
        }
    )

    version: str
    sections: list[SectionOut]
    acknowledged_at: dt.datetime | None


class Read(BaseModel):
    """Which text was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": "5f1c0a9b3e77"}]})

    version: Annotated[str, Field(min_length=1, max_length=64)]


@router.get("/notice", summary="What is done with recordings, and on what ground", responses=told(401, 403))
async def read(session: Db, who: Signed, parts: PartsOf) -> NoticeOut:
    """The text as it holds now: what is kept how long is in it."""
    require(who, Action.ACCOUNT)
    now = notice(parts.settings)
    found = await store.acknowledged(session, who.id, now.version)
    return NoticeOut(
        version=now.version,
        sections=[SectionOut(heading=one.heading, paragraphs=[*one.paragraphs]) for one in now.sections],
        acknowledged_at=found.at if found else None,
    )


@router.post(
    "/notice/acknowledgement",
    summary="Say that one has read the notice",
    responses=told(401, 403, 412, 422),
)
async def acknowledge(body: Read, session: Db, who: Signed, parts: PartsOf) -> NoticeOut:
    """Stored with the text. It is no consent: it only says that one was told."""
    require(who, Action.ACCOUNT)
    now = notice(parts.settings)
    if await store.acknowledge(session, who.id, now, body.version):
        record(session, who, "notice acknowledged", about=who.id, version=now.version)
    return await read(session, who, parts)
