"""Taking a recording in from a URL: asked for here, fetched by a worker."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from service.addresses import target_of
from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls import fetches
from service.calls.details import Given, checked
from service.calls.once import Key, fingerprint, once
from service.calls.tables import Fetch
from service.calls.views import example
from service.edge import Db, PartsOf, Signed, require
from service.problems import Forbidden

router = APIRouter(prefix="/calls/from-url", tags=["uploads"])


class FromUrl(Given):
    """Where a recording is, and what is said of the call."""

    url: Annotated[str, Field(max_length=2000, description="http or https, at a public address.")]
    again: Annotated[bool, Field(description="Make another call of a file that is known already.")] = False


class FetchView(BaseModel):
    """How far it is: `waiting`, `running`, `done` with the call it became, or `failed` with the reason."""

    model_config = example(
        {
            "id": "6f1f0f3c-9d2e-4a55-8a01-2f8d5f0a7c11",
            "host": "recordings.example.org",
            "state": "done",
            "reason": None,
            "call": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "duplicate": False,
            "created_at": "2026-05-04T09:30:00Z",
            "finished_at": "2026-05-04T09:31:10Z",
        }
    )

    id: uuid.UUID
    host: str
    state: str
    reason: str | None
    call: uuid.UUID | None
    duplicate: bool
    created_at: dt.datetime
    finished_at: dt.datetime | None


def _view(row: Fetch) -> FetchView:
    same = {name: getattr(row, name) for name in FetchView.model_fields if name != "call"}
    return FetchView(**same, call=row.call_id)


@router.post(
    "",
    status_code=202,
    summary="Take a call in from a URL",
    response_model=FetchView,
    responses=told(401, 403, 404, 409, 422),
)
async def from_url(
    request: Request, body: FromUrl, session: Db, who: Signed, parts: PartsOf, key: Key = None
) -> JSONResponse:
    """A worker fetches it; `Location` says how far it is. Off unless the settings turn it on."""
    require(who, Action.CALL_UPLOAD, frozenset({Relation.MEMBER}))
    if not parts.settings.url_import:
        raise Forbidden("Import from a URL is turned off here; upload the file (RIDEALONG_URL_IMPORT).")
    given = Given.model_validate(body.model_dump(exclude={"url", "again"}))
    target = await target_of(body.url, parts.reachable)
    await checked(session, parts.settings, who, given)
    said = given.model_dump(mode="json")

    async def work() -> tuple[int, dict[str, Any]]:
        row = await fetches.begin(session, parts, who, said, url=body.url, host=target.host, again=body.again)
        return 202, _view(row).model_dump(mode="json")

    request_of = fingerprint("from-url", body.url, said, body.again)
    status, answer = await once(session, who, key, request_of, work)
    place = f"{request.url.path.rstrip('/')}/{answer['id']}"
    return JSONResponse(answer, status_code=status, headers={"Location": place})


@router.get("/{fetch_id}", summary="How far an import is", responses=told(401, 403, 404, 422))
async def look(
    fetch_id: Annotated[uuid.UUID, Path(description="The import.")],
    response: Response,
    session: Db,
    who: Signed,
) -> FetchView:
    """For whoever began it."""
    require(who, Action.CALL_UPLOAD, frozenset({Relation.MEMBER}))
    response.headers["Cache-Control"] = "no-store"
    return _view(await fetches.find(session, who, fetch_id))
