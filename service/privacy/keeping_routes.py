"""Routes about what is kept and what goes: retention, holds, the erasure of a person."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.auth import people
from service.auth.account_routes import in_person
from service.auth.permissions import Action
from service.auth.shapes import printable
from service.auth.told import told
from service.calls import store as calls
from service.calls.sweeping import discard
from service.edge import Db, PartsOf, Signed, check_tag, require
from service.privacy import erasure, retention, store
from service.problems import Conflict, NotFound

router = APIRouter(tags=["privacy"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
SOON = 7  # days


class Due(BaseModel):
    """How many calls lose their sound, or go whole."""

    recordings: int
    calls: int


class RetentionShown(BaseModel):
    """Days after which each kind goes, null for never, and what that means now and within a week."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "keep_recordings_days": 180,
                    "keep_transcripts_days": 730,
                    "keep_numbers": True,
                    "keep_audit_days": None,
                    "due": {"recordings": 0, "calls": 0},
                    "due_within_a_week": {"recordings": 12, "calls": 0},
                    "on_hold": 1,
                }
            ]
        }
    )

    keep_recordings_days: int | None
    keep_transcripts_days: int | None
    keep_numbers: bool
    keep_audit_days: int | None
    due: Due
    due_within_a_week: Due
    on_hold: int


class HoldWanted(BaseModel):
    """Why a call has to be kept."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Dispute 2026-114, until it is settled."}]}
    )

    reason: Annotated[str, Field(min_length=3, max_length=500), AfterValidator(printable)]


class HoldShown(HoldWanted):
    """A hold, by whom and since when."""

    set_by: uuid.UUID
    at: dt.datetime


class ErasureShown(BaseModel):
    """What went and, in words, what stays. Practice that wasn't submitted went too, and is not counted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "calls": 41,
                    "held": 0,
                    "remains": ["The audit log keeps what was done and when, by an id."],
                }
            ]
        }
    )

    calls: int
    held: int
    remains: list[str]


@router.get("/retention", summary="What goes by age, and when", responses=told(401, 403))
async def retention_now(session: Db, who: Signed, parts: PartsOf) -> RetentionShown:
    """The days are settings (`PATCH /settings`); workers look every hour."""
    require(who, Action.SETTINGS_EDIT)
    settings = parts.settings
    now = await retention.waiting(session, settings, 0)
    soon = await retention.waiting(session, settings, SOON)
    return RetentionShown(
        keep_recordings_days=settings.keep_recordings_days,
        keep_transcripts_days=settings.keep_transcripts_days,
        keep_numbers=settings.keep_numbers,
        keep_audit_days=settings.keep_audit_days,
        due=Due(recordings=now["recordings"], calls=now["calls"]),
        due_within_a_week=Due(recordings=soon["recordings"], calls=soon["calls"]),
        on_hold=now["on_hold"],
    )


@router.get("/calls/{call_id}/hold", summary="Whether a call is on hold", responses=told(401, 404, 422))
async def hold(call_id: CallId, session: Db, who: Signed) -> HoldShown | None:
    """Null where it isn't."""
    await calls.get(session, who, call_id)
    found = await store.hold_of(session, call_id)
    return HoldShown(reason=found.reason, set_by=found.set_by, at=found.at) if found else None


@router.put("/calls/{call_id}/hold", summary="Put a call on hold", responses=told(401, 403, 404, 422))
async def put_on_hold(call_id: CallId, body: HoldWanted, session: Db, who: Signed) -> HoldShown:
    """Until it is lifted nothing deletes the call: not its age, not a person, not an erasure."""
    call = await calls.get(session, who, call_id, Action.CALL_HOLD, lock=True)
    found = await store.put_on_hold(session, who, call.id, body.reason.strip())
    store.record(session, who, "call.held", about=call.rep_id, call=call.id)
    return HoldShown(reason=found.reason, set_by=found.set_by, at=found.at)


@router.delete(
    "/calls/{call_id}/hold", status_code=204, summary="Lift a hold", responses=told(401, 403, 404, 422)
)
async def lift_hold(call_id: CallId, session: Db, who: Signed) -> None:
    """From then on the call goes by age like any other."""
    call = await calls.get(session, who, call_id, Action.CALL_HOLD, lock=True)
    if not await store.lift_hold(session, call.id):
        raise NotFound("This call isn't on hold; there is nothing to lift.")
    store.record(session, who, "call.hold_lifted", about=call.rep_id, call=call.id)


@router.post(
    "/people/{person_id}/erasure",
    summary="Erase a person",
    responses=told(401, 403, 404, 409, 412, 422, 428),
)
async def erase(
    person_id: uuid.UUID,
    request: Request,
    session: Db,
    who: Signed,
    parts: PartsOf,
    after: BackgroundTasks,
) -> ErasureShown:
    """For good: the account, its calls and its practice go; If-Match takes the ETag of the account."""
    require(who, Action.PEOPLE_EDIT)
    in_person(who)
    if person_id == who.id:
        raise Conflict("Nobody erases themselves; ask another administrator.")
    await people.lock_administrators(session)
    found = await people.person(session, person_id, lock=True)
    check_tag(request, found.version)
    made = await erasure.erase(session, found)
    store.record(session, who, "person.erased", about=person_id, calls=made.calls, held=made.held)
    for key in made.keys:
        after.add_task(discard, parts, key)
    return ErasureShown(calls=made.calls, held=made.held, remains=list(made.remains))
