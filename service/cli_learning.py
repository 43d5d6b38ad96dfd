"""The command line's `learn`: learning from the reviews in the service's database, by whoever runs it."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import CallError
from models.files import printable

if TYPE_CHECKING:
    from service.database import Database
    from service.learning.gathering import Reviewed
    from service.learning.making import Made
    from service.settings import Settings


def learn(
    *,
    framework: Annotated[
        str | None, typer.Option("--framework", help="As calls name it; the service's usual one by default.")
    ] = None,
    only_try: Annotated[
        bool, typer.Option("--try", help="Only print what would come of it; nothing is stored.")
    ] = False,
    use: Annotated[
        str | None,
        typer.Option("--use", help="Put a version in use; `shipped` is what came with Ridealong."),
    ] = None,
) -> None:
    """Learn from the reviews in the service's database; what is better waits until it is put in use."""
    if only_try and use:
        raise CallError("--try and --use don't go together; give one of them.")
    from service.by_command import on_database  # noqa: PLC0415

    if use is not None:
        on_database(lambda database, settings: _use(database, settings, framework, use))
        return
    lines = on_database(
        lambda database, settings: (_try if only_try else _learn)(database, settings, framework)
    )
    for line in lines:
        sys.stdout.write(f"{line}\n")


def _chosen(settings: "Settings", framework: str | None) -> str:
    from service.calls.details import WrongDetail, framework_of  # noqa: PLC0415

    try:
        return framework_of(settings, framework, None)[0]
    except WrongDetail as error:
        raise CallError(f"--framework {printable(framework or '')!r}: {error}") from None


async def _use(database: "Database", settings: "Settings", framework: str | None, version: str) -> None:
    from service.learning.store import put_in_use  # noqa: PLC0415

    name = _chosen(settings, framework)
    async with database.transaction() as session:
        await put_in_use(session, name, version, None)
    sys.stdout.write(f"{printable(version)} is in use; drafts that are there stay as they are\n")


def _learning(name: str) -> "Callable[[str | None, Sequence[Reviewed]], Awaitable[Made]]":
    from models.framework import load_framework  # noqa: PLC0415
    from service.learning.making import learn as work  # noqa: PLC0415

    async def learning(text: str | None, given: "Sequence[Reviewed]") -> "Made":
        return await asyncio.to_thread(work, load_framework(name), text, given, _tell, threading.Lock())

    return learning


async def _try(database: "Database", settings: "Settings", framework: str | None) -> list[str]:
    from service.learning.gathering import reviewed  # noqa: PLC0415
    from service.learning.in_use import text_in_use  # noqa: PLC0415

    name = _chosen(settings, framework)
    async with database.transaction() as session:
        given, text = await reviewed(session, name), await text_in_use(session, name)
    made = await _learning(name)(text, given)
    return [_from(given), *made.lines, "nothing is stored; leave out --try to keep what is better"]


async def _learn(database: "Database", settings: "Settings", framework: str | None) -> list[str]:
    from service.learning import store  # noqa: PLC0415
    from service.learning.in_use import in_use  # noqa: PLC0415
    from service.learning.performing import perform  # noqa: PLC0415

    name = _chosen(settings, framework)
    async with database.transaction() as session:
        run, _ = await store.ask(session, name, None)
    made = await perform(database, settings, run.id, _learning(name))
    async with database.transaction() as session:
        now = await store.run(session, run.id)
        used = (await in_use(session, name)).version
    told = list(made.lines) if made else []
    if now.version is None:
        return [*told, "nothing is better than what is in use; drafts stay as they are"]
    if used == now.version:
        return [*told, f"{now.version} is in use from now on"]
    return [*told, f"{now.version} is stored; `ridealong learn --use {now.version}` puts it in use"]


def _tell(stage: str, share: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{share:4.0%} {stage:<24}" + ("\n" if share >= 1 else ""))


def _from(given: "Sequence[Reviewed]") -> str:
    calls, people = len({one.call for one in given}), len({one.reviewer for one in given})
    return f"{len(given)} reviews of {calls} calls by {people} reviewers"
