"""Routes that people come in and go out by: passwords, an OpenID Connect issuer, invitations."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.auth import invitations, oidc, sign_in, store
from service.auth.account_routes import account
from service.auth.shapes import InvitationAccepted, InvitationKey, InvitationShown, Me, SignIn, Ways
from service.auth.told import told
from service.edge import Db, PartsOf, Signed
from service.privacy.store import record
from service.problems import Unusable

router = APIRouter(tags=["sign-in"])


@router.get("/sign-in", summary="How people can sign in here")
async def ways(there: PartsOf) -> Ways:
    """By e-mail and password, at an OpenID Connect issuer, or both."""
    return Ways(password=there.settings.local_passwords, oidc=oidc.is_set_up(there.settings))


@router.post("/sign-in", summary="Sign in by e-mail and password", responses=told(401, 403, 422, 429))
async def enter(body: SignIn, request: Request, response: Response, there: PartsOf) -> Me:
    """Sets the session's cookie; the answer holds the CSRF token that every change has to carry."""
    host = request.client.host if request.client else None
    person = await sign_in.by_password(there, host, body.email, body.password.get_secret_value())
    async with there.database.transaction() as session:
        who, secret = await sign_in.begin(session, there, request, response, person, how="password")
        return await account(session, there, who, secret)


@router.post("/sign-out", status_code=204, summary="Sign out", responses=told(401, 403))
async def leave(response: Response, session: Db, who: Signed, there: PartsOf) -> None:
    """Ends the session of the cookie; an API token has none and stays as it is."""
    if who.session is not None:
        await store.end_session(session, who.id, store.public_id(who.session))
        record(session, who, "session.closed", about=who.id)
    sign_in.forget(response, there)


@router.get(
    "/sign-in/oidc",
    status_code=302,
    response_class=RedirectResponse,
    summary="Sign in at the issuer",
    responses=told(404, 422, 502),
)
async def to_issuer(
    request: Request,
    session: Db,
    there: PartsOf,
    back_to: Annotated[
        str, Query(max_length=500, description="A path of this service to go to after.")
    ] = "/",
    invitation: Annotated[str | None, Query(max_length=200, description="An invitation's secret.")] = None,
) -> Response:
    """Sends the browser to the OpenID Connect issuer, which sends it back to the callback."""
    if not back_to.startswith("/") or back_to.startswith(("//", "/\\")) or not back_to.isprintable():
        raise Unusable("back_to: only a path of this service, such as /calls.")
    key = store.key_of(invitation) if invitation else None
    if key is not None:
        await invitations.opened(session, key)
    return await oidc.leave(request, there, back_to=back_to, invitation=key)


@router.get(
    "/sign-in/oidc/callback",
    status_code=303,
    response_class=RedirectResponse,
    summary="Come back from the issuer",
    responses=told(401, 404, 409, 422, 502),
)
async def from_issuer(request: Request, session: Db, there: PartsOf) -> Response:
    """Where the issuer sends the browser; sets the session's cookie and goes on to where one wanted to go."""
    claims, back_to, invitation = await oidc.returned(request, there)
    person = await sign_in.by_issuer(session, claims, invitation)
    response = RedirectResponse(back_to, status_code=303)
    response.delete_cookie(oidc.STATE_COOKIE, path=oidc.PATH)
    await sign_in.begin(session, there, request, response, person, how="oidc")
    return response


@router.post("/invitations/look", summary="Look at an invitation", responses=told(404, 422))
async def look(body: InvitationKey, session: Db) -> InvitationShown:
    """Whom it is for, without using it up."""
    found, person = await invitations.opened(session, store.key_of(body.secret))
    return InvitationShown(
        name=person.name if person else None,
        email=person.email if person else None,
        expires_at=found.expires_at,
    )


@router.post("/invitations/accept", summary="Accept an invitation", responses=told(403, 404, 409, 422))
async def accept(
    body: InvitationAccepted, request: Request, response: Response, session: Db, there: PartsOf
) -> Me:
    """Sets the password, once, ends the person's other sessions and signs in."""
    sign_in.need_passwords(there)
    key = store.key_of(body.secret)
    _, invited = await invitations.opened(session, key, lock=True)
    name, email = (invited.name, invited.email) if invited else (body.name, body.email)
    if not name or not email:
        raise Unusable("name, email: this invitation is for the first administrator; give both.")
    hashed = await sign_in.new_password(body.password.get_secret_value(), (name, email))
    person, made = await invitations.use(session, key, first=(name, email))
    person.password_hash = hashed
    await store.close_sessions(session, person.id)
    who, secret = await sign_in.begin(session, there, request, response, person, how="invitation")
    record(session, who, "invitation.accepted", about=who.id, first_administrator=made)
    return await account(session, there, who, secret)
