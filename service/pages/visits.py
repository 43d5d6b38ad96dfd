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
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException

from models.errors import CallError
from service.auth.permissions import Who
from service.edge import COOKIE, Db, Parts, PartsOf, Signed, csrf_token, masked
from service.pages import html
from service.problems import Forbidden, NotSignedIn, Problem, Unusable

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
        for kind in (Problem, CallError, RequestValidationError, HTTPException)
    }

    async def shown(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(PLAIN):
            for kind, handler in earlier.items():
                if isinstance(error, kind):
                    found: Any = handler(request, error)
                    answer: Response = await found
                    return answer
        return _page(request, error)

    for kind in earlier:
        app.add_exception_handler(kind, shown)


def _page(request: Request, error: Exception) -> Response:
    if isinstance(error, NotSignedIn) and request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", status_code=303)
    if isinstance(error, Problem):
        status, title, detail = error.status, error.title, error.detail
    elif isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        title, detail = status.phrase, "There is nothing at this address; begin at the list of calls."
    elif isinstance(error, RequestValidationError):
        fault = error.errors()[0]
        status, title = Unusable.status, Unusable.title
        detail = f"{fault['loc'][-1]}: {fault['msg']}"
    else:
        status, title, detail = Unusable.status, Unusable.title, str(error)
    return html.answer("problem.html", status=status, title=title, detail=detail, back=_page_before(request))


def _page_before(request: Request) -> str | None:
    """The page of this service that the visitor came from, so that no refusal is a dead end."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host") or came.path == request.url.path:
        return None
    return own_path(came.path + (f"?{came.query}" if came.query else ""))
