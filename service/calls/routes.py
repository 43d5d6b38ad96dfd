"""The list of calls, one call, its edits and its deletion."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls import fetch_routes, sound_routes, tus_routes, upload_routes
from service.calls.changing import change
from service.calls.details import Described, clean
from service.calls.listing import Filters, page, removed, shown
from service.calls.store import get
from service.calls.sweeping import discard
from service.calls.tables import State
from service.calls.views import CallPage, CallView
from service.edge import MOST_ROWS, Db, PartsOf, Signed, check_tag, etag, newest_place, require
from service.privacy import store as audit

router = APIRouter()
for part in (upload_routes, fetch_routes, tus_routes, sound_routes):
    router.include_router(part.router)

CallId = Annotated[uuid.UUID, Path(description="The call.")]
Words = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(clean)]


@router.get("/calls", summary="List calls", tags=["calls"], responses=told(401, 403, 422))
async def calls(
    session: Db,
    who: Signed,
    team: Annotated[uuid.UUID | None, Query(description="Only this team's.")] = None,
    rep: Annotated[uuid.UUID | None, Query(description="Only this rep's.")] = None,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    call_type: Annotated[Words, Query(description="Only those of this type.")] = None,
    since: Annotated[dt.date | None, Query(description="Only those of this day or later.")] = None,
    until: Annotated[dt.date | None, Query(description="Only those of this day or earlier.")] = None,
    practice: Annotated[bool | None, Query(description="Only practice, or only real calls.")] = None,
    text: Annotated[Words, Query(description="Only those with this in title or account.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most calls on a page.")] = 50,
) -> CallPage:
    """Calls that you may see, the last to come in first."""
    require(who, Action.CALL_VIEW, frozenset({Relation.OWN}))
    filters = Filters(team, rep, state, call_type, since, until, practice, text)
    return await page(session, who, filters, newest_place(cursor), limit)


@router.get("/calls/{call_id}", summary="Look at a call", tags=["calls"], responses=told(401, 404, 422))
async def call(call_id: CallId, response: Response, session: Db, who: Signed) -> CallView:
    """What was said of it and how far its analysis is; `ETag` is for edits. Scores are under `/analysis`."""
    found = await get(session, who, call_id)
    response.headers["ETag"] = etag(found.version)
    return await shown(session, found)


@router.patch(
    "/calls/{call_id}",
    summary="Edit what is said of a call",
    tags=["calls"],
    responses=told(401, 403, 404, 409, 412, 422, 428),
)
async def edit(
    call_id: CallId,
    body: Described,
    request: Request,
    response: Response,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> CallView:
    """Only the fields that are sent change; null empties one. Needs `If-Match`.

    Consent lets a quarantined call be analysed; without it the analysis stops. A change of language, date,
    speaker or framework has what depends on it made again.
    """
    found = await get(session, who, call_id, Action.CALL_EDIT, lock=True)
    check_tag(request, found.version)
    await change(session, parts.settings, who, found, body)
    view = await shown(session, found)
    response.headers["ETag"] = etag(found.version)
    return view


@router.delete(
    "/calls/{call_id}",
    status_code=204,
    summary="Delete a call",
    tags=["calls"],
    responses=told(401, 403, 404, 409, 422),
)
async def delete(call_id: CallId, session: Db, who: Signed, parts: PartsOf, after: BackgroundTasks) -> None:
    """Ends its analysis, and removes everything of it, the recording too unless another call has it."""
    found = await get(session, who, call_id, Action.CALL_DELETE, lock=True)
    audit.record(session, who, "call.deleted", about=found.rep_id, call=found.id)
    key = await removed(session, found)
    if key is not None:
        # Only once the rows are gone for good; should the process end between, the sweeper finds it.
        after.add_task(discard, parts, key)
