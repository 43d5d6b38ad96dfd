"""The route of the queue: what waits for a coach or manager."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls.views import PersonView
from service.coaching import frameworks, queue_store
from service.coaching.queue import Item, Kind, merged, why
from service.edge import Db, PartsOf, Signed, cursor, place, require
from service.problems import Unusable

router = APIRouter(tags=["coaching"])
NOT_OURS = "cursor: not one of this list; leave it out to begin at the top."
_ITEM: dict[str, Any] = {
    "kind": "practice",
    "about": "f0c9a1de-1f0e-4a53-9c44-0d6f4a3c8f11",
    "call": "7b1c0a52-6f0e-4f57-9d3a-0f3a1f4c2b11",
    "title": "The price is too high, second try",
    "rep": {"id": "5e6f2a0e-8b4b-4f0e-9a55-1f1b7f0a9c33", "name": "Ines Rep"},
    "since": "2026-04-01T08:15:00Z",
    "due": "2026-04-04T08:15:00Z",
    "overdue": False,
    "yours": True,
    "why": "Practice was submitted: passed, or not yet.",
}


class QueueItem(BaseModel):
    """Something that waits. `about` is the attempt, contest, calibration or call; `yours`: one can do it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    kind: Kind
    about: uuid.UUID
    call: uuid.UUID
    title: str
    rep: PersonView | None
    since: dt.datetime
    due: dt.datetime
    overdue: bool
    yours: bool
    why: str

    @classmethod
    def of(cls, item: Item, titles: dict[str, str]) -> "QueueItem":
        """From what the query found."""
        rep = PersonView(id=item.rep, name=item.rep_name or "") if item.rep else None
        return cls(
            kind=item.kind,
            about=item.about,
            call=item.call,
            title=item.title,
            rep=rep,
            since=item.since,
            due=item.due,
            overdue=item.due < dt.datetime.now(dt.UTC),
            yours=item.yours,
            why=why(item, titles),
        )


class QueuePage(BaseModel):
    """What waits, what is due first on top. `counts` by kind, up to 100, stand on the first page only."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [_ITEM], "next": None, "counts": {"practice": 1}}]}
    )

    items: list[QueueItem]
    next: str | None
    counts: dict[Kind, int] | None


@router.get("/queue", summary="What waits for one", responses=told(401, 403, 422))
async def queue(
    session: Db,
    who: Signed,
    parts: PartsOf,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    cursor_: Annotated[str | None, Query(alias="cursor", max_length=500, description="Of `next`.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> QueuePage:
    """For managers the calls of their teams, for coaches those of their reps; empty for everybody else.

    What is due first comes first; of what is due at the same moment, the oldest.
    """
    require(who, Action.CALL_VIEW, frozenset({Relation.OWN}))
    after = place(cursor_, 3)
    try:
        start = queue_store.place(after, parts.settings) if after else None
    except (ValueError, IndexError):
        raise Unusable(NOT_OURS) from None
    wanted = [kind] if kind else list(Kind)
    # The first page counts all kinds, by the rows that it fetches anyway.
    most, fetched = (limit + 1, wanted) if start else (max(limit + 1, queue_store.MOST_COUNTED), list(Kind))
    asked = queue_store.Asked(who, parts.settings, start, most)
    by_kind = await queue_store.items(session, asked, fetched)
    found = merged([by_kind[one] for one in wanted], limit + 1)
    last = found[limit - 1].place if len(found) > limit else None
    titles = frameworks.titles(parts.settings.framework)
    return QueuePage(
        items=[QueueItem.of(item, titles) for item in found[:limit]],
        next=cursor(last[1].isoformat(), last[2], last[3]) if last else None,
        counts=None
        if start
        else {one: min(len(rows), queue_store.MOST_COUNTED) for one, rows in by_kind.items()},
    )
