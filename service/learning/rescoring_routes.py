"""Routes of scoring a team's calls anew by what is in use, and of what changed by it."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query

from models.errors import CallError
from service import jobs
from service.auth.permissions import Action, Relation, Who, to_team
from service.auth.told import told
from service.edge import Db, PartsOf, Signed, cursor, newest_place, require
from service.learning import rescoring
from service.learning.run_routes import titles
from service.learning.shapes import (
    ChangedOut,
    ChangeOut,
    RescoredOut,
    RescoringIn,
    RescoringOut,
    RescoringsOut,
)
from service.learning.tables import Rescoring
from service.privacy.store import record
from service.problems import NotFound

router = APIRouter(tags=["learning"])
TeamId = Annotated[uuid.UUID, Path(description="The team.")]
Cursor = Annotated[str | None, Query(alias="cursor", description="Where a list goes on.")]
Limit = Annotated[int, Query(ge=1, le=200)]
NO_TEAM = "There is no such team, or you aren't part of it."


def _manages(who: Who, team: uuid.UUID) -> None:
    relations = to_team(who, team)
    if Relation.MEMBER not in relations:
        raise NotFound(NO_TEAM)
    require(who, Action.CALL_RUN, relations)


async def _out(session: Db, who: Who, row: Rescoring, by: str, share: float) -> RescoringOut:
    found = await rescoring.progress(session, who, row, share)
    return RescoringOut(
        id=row.id,
        team=row.team_id,
        by=by,
        first_day=row.first_day,
        created_at=row.created_at,
        queued=row.done_at is not None,
        calls=found.calls,
        waiting=found.waiting,
        changed=found.changed,
        hidden=found.hidden,
    )


@router.post(
    "/teams/{team_id}/rescorings",
    summary="Score a team's calls anew",
    status_code=202,
    responses=told(401, 403, 404, 422),
)
async def start(team_id: TeamId, body: RescoringIn, session: Db, who: Signed, parts: PartsOf) -> RescoringOut:
    """Those that other weights drafted, when nothing else waits. Earlier drafts and all reviews stay."""
    _manages(who, team_id)
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=body.days)
    row = await rescoring.begin(session, who, team_id, first)
    await jobs.enqueue(
        session, parts.queue, jobs.RESCORE, priority=jobs.BATCH, lock=str(row.id), rescoring_id=str(row.id)
    )
    record(session, who, "calls rescored", team=str(team_id), since=first.isoformat(), rescoring=str(row.id))
    return await _out(session, who, row, who.name, parts.settings.blind_share)


@router.get("/teams/{team_id}/rescorings", summary="A team's rescorings", responses=told(401, 403, 404, 422))
async def of_team(
    team_id: TeamId, session: Db, who: Signed, parts: PartsOf, at: Cursor = None, limit: Limit = 20
) -> RescoringsOut:
    """Newest first."""
    _manages(who, team_id)
    found = await rescoring.of_team(session, team_id, after=newest_place(at), limit=limit + 1)
    last = found[limit - 1][0] if len(found) > limit else None
    share = parts.settings.blind_share
    return RescoringsOut(
        rescorings=[await _out(session, who, row, by, share) for row, by in found[:limit]],
        next=cursor(last.created_at, last.id) if last else None,
    )


@router.get(
    "/rescorings/{rescoring_id}",
    summary="What a rescoring changed",
    responses=told(401, 403, 404, 422),
)
async def show(
    rescoring_id: Annotated[uuid.UUID, Path(description="The rescoring.")],
    session: Db,
    who: Signed,
    parts: PartsOf,
    at: Cursor = None,
    limit: Limit = 50,
) -> RescoredOut:
    """Calls with another draft, before and after by dimension; none that you are to read blind first."""
    row, by = await rescoring.one(session, rescoring_id)
    if Relation.MANAGES not in to_team(who, row.team_id):
        raise NotFound(rescoring.NO_RESCORING)
    require(who, Action.CALL_RUN, to_team(who, row.team_id))
    share = parts.settings.blind_share
    found = await rescoring.changed(session, who, row, share, after=newest_place(at), limit=limit + 1)
    last = found[limit - 1].call if len(found) > limit else None
    for one in found[:limit]:
        record(
            session, who, "drafts compared", about=one.call.rep_id, call=one.call.id, rescoring=str(row.id)
        )
    return RescoredOut(
        rescoring=await _out(session, who, row, by, share),
        changed=[
            ChangedOut(
                call=one.call.id,
                title=one.call.title,
                before=one.before,
                after=one.after,
                changes=[
                    ChangeOut(
                        dimension=change.dimension,
                        title=_titles(one.call.framework).get(change.dimension, change.dimension),
                        before=change.before,
                        after=change.after,
                    )
                    for change in one.changes
                ],
            )
            for one in found[:limit]
        ],
        next=cursor(last.created_at, last.id) if last else None,
    )


def _titles(framework: str) -> dict[str, str]:
    try:
        return titles(framework)
    except CallError:  # a file that is gone; its calls keep their scores
        return {}
