"""Signing in and out: passwords and issuers checked, sessions and their cookies."""

import asyncio

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import invitations, passwords, people, store, throttle
from service.auth.oidc import Claims
from service.auth.permissions import Who
from service.auth.tables import Identity, Person
from service.edge import COOKIE, Parts
from service.privacy.store import record
from service.problems import Forbidden, NotSignedIn, Unusable

WRONG = "The e-mail or the password is wrong; try again, or ask an administrator for a new invitation."
STRANGER = (
    "The issuer vouches for no address that has an account here; ask an administrator for an invitation."
)
TAKEN = "Your address belongs to somebody else at the issuer already; ask an administrator."


async def by_password(there: Parts, host: str | None, email: str, password: str) -> Person:
    """Whose account an address and a password open.

    Works in transactions of its own: a failure must be counted although the request is refused, and no
    connection is held while the password is hashed.

    Raises:
        Forbidden: passwords are off here.
        TooMany: too many failed for this account or from this address.
        NotSignedIn: they fit no account that is in use.
    """
    need_passwords(there)
    whom = (throttle.of_account(email), throttle.of_address(host))
    async with there.database.transaction() as session:
        counted = await throttle.begin(session, whom, there.settings.sign_in_tries)
        person = await store.person_by_email(session, email)
    kept = person.password_hash if person and person.disabled_at is None else None
    right, better = await asyncio.to_thread(passwords.fits, password, kept)
    async with there.database.transaction() as session:
        if right and person:
            await throttle.take_back(session, counted)
            if better:
                (await people.person(session, person.id)).password_hash = better
            return person
        if person:
            record(session, None, "sign_in.failed", about=person.id)
    raise NotSignedIn(WRONG)


def need_passwords(there: Parts) -> None:
    """Go on only if people may have passwords here.

    Raises:
        Forbidden: they sign in at the issuer.
    """
    if not there.settings.local_passwords:
        raise Forbidden("Passwords are off here; sign in at your organisation's sign-in service.")


async def by_issuer(session: AsyncSession, claims: Claims, invitation: str | None) -> Person:
    """Whose account an issuer's word opens: by subject, by an open invitation, then by a verified address.

    Raises:
        NotSignedIn: nobody's, or it belongs to another subject of that issuer.
    """
    known = await session.get(Identity, (claims.issuer, claims.subject))
    if known is not None:
        return await people.person(session, known.person_id)
    if invitation is not None:
        first = (claims.name, claims.email) if claims.email else None
        person, _ = await invitations.use(session, invitation, first=first)
    else:
        found = await store.person_by_email(session, claims.email) if claims.email else None
        if found is None:
            raise NotSignedIn(STRANGER)
        person = found
    query = select(Identity).where(Identity.person_id == person.id, Identity.issuer == claims.issuer)
    if await session.scalar(query) is not None:
        raise NotSignedIn(TAKEN)
    added = insert(Identity).values(issuer=claims.issuer, subject=claims.subject, person_id=person.id)
    await session.execute(added.on_conflict_do_nothing())
    return person


async def begin(
    session: AsyncSession, there: Parts, request: Request, response: Response, person: Person, *, how: str
) -> tuple[Who, str]:
    """Open a session for somebody, in place of the browser's old one; who they are and the cookie's secret.

    Raises:
        NotSignedIn: the account is disabled.
    """
    if old := request.cookies.get(COOKIE):
        await store.close_session(session, old)
    browser = request.headers.get("user-agent", "").replace("\x00", "")
    secret = await store.open_session(session, person.id, there.settings.session_hours, browser)
    who = await store.who(session, person.id, signed_in_by=store.key_of(secret))
    if who is None:
        raise NotSignedIn("This account is disabled; ask an administrator.")
    record(session, who, "session.opened", about=who.id, how=how)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=there.settings.session_hours * 3600,
        secure=there.settings.address.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"
    return who, secret


def forget(response: Response, there: Parts) -> None:
    """Have the browser drop its cookie."""
    secure = there.settings.address.startswith("https:")
    response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="lax")


async def new_password(password: str, about: tuple[str, ...]) -> str:
    """The hash of a password that somebody chose; `about` are their name and address.

    Raises:
        Unusable: it is too easy to guess.
    """
    if fault := passwords.weakness(password, about):
        raise Unusable(fault)
    return await asyncio.to_thread(passwords.hashed, password)
