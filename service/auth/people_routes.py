"""Routes by which administrators look after accounts: add, edit, disable, invite, assign coaches."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import invitations, people
from service.auth.account_routes import in_person
from service.auth.people_shapes import Link, Named, PersonEdit, PersonShown, PersonWanted
from service.auth.people_shapes import People as PageOfPeople
from service.auth.permissions import Action
from service.auth.shapes import printable
from service.auth.tables import Person
from service.auth.told import told
from service.edge import MOST_ROWS, Db, PartsOf, Signed, check_tag, cursor, etag, newest_place, require
from service.privacy.store import record
from service.problems import Conflict

router = APIRouter(tags=["people"])


async def _shown(session: AsyncSession, row: Person) -> PersonShown:
    return PersonShown.of(row, (await people.parts(session, [row.id])).get(row.id, []))


@router.get("/people", summary="Accounts", responses=told(401, 403, 422))
async def list_people(
    session: Db,
    who: Signed,
    q: Annotated[
        str, Query(max_length=100, description="Part of a name or address."), AfterValidator(printable)
    ] = "",
    after: Annotated[str | None, Query(alias="cursor", max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> PageOfPeople:
    """Newest first."""
    require(who, Action.PEOPLE_EDIT)
    rows = await people.people(session, after=newest_place(after), limit=limit + 1, text=q)
    page = rows[:limit]
    parts = await people.parts(session, [row.id for row in page])
    further = cursor(page[-1].created_at.isoformat(), page[-1].id) if len(rows) > limit else None
    return PageOfPeople(items=[PersonShown.of(row, parts.get(row.id, [])) for row in page], next=further)


@router.post("/people", status_code=201, summary="Add an account", responses=told(401, 403, 409, 422))
async def add_person(body: PersonWanted, response: Response, session: Db, who: Signed) -> PersonShown:
    """The person can't sign in by password until they accept an invitation; make one with the next route."""
    require(who, Action.PEOPLE_EDIT)
    if body.administrator:
        in_person(who)
    made = await people.add_person(session, **body.model_dump())
    record(session, who, "person.added", about=made.id, administrator=made.administrator)
    response.headers["ETag"] = etag(made.version)
    return await _shown(session, made)


@router.get("/people/{person_id}", summary="An account", responses=told(401, 403, 404, 422))
async def one_person(person_id: uuid.UUID, response: Response, session: Db, who: Signed) -> PersonShown:
    """With the parts it has in teams."""
    require(who, Action.PEOPLE_EDIT)
    found = await people.person(session, person_id)
    response.headers["ETag"] = etag(found.version)
    return await _shown(session, found)


@router.patch(
    "/people/{person_id}", summary="Edit an account", responses=told(401, 403, 404, 409, 412, 422, 428)
)
async def edit_person(
    person_id: uuid.UUID, body: PersonEdit, request: Request, response: Response, session: Db, who: Signed
) -> PersonShown:
    """Disabling puts the person out at once and ends their API tokens; what they did stays."""
    require(who, Action.PEOPLE_EDIT)
    changes = body.model_dump(exclude_none=True)
    if changes.keys() & {"email", "administrator"}:
        in_person(who)
    await people.lock_administrators(session)
    found = await people.person(session, person_id, lock=True)
    check_tag(request, found.version)
    await people.edit_person(session, found, changes)
    record(session, who, "person.edited", about=person_id, fields=sorted(changes), disabled=body.disabled)
    response.headers["ETag"] = etag(found.version)
    return await _shown(session, found)


@router.post(
    "/people/{person_id}/invitation",
    status_code=201,
    summary="Invite somebody to set a password",
    responses=told(401, 403, 404, 409, 422),
)
async def invite(person_id: uuid.UUID, response: Response, session: Db, who: Signed, there: PartsOf) -> Link:
    """A link that works once, for a week; no mail is sent. Earlier ones of the person end."""
    require(who, Action.PEOPLE_EDIT)
    in_person(who)
    found = await people.person(session, person_id, lock=True)
    if found.disabled_at is not None:
        raise Conflict("The account is disabled; enable it first.")
    secret = await invitations.invite(session, person_id)
    record(session, who, "person.invited", about=person_id)
    response.headers["Cache-Control"] = "no-store"
    return Link(link=invitations.link(there.settings, secret))


@router.get(
    "/people/{person_id}/reps", summary="Whom a coach looks after", responses=told(401, 403, 404, 422)
)
async def reps(person_id: uuid.UUID, session: Db, who: Signed) -> list[Named]:
    """By name."""
    require(who, Action.PEOPLE_EDIT)
    await people.person(session, person_id)
    return [Named(id=row.id, name=row.name) for row in await people.reps_of(session, person_id)]


@router.put(
    "/people/{person_id}/reps/{rep_id}",
    status_code=204,
    summary="Assign a rep to a coach",
    responses=told(401, 403, 404, 422),
)
async def assign(person_id: uuid.UUID, rep_id: uuid.UUID, session: Db, who: Signed) -> None:
    """Coach and rep have to have these parts in the same team."""
    require(who, Action.PEOPLE_EDIT)
    for wanted in (person_id, rep_id):
        await people.person(session, wanted)
    await people.assign(session, person_id, rep_id)
    record(session, who, "coach.assigned", about=rep_id, coach=str(person_id))


@router.delete(
    "/people/{person_id}/reps/{rep_id}",
    status_code=204,
    summary="Take a rep from a coach",
    responses=told(401, 403, 404, 422),
)
async def unassign(person_id: uuid.UUID, rep_id: uuid.UUID, session: Db, who: Signed) -> None:
    """The coach no longer sees the rep's calls."""
    require(who, Action.PEOPLE_EDIT)
    await people.person(session, person_id)
    await people.unassign(session, person_id, rep_id)
    record(session, who, "coach.unassigned", about=rep_id, coach=str(person_id))
