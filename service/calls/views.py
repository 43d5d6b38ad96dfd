"""Calls as the API shows them: no scores and no words, those have routes of their own."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.auth.tables import Person
from service.calls.tables import Call, Recording, Stage

_CALL: dict[str, Any] = {
    "id": "7b1c0a52-6f0e-4f57-9d3a-0f3a1f4c2b11",
    "team": "0c9fd7c2-33f0-4a43-8f8e-4a3f4f6a7b20",
    "rep": {"id": "5e6f2a0e-8b4b-4f0e-9a55-1f1b7f0a9c33", "name": "Ines Rep"},
    "title": "Discovery with Northwind",
    "account": "Northwind",
    "call_type": "discovery",
    "happened_on": "2026-03-31",
    "state": "running",
    "reason": None,
    "source": "upload",
    "practice": False,
    "seconds": 1834.2,
    "created_at": "2026-04-01T08:15:00Z",
}
_STAGE: dict[str, Any] = {
    "name": "recognise",
    "state": "running",
    "share": 0.4,
    "version": None,
    "started_at": "2026-04-01T08:15:04Z",
    "finished_at": None,
    "clock_seconds": None,
    "processor_seconds": None,
    "attempts": 1,
    "error": None,
}
_DETAILED: dict[str, Any] = {
    **_CALL,
    "uploaded_by": {"id": "5e6f2a0e-8b4b-4f0e-9a55-1f1b7f0a9c33", "name": "Ines Rep"},
    "consent": "all_parties",
    "language": "en",
    "rep_speaker": None,
    "framework": "default",
    "context": None,
    "submitted_at": None,
    "updated_at": "2026-04-01T08:15:00Z",
    "version": 1,
    "file": {
        "name": "northwind.wav",
        "media_type": "audio/wav",
        "size": 58694000,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    "stages": [_STAGE],
}


def example(value: Any) -> ConfigDict:
    """A model's configuration with an example for the API's description."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class PersonView(BaseModel):
    """Somebody by name."""

    id: uuid.UUID
    name: str


class StageView(BaseModel):
    """How far a stage of the analysis is; `share` is 0 to 1."""

    model_config = example(_STAGE)

    name: str
    state: str
    share: float
    version: str | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    clock_seconds: float | None
    processor_seconds: float | None
    attempts: int
    error: str | None


class FileView(BaseModel):
    """The file that a call came as; `size` is bytes, None where only a transcript's words were kept."""

    name: str
    media_type: str
    size: int | None
    sha256: str | None


class CallRow(BaseModel):
    """A call in a list. `seconds` is its length, once it is known; `reason` says why it isn't going on."""

    model_config = example(_CALL)

    id: uuid.UUID
    team: uuid.UUID
    rep: PersonView | None
    title: str
    account: str | None
    call_type: str | None
    happened_on: dt.date | None
    state: str
    reason: str | None
    source: str
    practice: bool
    seconds: float | None
    created_at: dt.datetime


class CallView(CallRow):
    """A call with all that was said of it and how far its analysis is; `version` is its ETag."""

    model_config = example(_DETAILED)

    uploaded_by: PersonView
    consent: str | None
    language: str | None
    rep_speaker: str | None
    framework: str
    context: str | None
    submitted_at: dt.datetime | None
    sound_deleted_at: dt.datetime | None = None
    updated_at: dt.datetime
    version: int
    file: FileView
    stages: list[StageView]


class CallPage(BaseModel):
    """Calls, newest first; `next` is the cursor of the following page, None on the last."""

    model_config = example({"items": [_CALL], "next": "WyIyMDI2LTA0LTAxIl0"})

    items: list[CallRow]
    next: str | None


class AcceptedView(BaseModel):
    """What a file became. `duplicate_of` is an earlier call of the same file, maybe the answer itself."""

    model_config = example({"call": _DETAILED, "duplicate_of": None})

    call: CallView
    duplicate_of: uuid.UUID | None


class AcceptedList(BaseModel):
    """What each file of a batch became, in the order they were sent."""

    model_config = example({"items": [{"call": _DETAILED, "duplicate_of": None}]})

    items: list[AcceptedView]


def row_of(call: Call, rep: Person | None) -> CallRow:
    """A call in a list."""
    return CallRow(**_common(call, rep))


def _common(call: Call, rep: Person | None) -> dict[str, Any]:
    same = set(CallRow.model_fields) - {"team", "rep"}
    values = {name: getattr(call, name) for name in same}
    return {**values, "team": call.team_id, "rep": _person(rep)}


def _person(person: Person | None) -> PersonView | None:
    return PersonView(id=person.id, name=person.name) if person else None


def view_of(
    call: Call, *, rep: Person | None, uploader: Person, recording: Recording | None, stages: Iterable[Stage]
) -> CallView:
    """A call with everything."""
    more = {
        name: getattr(call, name)
        for name in set(CallView.model_fields) - set(CallRow.model_fields) - {"uploaded_by", "file", "stages"}
    }
    if recording:
        file = FileView(
            name=recording.name,
            media_type=recording.media_type,
            size=recording.size,
            sha256=recording.sha256,
        )
    else:
        name = call.transcript_name or "transcript"
        file = FileView(name=name, media_type="text/plain", size=None, sha256=None)
    shown = [StageView(**{name: getattr(stage, name) for name in StageView.model_fields}) for stage in stages]
    return CallView(
        **_common(call, rep),
        **more,
        uploaded_by=PersonView(id=uploader.id, name=uploader.name),
        file=file,
        stages=shown,
    )
