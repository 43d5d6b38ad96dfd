"""Invitations: links that set a password once, and the one that makes the first administrator."""

import datetime as dt
import secrets
import uuid

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import people
from service.auth.store import key_of
from service.auth.tables import Invitation, Person
from service.database import Database
from service.problems import Conflict, NotFound, Unusable
from service.settings import Settings

VALID = dt.timedelta(days=7)
GONE = "This invitation has been used, replaced or has expired; ask an administrator for a new link."


def link(settings: Settings, secret: str) -> str:
    """The address that somebody opens to accept an invitation."""
    return f"{settings.address}/invitation/{secret}"


async def invite(session: AsyncSession, person: uuid.UUID | None) -> str:
    """A new invitation's secret; earlier ones for the same person end. No person: the first administrator."""
    same = Invitation.person_id == person if person else Invitation.person_id.is_(None)
    await session.execute(delete(Invitation).where(same, Invitation.used_at.is_(None)))
    secret = secrets.token_urlsafe(32)
    expires = dt.datetime.now(dt.UTC) + VALID
    session.add(Invitation(key=key_of(secret), person_id=person, expires_at=expires))
    await session.flush()
    return secret


async def opened(session: AsyncSession, key: str, *, lock: bool = False) -> tuple[Invitation, Person | None]:
    """The invitation of a stored key and whom it is for, None for the first administrator.

    `lock` keeps it from being used by two at the same time.

    Raises:
        NotFound: there is none, or it can't be used any more.
    """
    query = select(Invitation).where(Invitation.key == key)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None or found.used_at is not None or found.expires_at <= dt.datetime.now(dt.UTC):
        raise NotFound(GONE)
    if found.person_id is None:
        return found, None
    person = await people.person(session, found.person_id)
    if person.disabled_at is not None:
        raise NotFound(GONE)
    return found, person


async def use(
    session: AsyncSession, key: str, *, first: tuple[str, str] | None = None
) -> tuple[Person, bool]:
    """Use an invitation up: whose account it opens, and whether that was made just now.

    `first` are name and address of the first administrator, whom the invitation for one makes.

    Raises:
        NotFound: it can't be used any more.
        Conflict: it is for the first administrator, and there are people already.
        Unusable: it is for the first administrator, and `first` isn't known.
    """
    found, person = await opened(session, key, lock=True)
    made = person is None
    if person is None:
        await people.lock_administrators(session)
        if await people.anybody(session):
            raise Conflict("There is an administrator already; ask them for an invitation.")
        if first is None:
            raise Unusable("The issuer vouches for no address of yours; set a password instead.")
        person = await people.add_person(session, name=first[0], email=first[1], administrator=True)
    found.used_at = dt.datetime.now(dt.UTC)
    return person, made


async def first_administrator_link(database: Database, settings: Settings) -> str | None:
    """The link that makes the first administrator, None where there is anybody; earlier ones end."""
    async with database.transaction() as session:
        await people.lock_administrators(session)
        if await people.anybody(session):
            return None
        return link(settings, await invite(session, None))
