"""Routes of coaching notes: the three questions after a call, one thing to practise, when to talk next."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.auth.permissions import Action, Who
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call
from service.coaching import notes
from service.edge import Db, PartsOf, Signed, check_tag, etag
from service.privacy.store import record
from service.problems import Conflict, Forbidden, NotFound
from service.reviews import blind

router = APIRouter(tags=["coaching"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
NoteId = Annotated[uuid.UUID, Path(description="The note.")]
Answer = Annotated[str, Field(min_length=1, max_length=4000)]
_PROBLEMS = told(401, 403, 404, 409, 422)
_EDIT_PROBLEMS = told(401, 403, 404, 412, 422, 428)
_NOTE: dict[str, Any] = {
    "skill": "discovery",
    "went_well": "You asked what a wrong route costs, and waited.",
    "differently": "Ask who else decides before you name a price.",
    "practise": "One question about the cost of doing nothing in every call.",
    "next_on": "2026-04-07",
}


class NoteIn(BaseModel):
    """What went well on the skill, what to do differently, what one thing to practise; when to talk next."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_NOTE]})

    went_well: Answer
    differently: Answer
    practise: Answer
    skill: str | None = None
    next_on: dt.date | None = None


class NoteOut(BaseModel):
    """A note as it stands; its ETag goes with an edit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_NOTE,
                    "id": "5f2f7a9e-4f3c-4f0e-a8a0-0d7e2f7f6c11",
                    "call_id": "7b1c0a52-6f0e-4f57-9d3a-0f3a1f4c2b11",
                    "by_id": "5e6f2a0e-8b4b-4f0e-9a55-1f1b7f0a9c33",
                    "by": "Carl",
                    "version": 1,
                    "created_at": "2026-04-01T09:00:00Z",
                    "edited_at": "2026-04-01T09:00:00Z",
                }
            ]
        }
    )

    id: uuid.UUID
    call_id: uuid.UUID
    by_id: uuid.UUID
    by: str
    version: int
    skill: str | None
    went_well: str
    differently: str
    practise: str
    next_on: dt.date | None
    created_at: dt.datetime
    edited_at: dt.datetime

    @classmethod
    def of(cls, found: notes.Written) -> "NoteOut":
        """From the rows of a note."""
        note, newest = found.note, found.newest
        same = ("skill", "went_well", "differently", "practise", "next_on")
        return cls(
            id=note.id,
            call_id=note.call_id,
            by_id=note.by_id,
            by=found.by,
            version=newest.version,
            created_at=note.created_at,
            edited_at=newest.at,
            **{name: getattr(newest, name) for name in same},
        )


class NoteVersionOut(BaseModel):
    """A note as it stood at a time."""

    version: int
    skill: str | None
    went_well: str
    differently: str
    practise: str
    next_on: dt.date | None
    at: dt.datetime


@router.get("/calls/{call_id}/notes", summary="Coaching notes on a call", responses=_PROBLEMS)
async def of_call(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> list[NoteOut]:
    """Oldest first; somebody who still reads the call blind is sent only their own."""
    call = await calls.get(session, who, call_id)
    found = await notes.of_call(session, call.id)
    if found and await blind.pending(session, who, call, parts.settings.blind_share):
        found = [one for one in found if one.note.by_id == who.id]
    if found:
        record(session, who, "notes viewed", about=call.rep_id, call=call.id)
    return [NoteOut.of(one) for one in found]


@router.post("/calls/{call_id}/notes", summary="Write a coaching note", status_code=201, responses=_PROBLEMS)
async def write(call_id: CallId, body: NoteIn, session: Db, who: Signed, response: Response) -> NoteOut:
    """One for each writer; the rep sees it."""
    call = await calls.get(session, who, call_id, Action.NOTE_WRITE, lock=True)
    notes.check_skill(call, body.skill)
    made = await notes.write(session, who, call, notes.Answers(**body.model_dump()))
    record(session, who, "note written", about=call.rep_id, call=call.id)
    response.headers["ETag"] = etag(made.note.version)
    return NoteOut.of(made)


@router.put("/notes/{note_id}", summary="Edit one's coaching note", responses=_EDIT_PROBLEMS)
async def edit(
    note_id: NoteId, body: NoteIn, request: Request, session: Db, who: Signed, response: Response
) -> NoteOut:
    """Only its writer can; earlier versions are kept."""
    found, call = await _seen(session, who, note_id, lock=True)
    if found.note.by_id != who.id or not calls.allowed(who, Action.NOTE_WRITE, call):
        raise Forbidden("Only its writer edits a note; write one of your own.")
    check_tag(request, found.note.version)
    notes.check_skill(call, body.skill)
    made = await notes.edit(session, found.note, notes.Answers(**body.model_dump()))
    record(session, who, "note edited", about=call.rep_id, call=call.id, version=made.note.version)
    response.headers["ETag"] = etag(made.note.version)
    return NoteOut.of(made)


@router.get("/notes/{note_id}/history", summary="A note's versions", responses=_PROBLEMS)
async def history(note_id: NoteId, session: Db, who: Signed, parts: PartsOf) -> list[NoteVersionOut]:
    """Newest first."""
    found, call = await _seen(session, who, note_id)
    others = found.note.by_id != who.id
    if others and await blind.pending(session, who, call, parts.settings.blind_share):
        raise Conflict("You were drawn to read this call blind; score all of it first.")
    record(session, who, "note viewed", about=call.rep_id, call=call.id)
    rows = await notes.history(session, note_id)
    return [
        NoteVersionOut(**{name: getattr(row, name) for name in NoteVersionOut.model_fields}) for row in rows
    ]


async def _seen(session: Db, who: Who, note: uuid.UUID, *, lock: bool = False) -> tuple[notes.Written, Call]:
    found = await notes.one(session, note, lock=lock)
    try:
        return found, await calls.get(session, who, found.note.call_id)
    except NotFound:
        raise NotFound(notes.NO_NOTE) from None
