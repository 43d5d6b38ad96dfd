"""Pages that people come in and go out by."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import invitations, oidc, people, sign_in, sign_in_routes, store
from service.auth.shapes import InvitationAccepted, Me, MeEdit, SignIn
from service.edge import Db, Parts, PartsOf
from service.pages import html
from service.pages.visits import Visiting, from_here, own_path, shaped
from service.problems import Problem, Unusable

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=300)]
NO_ZONE = "UTC"
"""The time zone of accounts for which nobody has said one."""


@router.get("/")
async def begin(visiting: Visiting) -> Response:
    """Where somebody's work is."""
    who = visiting.who
    return html.back("/people" if who.administrator and not who.teams else "/calls")


@router.get("/sign-in")
async def form(there: PartsOf, after: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    """How people can sign in here."""
    return _form(there, own_path(after))


def _form(there: Parts, after: str, *, email: str = "", problem: str = "", status: int = 200) -> Response:
    return html.answer(
        "sign-in.html",
        status=status,
        passwords=there.settings.local_passwords,
        oidc=oidc.is_set_up(there.settings),
        after=after,
        email=email,
        problem=problem,
    )


@router.post("/sign-in")
async def enter(
    request: Request, there: PartsOf, email: Text = "", password: Text = "", after: Text = "/"
) -> Response:
    """Signs in, or says why not with the address still there."""
    from_here(request)
    host = request.client.host if request.client else None
    try:
        given = shaped(SignIn, {"email": email, "password": password})
        person = await sign_in.by_password(there, host, given.email, given.password.get_secret_value())
        answer = html.back(own_path(after))
        async with there.database.transaction() as session:
            await sign_in.begin(session, there, request, answer, person, how="password")
    except Problem as error:
        return _form(there, own_path(after), email=email, problem=error.detail, status=error.status)
    return answer


@router.post("/sign-out")
async def leave(visiting: Visiting) -> Response:
    """Ends the sign-in of this browser."""
    answer = html.back("/sign-in")
    await sign_in_routes.leave(answer, visiting.session, visiting.who, visiting.parts)
    return answer


@router.get("/invitation/{secret}")
async def invitation(secret: str, session: Db, there: PartsOf) -> Response:
    """Whom it is for, and the form that uses it up."""
    _, person = await invitations.opened(session, store.key_of(secret))
    name, email = (person.name, person.email) if person else ("", "")
    return _invitation(there, secret, first=person is None, name=name, email=email)


def _invitation(
    there: Parts, secret: str, *, first: bool, name: str, email: str, problem: str = "", status: int = 200
) -> Response:
    return html.answer(
        "invitation.html",
        status=status,
        secret=secret,
        first=first,
        name=name,
        email=email,
        problem=problem,
        passwords=there.settings.local_passwords,
        oidc=oidc.is_set_up(there.settings),
    )


@router.post("/invitation/{secret}")
async def accept(
    secret: str,
    request: Request,
    there: PartsOf,
    name: Text = "",
    email: Text = "",
    password: Text = "",
    time_zone: Text = "",
) -> Response:
    """Sets the password and signs in, or says what is wrong with what was given."""
    from_here(request)
    async with there.database.transaction() as session:
        _, person = await invitations.opened(session, store.key_of(secret))
    first = person is None
    answer = html.back("/")
    try:
        given = {"secret": secret, "password": password, **({"name": name, "email": email} if first else {})}
        body = shaped(InvitationAccepted, given)
        async with there.database.transaction() as session:
            me = await sign_in_routes.accept(body, request, answer, session, there)
            await _first_zone(session, me, time_zone)
    except Problem as error:
        shown = (name, email) if person is None else (person.name, person.email)
        return _invitation(
            there,
            secret,
            first=first,
            name=shown[0],
            email=shown[1],
            problem=error.detail,
            status=error.status,
        )
    return answer


async def _first_zone(session: AsyncSession, me: Me, told: str) -> None:
    """The browser's time zone for somebody who has none yet; one that isn't known is left out."""
    try:
        zone = shaped(MeEdit, {"time_zone": told}).time_zone
    except Unusable:
        return
    if zone and me.time_zone == NO_ZONE:
        person = await people.person(session, me.id, lock=True)
        await people.edit_person(session, person, {"time_zone": zone})
