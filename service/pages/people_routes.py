"""Pages by which administrators look after people and teams."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator

from service.auth import people, people_routes, team_routes
from service.auth.people_shapes import Parts, PersonEdit, PersonWanted, TeamWanted
from service.auth.permissions import Action
from service.auth.shapes import printable
from service.auth.tables import ROLES
from service.edge import MOST_ROWS, require
from service.pages import html
from service.pages.visits import Visiting, as_edit, shaped

router = APIRouter(include_in_schema=False)


@router.get("/people")
async def everybody(
    visiting: Visiting,
    q: Annotated[str, Query(max_length=100), AfterValidator(printable)] = "",
    cursor: str | None = None,
) -> Response:
    """Accounts, teams, and forms that add to both."""
    session, who = visiting.session, visiting.who
    found = await people_routes.list_people(session, who, q, cursor, 50)
    teams = await team_routes.list_teams(session, who, None, MOST_ROWS)
    return visiting.page("people.html", found=found, teams=teams.items, q=q)


@router.post("/people")
async def add(visiting: Visiting) -> Response:
    """An account; its page offers the invitation."""
    fields = await visiting.fields()
    body = shaped(PersonWanted, {**fields, "administrator": "administrator" in fields})
    made = await people_routes.add_person(body, Response(), visiting.session, visiting.who)
    return html.back(f"/people/{made.id}", "added")


@router.post("/teams")
async def add_team(visiting: Visiting) -> Response:
    """A team without members."""
    body = shaped(TeamWanted, await visiting.fields())
    await team_routes.add_team(body, Response(), visiting.session, visiting.who)
    return html.back("/people#teams", "added")


@router.post("/teams/{team_id}")
async def rename_team(team_id: uuid.UUID, visiting: Visiting) -> Response:
    """Another name for a team."""
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version", None))
    body = shaped(TeamWanted, fields)
    await team_routes.rename_team(team_id, body, request, Response(), visiting.session, visiting.who)
    return html.back("/people#teams", "saved")


@router.get("/people/{person_id}")
async def one(person_id: uuid.UUID, visiting: Visiting) -> Response:
    """An account with its parts in teams and the reps it coaches."""
    return await _person(person_id, visiting)


async def _person(person_id: uuid.UUID, visiting: Visiting, link: str | None = None) -> Response:
    session, who = visiting.session, visiting.who
    require(who, Action.PEOPLE_EDIT)
    person = await people_routes.one_person(person_id, Response(), session, who)
    teams = await team_routes.list_teams(session, who, None, MOST_ROWS)
    reps = await people_routes.reps(person_id, session, who)
    coaching = [part.id for part in person.teams if "coach" in part.roles]
    could = {
        member.id: member.name
        for team in coaching
        for member, roles in await people.members(session, team)
        if "rep" in roles and member.id != person_id and member.id not in {rep.id for rep in reps}
    }
    return visiting.page(
        "person.html",
        person=person,
        teams=teams.items,
        mine={part.id: part.roles for part in person.teams},
        roles=ROLES,
        reps=reps,
        coach=bool(coaching),
        could=could,
        link=link,
    )


@router.post("/people/{person_id}")
async def edit(person_id: uuid.UUID, visiting: Visiting) -> Response:
    """Changes an account."""
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version", None))
    flags = {name: name in fields for name in ("administrator", "disabled")}
    body = shaped(PersonEdit, {**fields, **flags})
    await people_routes.edit_person(person_id, body, request, Response(), visiting.session, visiting.who)
    return html.back(f"/people/{person_id}", "saved")


@router.post("/people/{person_id}/invitation")
async def invite(person_id: uuid.UUID, visiting: Visiting) -> Response:
    """Shows a new invitation's link, this once."""
    made = await people_routes.invite(person_id, Response(), visiting.session, visiting.who, visiting.parts)
    return await _person(person_id, visiting, made.link)


@router.post("/people/{person_id}/teams/{team_id}")
async def set_parts(person_id: uuid.UUID, team_id: uuid.UUID, visiting: Visiting) -> Response:
    """Gives somebody their part in a team."""
    form = await visiting.request.form()
    body = shaped(Parts, {"roles": form.getlist("roles")})
    await team_routes.set_parts(team_id, person_id, body, visiting.session, visiting.who)
    return html.back(f"/people/{person_id}", "saved")


@router.post("/people/{person_id}/join")
async def join(person_id: uuid.UUID, visiting: Visiting) -> Response:
    """Puts somebody into a team that they are not in."""
    fields = await visiting.fields()
    team = shaped_id(fields.get("team", ""))
    form = await visiting.request.form()
    body = shaped(Parts, {"roles": form.getlist("roles")})
    await team_routes.set_parts(team, person_id, body, visiting.session, visiting.who)
    return html.back(f"/people/{person_id}", "saved")


def shaped_id(text: str) -> uuid.UUID:
    """A team's id as a form sends it; one that nobody has where it is no id."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


@router.post("/people/{person_id}/reps")
async def assign(person_id: uuid.UUID, visiting: Visiting) -> Response:
    """Assigns a rep to a coach."""
    rep = shaped_id((await visiting.fields()).get("rep", ""))
    await people_routes.assign(person_id, rep, visiting.session, visiting.who)
    return html.back(f"/people/{person_id}", "saved")


@router.post("/people/{person_id}/reps/{rep_id}/remove")
async def unassign(person_id: uuid.UUID, rep_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes a rep from a coach."""
    await people_routes.unassign(person_id, rep_id, visiting.session, visiting.who)
    return html.back(f"/people/{person_id}", "saved")
