"""Idempotency keys: a request that is sent again, since its answer got lost, is answered as before."""

import datetime as dt
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.auth.tables import OncePerKey
from service.problems import Conflict

KEPT = dt.timedelta(days=1)
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of your own; the same request with the same key within a day is done once.",
        max_length=200,
        pattern=r"^[!-~]+$",
    ),
]
Answer = tuple[int, dict[str, Any]]


def fingerprint(*values: Any) -> str:
    """What tells a request from another with the same key: a SHA-256 of what it asks for, hexadecimal."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


async def once(
    session: AsyncSession, who: Who, key: str | None, request: str, work: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Status and body of `work`, or of the time that it was done under this key already.

    `request` is the fingerprint of what is asked for. Requests with the same key wait for each other.

    Raises:
        Conflict: the key was used for another request.
    """
    if key is None:
        return await work()
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"once:{who.id}:{key}", 0)))
    )
    found = await session.get(OncePerKey, (who.id, key))
    if found is not None and found.at + KEPT > dt.datetime.now(dt.UTC):
        if found.request != request:
            raise Conflict("The Idempotency-Key was used for another request already; take a new one.")
        body: dict[str, Any] = json.loads(found.body)
        return found.status, body
    if found is not None:
        await session.delete(found)
        await session.flush()
    status, body = await work()
    session.add(OncePerKey(person_id=who.id, key=key, request=request, status=status, body=json.dumps(body)))
    return status, body
