"""What page routes share: who visits, fields of forms, versions in hidden fields, where errors are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException

from models.errors import CallError
from service.auth.permissions import Who
from service.edge import COOKIE, Db, Parts, PartsOf, Signed, csrf_token, masked, signed_in
from service.pages import html
from service.problems import FAULT, NOT_STORABLE, Forbidden, NotSignedIn, Problem, Unusable

SHAPE = TypeVar("SHAPE", bound=BaseModel)
PLAIN = ("/api/", "/static/", "/metrics", "/health", "/ready")
"""Paths whose errors are not for a reader of pages."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page by somebody signed in, with the transaction it works in."""

    request: Request
    session: AsyncSession
    who: Who
    parts: Parts
    csrf: str = field(init=False)
    """What the forms of the page send along; the same for all of them, so that they compress."""

    def __post_init__(self) -> None:
        token = csrf_token(self.parts.secret, self.request.cookies.get(COOKIE, ""))
        object.__setattr__(self, "csrf", masked(token))

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for the visitor."""
        said = self.request.query_params.get("said")
        return html.answer(template, status=status, said=said, visit=self, **values)

    async def fields(self) -> dict[str, str]:
        """The text fields of the form that was sent, without the CSRF token."""
        form = await self.request.form()
        return {
            name: value for name, value in form.items() if isinstance(value, str) and name != "csrf_token"
        }


def visit(request: Request, session: Db, who: Signed, parts: PartsOf) -> Visit:
    """Who visits; a change needs the CSRF token of the form."""
    return Visit(request, session, who, parts)


Visiting = Annotated[Visit, Depends(visit)]


def shaped(shape: type[SHAPE], values: Mapping[str, Any]) -> SHAPE:
    """The fields of a form as what the API takes.

    Raises:
        Unusable: one can't be used; the message names it.
    """
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise Unusable(f"{where}: {fault['msg'].removeprefix('Value error, ')}") from None


def as_edit(request: Request, version: str | None) -> Request:
    """The request as the API takes edits: with the version that its form was made of in `If-Match`."""
    headers = [*request.scope["headers"]]
    if version:
        headers.append((b"if-match", f'"{version}"'.encode("latin-1", "replace")))
    return Request({**request.scope, "headers": headers}, request.receive)


def own_path(path: str) -> str:
    """A path of this service to go on to, or the beginning."""
    good = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if good else "/"


def from_here(request: Request) -> None:
    """Go on only if the form is a page's of this service: for forms before anybody is signed in.

    Raises:
        Forbidden: another site's page sent it.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("This form was sent from another site; open this service's own page and try again.")


def install(app: FastAPI) -> None:
    """Show errors of pages as pages; those of the API stay problem documents."""
    earlier = {
        kind: app.exception_handlers[kind]
        for kind in (Problem, CallError, RequestValidationError, HTTPException, DataError, Exception)
    }

    async def shown(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(PLAIN):
            for kind, handler in earlier.items():
                if isinstance(error, kind):
                    found: Any = handler(request, error)
                    answer: Response = await found
                    return answer
        return await _page(request, error)

    for kind in earlier:
        app.add_exception_handler(kind, shown)


async def _page(request: Request, error: Exception) -> Response:
    before = _page_before(request)
    if isinstance(error, NotSignedIn):
        if request.method == "GET":
            before = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        door = f"/sign-in?next={quote(before or '/', safe='')}"
        if request.method == "GET":
            return RedirectResponse(door, status_code=303)
        title, detail = (
            error.title,
            "Your sign-in has ended. What you sent was not taken; sign in and send it again.",
        )
        return html.answer("problem.html", status=error.status, title=title, detail=detail, door=door)
    status, title, detail = _told(error)
    # After a fault nothing is asked of the database again: it may be what failed.
    known = None if status == HTTPStatus.INTERNAL_SERVER_ERROR else await _visitor(request)
    return html.answer("problem.html", status=status, title=title, detail=detail, back=before, visit=known)


def _told(error: Exception) -> tuple[int, str, str]:
    """Status, title and what to do of an error."""
    if isinstance(error, Problem):
        return error.status, error.title, error.detail
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return status, status.phrase, "There is nothing at this address; begin at the list of calls."
    if isinstance(error, RequestValidationError):
        fault = error.errors()[0]
        return Unusable.status, Unusable.title, f"{fault['loc'][-1]}: {fault['msg']}"
    if isinstance(error, DataError):
        return Unusable.status, Unusable.title, NOT_STORABLE
    if isinstance(error, CallError):
        return Unusable.status, Unusable.title, str(error)
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed here", FAULT


async def _visitor(request: Request) -> Visit | None:
    """Whoever met the error, so that the page has their navigation; what they changed is undone already."""
    there: Parts = request.app.state.parts
    # Whether the form's token was right is no question any more.
    asking = Request({**request.scope, "method": "GET"})
    async with there.database.transaction() as session:
        try:
            return Visit(request, session, await signed_in(asking, session), there)
        except NotSignedIn:
            return None


def _page_before(request: Request) -> str | None:
    """The page of this service that the visitor came from, so that no refusal is a dead end."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host"):
        return None
    path = came.path + (f"?{came.query}" if came.query else "")
    # A form may post to the address of its own page; a page that can't be shown is no way back.
    return None if request.method == "GET" and came.path == request.url.path else own_path(path)
