"""Routes about teams and who has what part in them."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.auth import people
from service.auth.people_shapes import Member, Parts, Teams, TeamShown, TeamWanted
from service.auth.permissions import Action, Relation, Who, may, to_team
from service.auth.tables import Team
from service.auth.told import told
from service.edge import MOST_ROWS, Db, Signed, check_tag, cursor, etag, place, require
from service.privacy.store import record
from service.problems import NotFound

router = APIRouter(prefix="/teams", tags=["teams"])


def _require_view(who: Who, team: uuid.UUID) -> None:
    """Go on only if the team is for somebody to see; others aren't told whether there is one."""
    if not may(who, Action.TEAM_VIEW, to_team(who, team)):
        require(who, Action.TEAM_VIEW, frozenset({Relation.MEMBER}))
        raise NotFound(people.NO_TEAM)


def _shown(row: Team) -> TeamShown:
    return TeamShown.model_validate(row, from_attributes=True)


@router.get("", summary="Teams", responses=told(401, 403, 422))
async def list_teams(
    session: Db,
    who: Signed,
    after: Annotated[str | None, Query(alias="cursor", max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> Teams:
    """One's own, or for an administrator all, by name."""
    require(who, Action.TEAM_VIEW, frozenset({Relation.MEMBER}))
    only = None if who.administrator else list(who.teams)
    found = place(after, 1)
    # What PostgreSQL can't store is in no name, so nothing is skipped without it.
    begin = found[0].encode(errors="ignore").decode().replace("\x00", "") if found else None
    rows = await people.teams(session, only, after=begin, limit=limit + 1)
    page = rows[:limit]
    further = cursor(page[-1].name) if len(rows) > limit else None
    return Teams(items=[_shown(row) for row in page], next=further)


@router.post("", status_code=201, summary="Add a team", responses=told(401, 403, 409, 422))
async def add_team(body: TeamWanted, response: Response, session: Db, who: Signed) -> TeamShown:
    """A team without members."""
    require(who, Action.PEOPLE_EDIT)
    made = await people.add_team(session, body.name)
    record(session, who, "team.added", team=str(made.id))
    response.headers["ETag"] = etag(made.version)
    return _shown(made)


@router.get("/{team_id}", summary="A team", responses=told(401, 403, 404, 422))
async def one_team(team_id: uuid.UUID, response: Response, session: Db, who: Signed) -> TeamShown:
    """For its members and administrators."""
    _require_view(who, team_id)
    found = await people.team(session, team_id)
    response.headers["ETag"] = etag(found.version)
    return _shown(found)


@router.patch("/{team_id}", summary="Rename a team", responses=told(401, 403, 404, 409, 412, 422, 428))
async def rename_team(
    team_id: uuid.UUID, body: TeamWanted, request: Request, response: Response, session: Db, who: Signed
) -> TeamShown:
    """Names are unique, whatever their case."""
    require(who, Action.PEOPLE_EDIT)
    found = await people.team(session, team_id, lock=True)
    check_tag(request, found.version)
    await people.rename_team(session, found, body.name)
    record(session, who, "team.edited", team=str(team_id))
    response.headers["ETag"] = etag(found.version)
    return _shown(found)


@router.delete(
    "/{team_id}", status_code=204, summary="Remove a team", responses=told(401, 403, 404, 409, 412, 422, 428)
)
async def remove_team(team_id: uuid.UUID, request: Request, session: Db, who: Signed) -> None:
    """Only one that no calls belong to; its members keep their accounts."""
    require(who, Action.PEOPLE_EDIT)
    found = await people.team(session, team_id, lock=True)
    check_tag(request, found.version)
    await people.remove_team(session, found)
    record(session, who, "team.removed", team=str(team_id))


@router.get("/{team_id}/members", summary="Who is in a team", responses=told(401, 403, 404, 422))
async def members(team_id: uuid.UUID, session: Db, who: Signed) -> list[Member]:
    """Names and parts, by name; for the team's members and administrators."""
    _require_view(who, team_id)
    await people.team(session, team_id)
    return [
        Member(id=row.id, name=row.name, roles=roles, disabled=row.disabled_at is not None)
        for row, roles in await people.members(session, team_id)
    ]


@router.put(
    "/{team_id}/members/{person_id}",
    status_code=204,
    summary="Give somebody their part in a team",
    responses=told(401, 403, 404, 422),
)
async def set_parts(team_id: uuid.UUID, person_id: uuid.UUID, body: Parts, session: Db, who: Signed) -> None:
    """Manager, coach, rep, or several; these and no others. None takes the person out of the team.

    Coaches lose the reps with whom they no longer share a team.
    """
    require(who, Action.PEOPLE_EDIT)
    await people.team(session, team_id)
    await people.person(session, person_id)
    roles = sorted(set(body.roles))
    await people.set_parts(session, team_id, person_id, roles)
    record(session, who, "membership.edited", about=person_id, team=str(team_id), roles=roles)
