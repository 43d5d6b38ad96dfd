"""Forms by which a call is kept from deletion, and a person's data is erased."""

import uuid

from fastapi import APIRouter, BackgroundTasks, Response

from service.auth import people_routes
from service.pages import html
from service.pages.visits import Visiting, as_edit, shaped
from service.privacy import keeping_routes as keeping
from service.problems import Unusable

router = APIRouter(include_in_schema=False)


@router.post("/calls/{call_id}/hold")
async def hold(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Keeps a call, whatever its age, until the hold is lifted."""
    body = shaped(keeping.HoldWanted, await visiting.fields())
    await keeping.put_on_hold(call_id, body, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "held")


@router.post("/calls/{call_id}/hold/lift")
async def lift(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Lets a call go by its age again."""
    await visiting.fields()
    await keeping.lift_hold(call_id, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "lifted")


@router.post("/people/{person_id}/erase")
async def erase(person_id: uuid.UUID, visiting: Visiting, after: BackgroundTasks) -> Response:
    """Erases a person once their name is typed, and says what went and what stays."""
    session, who = visiting.session, visiting.who
    fields = await visiting.fields()
    person = await people_routes.one_person(person_id, Response(), session, who)
    if fields.get("name", "").strip() != person.name:
        raise Unusable(f"Nothing was erased: type the name as it stands here, {person.name}.")
    request = as_edit(visiting.request, fields.get("version"))
    made = await keeping.erase(person_id, request, session, who, visiting.parts, after)
    return visiting.page("erased.html", made=made)
