"""Who sends a large body: found out before it is read, in a transaction that ends before it comes."""

from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.edge import signed_in


async def _no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def who_asks(request: Request, session: AsyncSession) -> Who:
    """Who asks, by what the headers say alone; a cookie needs the CSRF token in its header.

    Raises:
        NotSignedIn, Forbidden: as `signed_in`.
    """
    return await signed_in(Request(request.scope, receive=_no_body), session)
