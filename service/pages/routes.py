"""Routes of the pages."""

from fastapi import APIRouter, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from service.pages import (
    account_routes,
    agreement_routes,
    call_routes,
    coach_calibration_routes,
    coach_routes,
    door_routes,
    keeping_routes,
    learning_routes,
    list_routes,
    mine_routes,
    people_routes,
    practice_attempt_routes,
    practice_edit_routes,
    practice_routes,
    profile_routes,
    settings_routes,
    team_routes,
    token_routes,
    turn_routes,
    visits,
    webhook_routes,
)
from service.pages.html import STATIC

router = APIRouter()
for part in (
    door_routes,
    account_routes,
    people_routes,
    list_routes,
    call_routes,
    keeping_routes,
    coach_routes,
    coach_calibration_routes,
    agreement_routes,
    learning_routes,
    profile_routes,
    settings_routes,
    team_routes,
    token_routes,
    webhook_routes,
    turn_routes,
    practice_routes,
    practice_attempt_routes,
    practice_edit_routes,
    mine_routes,
):
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
    # Not of event streams, sound and parts of files: starlette leaves those alone.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.mount("/static", Files(directory=STATIC), name="static")
    visits.install(app)
