"""All queries about people, sign-ins and tokens."""

import datetime as dt
import hashlib
import secrets
import uuid

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.auth.tables import Assignment, Membership, Person, Session, Setting, Token

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
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    session.add(Session(key=key_of(secret), person_id=person, expires_at=expires, browser=browser[:200]))
    return secret


async def close_sessions(session: AsyncSession, person: uuid.UUID, *, but: str | None = None) -> None:
    """End every sign-in of a person, except the one with that key."""
    query = delete(Session).where(Session.person_id == person)
    await session.execute(query.where(Session.key != but) if but else query)


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
