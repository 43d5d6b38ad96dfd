"""Routes about oneself: account, password, sign-ins, API tokens."""

import asyncio
import datetime as dt
import uuid

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import passwords, people, sign_in, store, throttle
from service.auth.permissions import Action, Who
from service.auth.shapes import (
    Me,
    MeEdit,
    Part,
    PasswordChange,
    SignedInAt,
    TokenMade,
    TokenShown,
    TokenWanted,
)
from service.auth.told import told
from service.edge import COOKIE, Db, Parts, PartsOf, Signed, check_tag, csrf_token, etag, require
from service.privacy.store import record
from service.problems import Forbidden, Unusable, answer

router = APIRouter(tags=["account"])


async def account(session: AsyncSession, there: Parts, who: Who, secret: str | None) -> Me:
    """What people are told of themselves; `secret` is that of the cookie they are signed in by."""
    teams = (await people.parts(session, [who.id])).get(who.id, [])
    return Me(
        id=who.id,
        name=who.name,
        email=who.email,
        administrator=who.administrator,
        time_zone=who.time_zone,
        teams=[Part(id=team.id, name=team.name, roles=roles) for team, roles in teams],
        scopes=None if who.scopes is None else sorted(who.scopes),
        csrf_token=csrf_token(there.secret, secret) if secret else None,
    )


def in_person(who: Who) -> str:
    """The key of the sign-in; whatever hands out a way to sign in takes somebody who did so themselves.

    Raises:
        Forbidden: an API token asks.
    """
    if who.session is None:
        raise Forbidden("An API token can't do this; sign in with a browser.")
    return who.session


@router.get("/me", summary="Who is signed in", responses=told(401))
async def me(request: Request, response: Response, session: Db, who: Signed, there: PartsOf) -> Me:
    """Name, parts in teams, and for a sign-in by cookie the CSRF token that every change has to carry."""
    response.headers["ETag"] = etag((await people.person(session, who.id)).version)
    response.headers["Cache-Control"] = "no-store"
    return await account(session, there, who, request.cookies.get(COOKIE) if who.session else None)


@router.patch("/me", summary="Edit one's account", responses=told(401, 403, 412, 422, 428))
async def edit_me(
    body: MeEdit, request: Request, response: Response, session: Db, who: Signed, there: PartsOf
) -> Me:
    """Name and time zone; an address is changed by an administrator."""
    require(who, Action.ACCOUNT)
    found = await people.person(session, who.id, lock=True)
    check_tag(request, found.version)
    changes = body.model_dump(exclude_none=True)
    await people.edit_person(session, found, changes)
    record(session, who, "person.edited", about=who.id, fields=sorted(changes))
    response.headers["ETag"] = etag(found.version)
    now = await store.who(session, who.id, scopes=who.scopes, signed_in_by=who.session)
    return await account(session, there, now or who, request.cookies.get(COOKIE) if who.session else None)


@router.post(
    "/me/password",
    status_code=204,
    response_model=None,
    summary="Change one's password",
    responses=told(401, 403, 422, 429),
)
async def change_password(body: PasswordChange, session: Db, who: Signed, there: PartsOf) -> Response:
    """Ends the other sign-ins of the account. A wrong current password counts as a failed sign-in."""
    this = in_person(who)
    require(who, Action.ACCOUNT)
    sign_in.need_passwords(there)
    whom = [throttle.of_account(who.email)]
    counted = await throttle.begin(session, whom, there.settings.sign_in_tries)
    found = await people.person(session, who.id, lock=True)
    right, _ = await asyncio.to_thread(passwords.fits, body.current.get_secret_value(), found.password_hash)
    if not right:
        # Answered, not raised: the failed try has to stay counted.
        return answer(Unusable.status, Unusable.title, "current: that isn't your password; try again.")
    await throttle.take_back(session, counted)
    found.password_hash = await sign_in.new_password(body.new.get_secret_value(), (who.name, who.email))
    await store.close_sessions(session, who.id, but=this)
    record(session, who, "password.changed", about=who.id)
    return Response(status_code=204)


@router.get("/me/sessions", summary="One's sign-ins", responses=told(401, 403))
async def sessions(session: Db, who: Signed, there: PartsOf) -> list[SignedInAt]:
    """Those that have not ended, last used first."""
    require(who, Action.ACCOUNT)
    idle = dt.timedelta(minutes=there.settings.session_idle_minutes)
    return [SignedInAt.of(row, who.session) for row in await store.sessions(session, who.id, idle)]


@router.delete("/me/sessions", status_code=204, summary="Sign out everywhere", responses=told(401, 403))
async def end_sessions(response: Response, session: Db, who: Signed, there: PartsOf) -> None:
    """Ends every sign-in of the account, this one too; API tokens stay."""
    require(who, Action.ACCOUNT)
    await store.close_sessions(session, who.id)
    record(session, who, "session.closed", about=who.id, everywhere=True)
    sign_in.forget(response, there)


@router.delete(
    "/me/sessions/{session_id}", status_code=204, summary="End a sign-in", responses=told(401, 403, 404, 422)
)
async def end_session(session_id: uuid.UUID, session: Db, who: Signed) -> None:
    """Ends one of one's own sign-ins."""
    require(who, Action.ACCOUNT)
    await store.end_session(session, who.id, session_id)
    record(session, who, "session.closed", about=who.id)


@router.get("/me/tokens", summary="One's API tokens", responses=told(401, 403))
async def tokens(session: Db, who: Signed) -> list[TokenShown]:
    """Newest first, without their secrets; revoked ones are left out, expired ones are not."""
    require(who, Action.ACCOUNT)
    return [TokenShown.of(row) for row in await store.tokens(session, who.id)]


@router.post("/me/tokens", status_code=201, summary="Make an API token", responses=told(401, 403, 422))
async def make_token(body: TokenWanted, response: Response, session: Db, who: Signed) -> TokenMade:
    """The secret is in this answer only. A token can do what its person may, within its scopes."""
    in_person(who)
    require(who, Action.ACCOUNT)
    made, secret = await store.make_token(session, who.id, body.name, body.scopes, body.days)
    record(session, who, "token.made", about=who.id, token=str(made.id), scopes=made.scopes)
    response.headers["Cache-Control"] = "no-store"
    return TokenMade(**TokenShown.of(made).model_dump(), secret=secret)


@router.delete(
    "/me/tokens/{token_id}",
    status_code=204,
    summary="Revoke an API token",
    responses=told(401, 403, 404, 422),
)
async def revoke_token(token_id: uuid.UUID, session: Db, who: Signed) -> None:
    """The token stops working at once."""
    require(who, Action.ACCOUNT)
    await store.revoke_token(session, who.id, token_id)
    record(session, who, "token.revoked", about=who.id, token=str(token_id))
