"""All queries about people, sign-ins and tokens."""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.auth.tables import Assignment, Membership, Person, Session, Setting, Token
from service.problems import NotFound

TOKEN_PREFIX = "ride_"  # noqa: S105 - so that scanners of leaked secrets can know one
SEEN_EVERY = dt.timedelta(minutes=1)  # a session's last use is written no more often


def key_of(secret: str) -> str:
    """What is stored of a secret that carries enough randomness of its own: its SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def by_session(session: AsyncSession, secret: str, idle: dt.timedelta) -> Who | None:
    """Whose sign-in a cookie's secret is, unless it has ended or lay idle for too long."""
    key = key_of(secret)
    now = dt.datetime.now(dt.UTC)
    found = await session.get(Session, key)
    if found is None or found.expires_at <= now or found.seen_at + idle <= now:
        return None
    if now - found.seen_at > SEEN_EVERY:
        found.seen_at = now
    return await who(session, found.person_id, signed_in_by=key)


async def by_token(session: AsyncSession, secret: str) -> Who | None:
    """Whose API token a secret is, unless it has expired or was revoked."""
    now = dt.datetime.now(dt.UTC)
    found = await session.scalar(select(Token).where(Token.key == key_of(secret)))
    if found is None or found.revoked_at is not None or (found.expires_at and found.expires_at <= now):
        return None
    if found.used_at is None or now - found.used_at > SEEN_EVERY:
        found.used_at = now
    return await who(session, found.person_id, scopes=frozenset(found.scopes))


async def who(
    session: AsyncSession,
    person: uuid.UUID,
    *,
    scopes: frozenset[str] | None = None,
    signed_in_by: str | None = None,
) -> Who | None:
    """A person with their parts in teams; None for one who is gone or disabled."""
    row = await session.get(Person, person)
    if row is None or row.disabled_at is not None:
        return None
    parts: dict[uuid.UUID, set[str]] = {}
    for member in await session.scalars(select(Membership).where(Membership.person_id == person)):
        parts.setdefault(member.team_id, set()).add(member.role)
    coached = await session.scalars(select(Assignment.rep_id).where(Assignment.coach_id == person))
    return Who(
        id=row.id,
        name=row.name,
        email=row.email,
        administrator=row.administrator,
        time_zone=row.time_zone,
        teams={team: frozenset(found) for team, found in parts.items()},
        coached=frozenset(coached),
        scopes=scopes,
        session=signed_in_by,
    )


async def open_session(session: AsyncSession, person: uuid.UUID, hours: int, browser: str = "") -> str:
    """Begin a sign-in; the secret for the cookie, which is stored nowhere."""
    secret = secrets.token_urlsafe(32)
    now = dt.datetime.now(dt.UTC)
    await session.execute(delete(Session).where(Session.person_id == person, Session.expires_at <= now))
    expires = now + dt.timedelta(hours=hours)
    session.add(Session(key=key_of(secret), person_id=person, expires_at=expires, browser=browser[:200]))
    return secret


async def close_sessions(session: AsyncSession, person: uuid.UUID, *, but: str | None = None) -> None:
    """End every sign-in of a person, except the one with that key."""
    query = delete(Session).where(Session.person_id == person)
    await session.execute(query.where(Session.key != but) if but else query)


async def close_session(session: AsyncSession, secret: str) -> None:
    """End the sign-in of a cookie's secret, if there is one."""
    await session.execute(delete(Session).where(Session.key == key_of(secret)))


def public_id(key: str) -> uuid.UUID:
    """How a session is spoken of: the first half of its key, as a UUID."""
    return uuid.UUID(hex=key[:32])


async def sessions(session: AsyncSession, person: uuid.UUID, idle: dt.timedelta) -> list[Session]:
    """A person's sign-ins that have not ended, last used first."""
    now = dt.datetime.now(dt.UTC)
    alive = (Session.person_id == person, Session.expires_at > now, Session.seen_at > now - idle)
    return list(await session.scalars(select(Session).where(*alive).order_by(Session.seen_at.desc())))


async def end_session(session: AsyncSession, person: uuid.UUID, wanted: uuid.UUID) -> None:
    """End one sign-in of a person by its public id.

    Raises:
        NotFound: the person has no such sign-in.
    """
    found = await session.scalar(
        select(Session).where(Session.person_id == person, Session.key.startswith(wanted.hex))
    )
    if found is None:
        raise NotFound("You have no such sign-in; it may have ended already.")
    await session.delete(found)


async def tokens(session: AsyncSession, person: uuid.UUID) -> list[Token]:
    """A person's API tokens, newest first, revoked ones left out."""
    query = select(Token).where(Token.person_id == person, Token.revoked_at.is_(None))
    return list(await session.scalars(query.order_by(Token.created_at.desc(), Token.id)))


async def make_token(
    session: AsyncSession, person: uuid.UUID, name: str, scopes: Iterable[str], days: int
) -> tuple[Token, str]:
    """A new API token that ends after some days, and its secret, which is stored nowhere."""
    secret = f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    made = Token(
        person_id=person, key=key_of(secret), name=name, scopes=sorted(set(scopes)), expires_at=expires
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    return made, secret


async def revoke_token(session: AsyncSession, person: uuid.UUID, wanted: uuid.UUID) -> Token:
    """End one API token of a person.

    Raises:
        NotFound: the person has no such token.
    """
    found = await session.get(Token, wanted)
    if found is None or found.person_id != person or found.revoked_at is not None:
        raise NotFound("You have no such token; it may be revoked already.")
    found.revoked_at = dt.datetime.now(dt.UTC)
    return found


async def revoke_tokens(session: AsyncSession, person: uuid.UUID) -> None:
    """End every API token of a person."""
    query = update(Token).where(Token.person_id == person, Token.revoked_at.is_(None))
    await session.execute(query.values(revoked_at=func.now()))


async def person_by_email(session: AsyncSession, email: str) -> Person | None:
    """The account of an e-mail address, whatever its case."""
    return await session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))


async def setting(session: AsyncSession, name: str, default: str) -> str:
    """A stored setting; where there is none, `default` is stored, so that all processes agree on it."""
    row = await session.get(Setting, name)
    if row is None:
        row = await session.merge(Setting(name=name, value=default))
        await session.flush()
    return row.value


async def set_setting(session: AsyncSession, name: str, value: str) -> None:
    """Store a setting."""
    changed = await session.execute(
        update(Setting).where(Setting.name == name).values(value=value, changed_at=func.now())
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.add(Setting(name=name, value=value))
