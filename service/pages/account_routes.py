"""Pages about one's own account."""

import zoneinfo

from fastapi import APIRouter, Response

from service.auth import account_routes as api
from service.auth import people
from service.auth.shapes import MeEdit, PasswordChange
from service.pages import html
from service.pages.browsers import called
from service.pages.visits import Visiting, as_edit, shaped
from service.problems import Unusable

router = APIRouter(prefix="/account", include_in_schema=False)


@router.get("")
async def show(visiting: Visiting) -> Response:
    """Name, time zone, password, sign-ins."""
    me = await people.person(visiting.session, visiting.who.id)
    parts = (await people.parts(visiting.session, [me.id])).get(me.id, [])
    return visiting.page(
        "account.html",
        me=me,
        parts=parts,
        zones=sorted(zoneinfo.available_timezones()),
        called=called,
        sessions=await api.sessions(visiting.session, visiting.who, visiting.parts),
    )


@router.post("")
async def edit(visiting: Visiting) -> Response:
    """Changes name and time zone."""
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version", None))
    body = shaped(MeEdit, fields)
    await api.edit_me(body, request, Response(), visiting.session, visiting.who, visiting.parts)
    return html.back("/account", "saved")


@router.post("/password")
async def password(visiting: Visiting) -> Response:
    """Changes the password."""
    body = shaped(PasswordChange, await visiting.fields())
    answer = await api.change_password(body, visiting.session, visiting.who, visiting.parts)
    if answer.status_code == Unusable.status:
        # Shown, not raised: the failed try has to stay counted.
        return visiting.page(
            "problem.html",
            status=Unusable.status,
            title=Unusable.title,
            detail="That isn't your current password; go back and try again.",
            back="/account",
        )
    return html.back("/account", "password")


@router.post("/sessions")
async def sign_out_everywhere(visiting: Visiting) -> Response:
    """Ends every sign-in of the account."""
    answer = html.back("/sign-in")
    await api.end_sessions(answer, visiting.session, visiting.who, visiting.parts)
    return answer
