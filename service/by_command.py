"""What a command does on the service's own database, on the machine that runs it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from models.errors import CallError
from service.database import Database, running, upgrade
from service.problems import Problem
from service.settings import Settings, load_settings

Found = TypeVar("Found")


def on_database(work: Callable[[Database, Settings], Awaitable[Found]]) -> Found:
    """Do something on the database, which is brought up to date first; a Problem becomes a CallError."""
    settings = load_settings()
    with running(settings) as url:
        upgrade(url)

        async def go() -> Found:
            database = Database(url, connections=2)
            try:
                return await work(database, settings)
            finally:
                await database.close()

        try:
            return asyncio.run(go())
        except Problem as problem:
            raise CallError(problem.detail) from None
