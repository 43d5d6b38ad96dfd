"""What every route shares: one transaction a request, who asks, ETags, cursors, the service's parts."""

import asyncio
import base64
import datetime as dt
import hmac
import json
import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any

import procrastinate
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from service.addresses import Reachable, is_public
from service.auth import store as people
from service.auth.permissions import Action, Relation, Who
from service.database import Database
from service.problems import Changed, Forbidden, NotSignedIn, TagMissing, Unusable
from service.settings import Settings
from service.storage import Storage

COOKIE = "ridealong"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_ROWS = 200
INTAKES = 4  # files that are entered at a time, so that hundreds at once leave room for whoever reads


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running web process works with; `secret` signs what it hands out, the same in all processes.

    `reachable` says which addresses URLs that people give may lead to; `intake` is held while a file is
    entered.
    """

    settings: Settings
    database: Database
    storage: Storage
    queue: procrastinate.App
    secret: bytes
    reachable: Reachable = is_public
    intake: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(INTAKES))


def parts(request: Request) -> Parts:
    """The running service of a request."""
    found: Parts = request.app.state.parts
    return found


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction a request, committed before the answer leaves, undone if anything is raised."""
    async with parts(request).database.transaction() as session:
        yield session


PartsOf = Annotated[Parts, Depends(parts)]
Db = Annotated[AsyncSession, Depends(transaction, scope="function")]


async def signed_in(request: Request, session: Db) -> Who:
    """Who asks, by API token or by cookie; a cookie needs the CSRF token for whatever changes something.

    Raises:
        NotSignedIn: neither, or it has ended.
        Forbidden: a change by cookie without the CSRF token of its session.
    """
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        found = await people.by_token(session, header[7:].strip())
        if found is None:
            raise NotSignedIn(
                "The API token is unknown, expired or revoked; make a new one under your account.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return found
    secret = request.cookies.get(COOKIE)
    there = parts(request)
    idle = dt.timedelta(minutes=there.settings.session_idle_minutes)
    found = await people.by_session(session, secret, idle) if secret else None
    if found is None or secret is None:
        raise NotSignedIn("Sign in, or send an API token.", headers={"WWW-Authenticate": "Bearer"})
    if request.method not in SAFE:
        await _check_csrf(request, there, secret)
    return found


async def _check_csrf(request: Request, there: Parts, secret: str) -> None:
    given = request.headers.get(CSRF_HEADER)
    kind = request.headers.get("content-type", "")
    if given is None and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = str((await request.form()).get("csrf_token", ""))
    right = csrf_token(there.secret, secret)
    if given is None or not hmac.compare_digest(_unmasked(given, len(right)).encode(), right.encode()):
        raise Forbidden(f"The {CSRF_HEADER} header doesn't fit this sign-in; reload the page and try again.")


def csrf_token(secret: bytes, session: str) -> str:
    """The token that a page of a session sends with every change."""
    return hmac.new(secret, b"csrf:" + session.encode(), sha256).hexdigest()


def masked(token: str) -> str:
    """A CSRF token as a compressed page holds it: another text each time.

    A secret that stays the same beside text that an attacker chooses can be guessed from how well both
    compress (BREACH, breachattack.com); masking is the counter-measure named there.
    """
    mask = secrets.token_bytes(len(token) // 2)
    return (mask + _crossed(mask, bytes.fromhex(token))).hex()


def _unmasked(given: str, length: int) -> str:
    """The token behind a masked one; anything else as it is."""
    if len(given) != 2 * length:
        return given
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return given
    return _crossed(both[: len(both) // 2], both[len(both) // 2 :]).hex()


def _crossed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


Signed = Annotated[Who, Depends(signed_in)]


def require(who: Who, action: Action, relations: frozenset[Relation] = frozenset()) -> None:
    """Go on only if the table of permissions allows it to somebody who stands so to the thing.

    Raises:
        Forbidden: it doesn't.
    """
    from service.auth.permissions import may  # noqa: PLC0415

    standing = relations | {Relation.SIGNED_IN} | ({Relation.ADMINISTERS} if who.administrator else set())
    if not may(who, action, standing):
        raise Forbidden(_refusal(who, action))


def _refusal(who: Who, action: Action) -> str:
    if not who.within_scope(action):
        return f"This API token lacks the scope {action.value}; make one that has it."
    return "Your part in this team doesn't include this; ask an administrator if it should."


def etag(version: int) -> str:
    """The ETag of a version of something that can be edited."""
    return f'"{version}"'


def check_tag(request: Request, version: int) -> None:
    """Go on only if the request edits the version that is there.

    Raises:
        TagMissing: there is no If-Match header.
        Changed: it is of another version.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise TagMissing("Send the ETag you read in an If-Match header, so that nobody's edit is lost.")
    # A proxy that compresses answers makes a tag weak (RFC 9110, 8.8.3): it names the same version.
    if given.strip().removeprefix("W/") not in {etag(version), "*"}:
        raise Changed("Somebody has edited this since you read it; read it again and repeat your edit.")


def cursor(*values: Any) -> str:
    """A place in a list as opaque text: where the next page goes on."""
    text = json.dumps([str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(cursor: str | None, count: int) -> list[str] | None:
    """The values of a cursor; None for the first page.

    Raises:
        Unusable: it isn't one that this service handed out.
    """
    if cursor is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != count or not all(isinstance(v, str) for v in found):
        raise Unusable("cursor: not one of this list; leave it out to begin at the top.")
    return found


def newest_place(cursor: str | None) -> tuple[dt.datetime, uuid.UUID] | None:
    """The place in a list that is ordered by time, newest first, and id.

    Raises:
        Unusable: it isn't one that this service handed out.
    """
    found = place(cursor, 2)
    if found is None:
        return None
    try:
        return dt.datetime.fromisoformat(found[0]), uuid.UUID(found[1])
    except ValueError:
        raise Unusable("cursor: not one of this list; leave it out to begin at the top.") from None
