"""What the API answers when it can't do what was asked: RFC 9457, `application/problem+json`."""

import errno
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from models.errors import CallError

MEDIA_TYPE = "application/problem+json"
NOT_STORABLE = (
    "The request holds a character or number that no database keeps, such as a zero character; take it out."
)
NO_ROOM = "The service has no room left on its disk; tell whoever runs it, and try again later."
AWAY = "The database doesn't answer at the moment; nothing was changed. Try again in a few seconds."
AGAIN_IN = "5"  # seconds
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FAULT = "The service failed at this; its log says where. Try again, and tell whoever runs it if it stays so."

log = structlog.get_logger("ridealong.problems")


class Problem(Exception):
    """A request can't be met; `detail` says what is wrong and what to do, for the person who asked."""

    status = HTTPStatus.BAD_REQUEST
    title = "The request can't be met"

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers
        self.more = more


class NotSignedIn(Problem):
    """Nobody is signed in, or the session or token has ended."""

    status = HTTPStatus.UNAUTHORIZED
    title = "Sign in first"


class Forbidden(Problem):
    """The person may see the thing, but not do this with it."""

    status = HTTPStatus.FORBIDDEN
    title = "Not allowed"


class NotFound(Problem):
    """There is no such thing, or it isn't for this person to know whether there is."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class Conflict(Problem):
    """What is there doesn't allow this now: done already, or not yet."""

    status = HTTPStatus.CONFLICT
    title = "Conflict"


class Changed(Problem):
    """Somebody else changed it since it was read."""

    status = HTTPStatus.PRECONDITION_FAILED
    title = "Changed since you read it"


class TagMissing(Problem):
    """An edit doesn't say which version it is of."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "Say which version you edit"


class TooLarge(Problem):
    """More than is taken."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Too large"


class Unusable(Problem):
    """Understood, but it can't be used."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Can't be used"


class DiskFull(Problem):
    """The disk of the service has no room for what is sent."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    title = "No room"


class TooMany(Problem):
    """Asked too often."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many tries"


def answer(status: int, title: str, detail: str, headers: Any = None, **more: Any) -> Response:
    """A problem document."""
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, **more}
    return JSONResponse(body, status_code=int(status), media_type=MEDIA_TYPE, headers=headers)


async def _away(_request: Request, error: Exception) -> Response:
    """The database is away, has no room, or has too much to do: not the request's fault."""
    if isinstance(getattr(error, "orig", error), psycopg.errors.DiskFull):
        log.warning("disk full", part_of="database")
        return answer(DiskFull.status, DiskFull.title, NO_ROOM)
    log.warning("database away", error=type(error).__name__)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return answer(status, status.phrase, AWAY, {"Retry-After": AGAIN_IN})


def install(app: FastAPI) -> None:
    """Have every error leave the API as a problem document."""

    @app.exception_handler(Problem)
    async def problem(_request: Request, error: Problem) -> Response:
        return answer(error.status, error.title, error.detail, error.headers, **error.more)

    @app.exception_handler(CallError)
    async def call_error(_request: Request, error: CallError) -> Response:
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, Unusable.title, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"where": ".".join(str(part) for part in fault["loc"]), "what": fault["msg"]}
            for fault in error.errors()
        ]
        first = f"{faults[0]['where']}: {faults[0]['what']}" if faults else "the request can't be read"
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, Unusable.title, first, faults=faults)

    @app.exception_handler(DataError)
    async def not_storable(_request: Request, _error: DataError) -> Response:
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, Unusable.title, NOT_STORABLE)

    @app.exception_handler(OSError)
    async def no_room(_request: Request, error: OSError) -> Response:
        if error.errno not in FULL:
            raise error
        log.warning("disk full")
        return answer(DiskFull.status, DiskFull.title, NO_ROOM)

    for kind in (
        OperationalError,
        InterfaceError,
        NoConnectionFree,
        psycopg.OperationalError,
        ConnectorException,
    ):
        app.add_exception_handler(kind, _away)

    @app.exception_handler(Exception)
    async def fault(_request: Request, _error: Exception) -> Response:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return answer(status, status.phrase, FAULT)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return answer(status, status.phrase, str(error.detail), error.headers)
