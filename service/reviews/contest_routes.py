"""Lists of contested scores: a team's, and one's own."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import ColumnElement, and_

from service.auth.permissions import Action, Relation, Who, to_team
from service.auth.told import told
from service.calls.store import visible
from service.calls.tables import Call
from service.edge import Db, PartsOf, Signed, cursor, newest_place, require
from service.privacy.store import record
from service.problems import NotFound
from service.reviews import blind, store
from service.reviews.shapes import ContestOut, ContestPage

router = APIRouter(tags=["reviews"])
Undecided = Annotated[bool, Query(description="Only those that nobody has decided.")]
Cursor = Annotated[str | None, Query(alias="cursor", max_length=500, description="Of `next`.")]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get(
    "/teams/{team_id}/contests", summary="Contested scores of a team", responses=told(401, 403, 404, 422)
)
async def of_team(
    team_id: Annotated[uuid.UUID, Path(description="The team.")],
    session: Db,
    who: Signed,
    parts: PartsOf,
    undecided: Undecided = False,
    cursor_: Cursor = None,
    limit: Limit = 50,
) -> ContestPage:
    """For managers those of the team, for coaches those of their reps; none of calls read blind."""
    if Relation.MEMBER not in to_team(who, team_id):
        raise NotFound("There is no such team, or you aren't part of it.")
    require(who, Action.CONTEST_DECIDE, to_team(who, team_id))
    shown = await blind.open_to(session, who, parts.settings.blind_share)
    condition = and_(Call.team_id == team_id, visible(who, Action.CONTEST_DECIDE), shown)
    return await _page(session, who, condition, undecided, newest_place(cursor_), limit)


@router.get("/me/contests", summary="Scores that one has contested", responses=told(401, 403, 422))
async def mine(
    session: Db, who: Signed, undecided: Undecided = False, cursor_: Cursor = None, limit: Limit = 50
) -> ContestPage:
    """Newest first."""
    require(who, Action.CALL_VIEW, frozenset({Relation.OWN}))
    condition = and_(Call.rep_id == who.id, visible(who))
    return await _page(session, who, condition, undecided, newest_place(cursor_), limit)


async def _page(
    session: Db,
    who: Who,
    condition: ColumnElement[bool],
    undecided: bool,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> ContestPage:
    found = await store.contests_of(session, condition, undecided=undecided, after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    for row in found[:limit]:
        record(session, who, "contest viewed", about=row.by_id, call=row.call_id)
    return ContestPage(
        items=[ContestOut.of(row) for row in found[:limit]],
        next=cursor(last.at.isoformat(), last.id) if last else None,
    )
