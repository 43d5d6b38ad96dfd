"""The web application: the routes of every slice, errors as problem documents, one life for its parts."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version

from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from service import operations, problems
from service.administration import store as administration
from service.auth import store as people
from service.calls import work_routes
from service.database import Database
from service.edge import Parts
from service.jobs import queue
from service.pages import routes as pages
from service.settings import Settings
from service.storage import Storage

API = "/api/v1"
FOLLOW_EVERY = 3.0  # seconds after which a change of settings by another process is known here
SLICES = (
    "administration",
    "auth",
    "calls",
    "reviews",
    "agreement",
    "coaching",
    "learning",
    "practice",
    "mine",
    "notice",
    "privacy",
    "search",
    "export",
    "webhooks",
)
"""Packages with a `routes.py` whose `router` is served below /api/v1."""


async def _follow_settings(app: FastAPI) -> None:
    """Take over what an administrator changes, here or by another process."""
    while True:
        parts: Parts = app.state.parts
        try:
            async with parts.database.transaction() as session:
                now = await administration.effective(session, app.state.where[0])
            app.state.parts = replace(app.state.parts, settings=now)
        except (DBAPIError, OSError):  # the database is away: what held goes on holding
            pass
        await asyncio.sleep(FOLLOW_EVERY)


def create_app(settings: Settings, url: str) -> FastAPI:
    """The application on a database whose tables are up to date."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        settings, url = app.state.where
        database = Database(url)
        jobs = queue(url)
        async with jobs.open_async():
            async with database.transaction() as session:
                secret = await people.setting(session, "secret", secrets.token_hex(32))
            app.state.parts = Parts(settings, database, Storage(settings), jobs, bytes.fromhex(secret))
            following = asyncio.ensure_future(_follow_settings(app))
            try:
                yield
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                await database.close()

    app = FastAPI(
        title="Ridealong",
        version=version("ridealong"),
        summary="Recorded sales calls: transcript, evidence, draft scores that people review.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    app.state.where = settings, url
    problems.install(app)
    for name in SLICES:
        app.include_router(import_module(f"service.{name}.routes").router, prefix=API)
    app.include_router(work_routes.router, prefix=API)
    operations.install(app, settings)
    pages.install(app)
    return app
