"""Routes of the pages."""

from fastapi import APIRouter, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from service.pages import account_routes, call_routes, door_routes, list_routes, people_routes, visits
from service.pages.html import STATIC

router = APIRouter()
for part in (door_routes, account_routes, people_routes, list_routes, call_routes):
    router.include_router(part.router)


class Files(StaticFiles):
    """Static files; one that is asked for by its content's address may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long browsers may keep it."""
        answer = await super().get_response(path, scope)
        if scope["query_string"]:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def install(app: FastAPI) -> None:
    """Serve the pages, their files, and errors as pages."""
    app.include_router(router)
    app.mount("/static", Files(directory=STATIC), name="static")
    visits.install(app)
