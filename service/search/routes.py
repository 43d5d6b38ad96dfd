"""The route of search."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.edge import MOST_ROWS, Db, PartsOf, Signed, cursor, place, require
from service.problems import Unusable
from service.search import store

router = APIRouter(tags=["search"])
_PROBLEMS = told(401, 403, 422)
Score = Annotated[int | None, Query(ge=1, le=5)]


class HitOut(BaseModel):
    """A turn that was found. `audio` plays it from its second; ⟦ and ⟧ stand around the words in `text`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "call_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                    "title": "Renewal with Northgate",
                    "rep_id": None,
                    "happened_on": "2026-05-04",
                    "turn": 12,
                    "speaker": "buyer",
                    "starts": 312.4,
                    "text": "that is ⟦twice⟧ what we ⟦pay⟧ now",
                    "label": None,
                    "audio": "/api/v1/calls/0f8fad5b-d9cb-469f-a165-70867728950e/audio#t=312.4",
                }
            ]
        }
    )

    call_id: uuid.UUID
    title: str
    rep_id: uuid.UUID | None
    happened_on: dt.date | None
    turn: int
    speaker: str
    starts: float | None
    text: str
    label: str | None
    audio: str | None


class HitsOut(BaseModel):
    """A page of hits; `next` is the cursor of the following page, null at the end."""

    hits: list[HitOut]
    next: str | None


@router.get("/search", summary="Search calls", responses=_PROBLEMS)
async def search(
    session: Db,
    who: Signed,
    parts: PartsOf,
    q: Annotated[str | None, Query(max_length=400, description='Words; "a phrase", or, -not.')] = None,
    speaker: Annotated[str | None, Query(max_length=100, description="rep, buyer, buyer 2 ...")] = None,
    label: Annotated[
        str | None, Query(max_length=40, description="Evidence in the turn: objection ...")
    ] = None,
    team: uuid.UUID | None = None,
    rep: uuid.UUID | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    dimension: Annotated[str | None, Query(max_length=60, description="Whose score is meant.")] = None,
    least: Score = None,
    most: Score = None,
    after: Annotated[str | None, Query(alias="cursor", max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> HitsOut:
    """Turns in which everything that is asked for holds, newest calls first.

    A score is a person's where there is one, else the draft's; calls that one still reads blind aren't
    found by score.
    """
    require(who, Action.CALL_VIEW, frozenset({Relation.OWN}))
    asked = store.Asked(
        words=_words(q),
        speaker=speaker,
        label=label,
        team=team,
        rep=rep,
        since=since,
        until=until,
        dimension=dimension,
        least=least,
        most=most,
    )
    if asked == store.Asked(team=team, rep=rep, since=since, until=until):
        raise Unusable("Give words, a speaker, a label or a score to look for; GET /calls lists calls.")
    found = await store.hits(
        session, who, asked, blind_share=parts.settings.blind_share, after=_place(after), limit=limit + 1
    )
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return HitsOut(
        hits=[_hit(one) for one in found[:limit]],
        next=cursor(last.created_at.isoformat(), last.call_id, last.turn) if last else None,
    )


def _words(q: str | None) -> str | None:
    # PostgreSQL's text holds no NUL.
    return (q or "").replace("\0", " ").strip() or None


def _hit(one: store.Hit) -> HitOut:
    audio = None if one.starts is None else f"/api/v1/calls/{one.call_id}/audio#t={one.starts:g}"
    return HitOut(
        call_id=one.call_id,
        title=one.title,
        rep_id=one.rep_id,
        happened_on=one.happened_on,
        turn=one.turn,
        speaker=one.speaker,
        starts=one.starts,
        text=one.text,
        label=one.label,
        audio=audio,
    )


def _place(after: str | None) -> tuple[dt.datetime, uuid.UUID, int] | None:
    found = place(after, 3)
    if found is None:
        return None
    try:
        return dt.datetime.fromisoformat(found[0]), uuid.UUID(found[1]), int(found[2])
    except ValueError:
        raise Unusable("cursor: not one of this list; leave it out to begin at the top.") from None
