"""Routes of the audit log: people see who did what with what is about them."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls import store as calls
from service.edge import MOST_ROWS, Db, PartsOf, Signed, cursor, place, require
from service.privacy import keeping_routes, store
from service.privacy.tables import Entry
from service.problems import Unusable
from service.reviews import blind

router = APIRouter(tags=["privacy"])
router.include_router(keeping_routes.router)
BIGGEST = 2**63 - 1  # of the database's bigint

Cursor = Annotated[str | None, Query(alias="cursor", max_length=500)]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS)]


class EntryShown(BaseModel):
    """Who did what, and when; `call_id` is the call it was done with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 4711,
                    "at": "2026-03-02T09:30:00Z",
                    "actor_id": "0b8f1c52-6f0e-4c39-9a55-3f5d9c1c7a10",
                    "actor": "Maria",
                    "action": "call.viewed",
                    "call_id": "9d2f8a34-0c1b-4f67-8a6e-2f4b6f0f9e21",
                    "detail": {},
                }
            ]
        }
    )

    id: int
    at: dt.datetime
    actor_id: uuid.UUID | None
    actor: str
    action: str
    call_id: uuid.UUID | None
    detail: dict[str, Any]


class Entries(BaseModel):
    """A page of the log; `next` is the cursor of the one after, null at the end."""

    items: list[EntryShown]
    next: str | None = None


def _page(rows: list[Entry], limit: int) -> Entries:
    page = rows[:limit]
    return Entries(
        items=[EntryShown.model_validate(row, from_attributes=True) for row in page],
        next=cursor(page[-1].id) if len(rows) > limit else None,
    )


def _before(after: str | None) -> int | None:
    found = place(after, 1)
    if found is None:
        return None
    if not found[0].isascii() or not found[0].isdigit() or len(found[0]) > 19 or int(found[0]) > BIGGEST:
        raise Unusable("cursor: not one of this list; leave it out to begin at the top.")
    return int(found[0])


@router.get("/audit", summary="What was done that is about me", responses=told(401, 403, 422))
async def about_me(session: Db, who: Signed, after: Cursor = None, limit: Limit = 50) -> Entries:
    """Views, changes, exports and deletions of one's calls and changes of one's account; newest first."""
    require(who, Action.AUDIT_OWN, frozenset({Relation.OWN}))
    return _page(await store.about(session, who.id, before=_before(after), limit=limit + 1), limit)


@router.get("/calls/{call_id}/audit", summary="What was done with a call", responses=told(401, 403, 404, 422))
async def of_call(
    call_id: uuid.UUID, session: Db, who: Signed, parts: PartsOf, after: Cursor = None, limit: Limit = 50
) -> Entries:
    """For its rep and managers of its team; newest first.

    Somebody who still has to score the call blind gets the entries without their details: these hold scores.
    """
    call = await calls.get(session, who, call_id, Action.AUDIT_OWN)
    found = _page(await store.of_call(session, call_id, before=_before(after), limit=limit + 1), limit)
    if await blind.pending(session, who, call, parts.settings.blind_share):
        found.items = [entry.model_copy(update={"detail": {}}) for entry in found.items]
    return found
