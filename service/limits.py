"""A limit on what a request may hold where no file is taken: such bodies are read into memory."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.calls.receiving import size_shown
from service.problems import TooLarge, answer

MOST = 16 * 1024**2
"""Bytes of a body that isn't a file; the transcript of a day's talk is smaller."""
# Routes that write what comes to the disk, under limits of their own.
_FILES = re.compile(
    r"(/api/v1/(calls(/batch)?|uploads(/[^/]*)?)|/calls/upload|/practice/scenarios/[^/]*/upload)/?"
)


class SmallBodies:
    """Refuses bodies over `MOST` bytes with 413, before they are held whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or _FILES.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        come, began = 0, False

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > MOST:
                raise _TooMuch
            return message

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooMuch:
            if began:
                raise
            detail = f"The request holds more than {size_shown(MOST)}; only files may, sent to /uploads."
            refusal = answer(TooLarge.status, TooLarge.title, detail, {"Connection": "close"})
            await refusal(scope, receive, send)


class _TooMuch(BaseException):
    """Not an Exception: whoever parses the body must not take it for a fault of the body's form."""
