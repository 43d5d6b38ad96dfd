"""How often signing in may fail, by account and by address, counted in the database for all processes."""

import datetime as dt
import ipaddress
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.store import key_of
from service.auth.tables import SignInFailure
from service.problems import TooMany

WINDOW = dt.timedelta(minutes=15)


def of_account(email: str) -> str:
    """By what an account's failures are counted; hashed, for people type passwords into the wrong field."""
    return f"account {key_of(email.strip().lower())}"


def of_address(host: str | None) -> str:
    """By what an address's failures are counted; IPv6 by its /64, which is what one customer gets."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return f"address {host or 'unknown'}"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return f"address {address.ipv4_mapped}"
        return f"address {ipaddress.ip_network((address, 64), strict=False)}"
    return f"address {address}"


async def begin(session: AsyncSession, whom: Sequence[str], tries: int) -> list[int]:
    """Count a try as failed before its password is looked at, so that tries at the same time are all counted.

    Give what this returns to `take_back` when the password was right.

    Raises:
        TooMany: as many have failed in the last 15 minutes; the answer says when to come back.
    """
    now = dt.datetime.now(dt.UTC)
    await session.execute(delete(SignInFailure).where(SignInFailure.at <= now - WINDOW))
    rows = []
    for key in sorted(whom):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
        oldest, count = (
            await session.execute(
                select(func.min(SignInFailure.at), func.count()).where(
                    SignInFailure.whom == key, SignInFailure.at > now - WINDOW
                )
            )
        ).one()
        if count >= tries:
            seconds = max(1, round((oldest + WINDOW - now).total_seconds()))
            raise TooMany(
                f"Signing in failed too often; try again in {-(-seconds // 60)} min.",
                headers={"Retry-After": str(seconds)},
            )
        rows.append(SignInFailure(whom=key))
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


async def take_back(session: AsyncSession, counted: Sequence[int]) -> None:
    """The try didn't fail."""
    await session.execute(delete(SignInFailure).where(SignInFailure.id.in_(counted)))
