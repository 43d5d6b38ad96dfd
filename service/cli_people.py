"""The command line's `user`: accounts made, listed, invited and disabled by whoever runs the service."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from models.files import printable
from service.auth import invitations, people, store
from service.auth.shapes import Email, Line
from service.auth.tables import Person, Role
from service.database import Database, running, upgrade
from service.privacy.store import record
from service.problems import Problem
from service.settings import Settings, load_settings

Found = TypeVar("Found")
user = typer.Typer(help="Accounts: who can sign in, and what part they have.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The account's e-mail address.", show_default=False)]


@user.command()
def add(
    email: Address,
    *,
    name: Annotated[str | None, typer.Option("--name", help="Default: what stands before the @.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="A team; made if there is none.")] = None,
    role: Annotated[
        Literal["manager", "coach", "rep"] | None, typer.Option("--role", help="The part in the team.")
    ] = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Looks after users and settings; sees no calls by that.")
    ] = False,
) -> None:
    """Add an account and print a link by which its person sets a password."""
    if (team is None) != (role is None):
        raise CallError("--team and --role go together; give both, or neither.")
    address, called = (
        _checked(Email, email, "EMAIL"),
        _checked(Line, name or email.partition("@")[0], "--name"),
    )
    its_team = _checked(Line, team, "--team") if team is not None else None

    async def work(session: AsyncSession, settings: Settings) -> str:
        person = await people.add_person(session, email=address, name=called, administrator=administrator)
        record(session, None, "person.added", about=person.id, administrator=administrator)
        if its_team is not None and role is not None:
            await _join(session, person, its_team, role)
        return invitations.link(settings, await invitations.invite(session, person.id))

    _print_link(_run(work))


@user.command()
def invite(email: Address) -> None:
    """Print a new link by which somebody sets a password, such as one who has forgotten theirs."""

    async def work(session: AsyncSession, settings: Settings) -> str:
        person = await _of(session, email)
        if person.disabled_at is not None:
            raise CallError(
                f"{printable(email)}: the account is disabled; run `ridealong user enable` first."
            )
        record(session, None, "person.invited", about=person.id)
        return invitations.link(settings, await invitations.invite(session, person.id))

    _print_link(_run(work))


@user.command("list")
def show() -> None:
    """List accounts: address, name, parts in teams."""

    async def work(session: AsyncSession, _settings: Settings) -> list[tuple[str, str, str, str]]:
        rows: list[tuple[str, str, str, str]] = []
        after: people.Place | None = None
        while page := await people.people(session, after=after, limit=200):
            parts = await people.parts(session, [row.id for row in page])
            rows += [
                (
                    row.email,
                    row.name,
                    "; ".join(f"{team.name}: {', '.join(roles)}" for team, roles in parts.get(row.id, [])),
                    _standing(row),
                )
                for row in page
            ]
            after = page[-1].created_at, page[-1].id
        return sorted(rows, key=lambda row: row[0].lower())

    table = Table("E-mail", "Name", "Teams", "", box=None, pad_edge=False)
    for row in _run(work):
        table.add_row(*map(Text, row))
    # Addresses are cut to the width of a terminal, never of a pipe.
    console = Console(highlight=False)
    console.print(table, soft_wrap=not console.is_terminal)


@user.command()
def disable(email: Address) -> None:
    """Put somebody out at once: sign-ins, API tokens and invitations end; what they did stays."""
    _set_disabled(email, disabled=True)


@user.command()
def enable(email: Address) -> None:
    """Let somebody who was disabled in again."""
    _set_disabled(email, disabled=False)


def _set_disabled(email: str, *, disabled: bool) -> None:
    async def work(session: AsyncSession, _settings: Settings) -> None:
        await people.lock_administrators(session)
        person = await people.person(session, (await _of(session, email)).id, lock=True)
        await people.edit_person(session, person, {"disabled": disabled})
        record(session, None, "person.edited", about=person.id, fields=["disabled"], disabled=disabled)

    _run(work)


def _standing(row: Person) -> str:
    marks = (("administrator", row.administrator), ("disabled", row.disabled_at is not None))
    return ", ".join(mark for mark, holds in marks if holds)


async def _of(session: AsyncSession, email: str) -> Person:
    found = await store.person_by_email(session, _checked(Email, email, "EMAIL"))
    if found is None:
        raise CallError(f"{printable(email)}: no such account; `ridealong user list` shows them.")
    return found


async def _join(session: AsyncSession, person: Person, name: str, role: Role) -> None:
    team = await people.team_by_name(session, name)
    if team is None:
        team = await people.add_team(session, name)
        record(session, None, "team.added", team=str(team.id))
    await people.set_parts(session, team.id, person.id, [role])
    record(session, None, "membership.edited", about=person.id, team=str(team.id), roles=[role])


def _checked(kind: Any, value: str, name: str) -> str:
    try:
        found: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise CallError(f"{name} {printable(value)!r}: {fault}") from None
    return found


def _print_link(link: str) -> None:
    Console(highlight=False).print(link, markup=False, soft_wrap=True)
    Console(stderr=True, highlight=False).print("The link works once, for a week; give it to the person.")


def _run(work: Callable[[AsyncSession, Settings], Awaitable[Found]]) -> Found:
    """Do something in one transaction on the service's database, which is brought up to date first."""
    settings = load_settings()
    with running(settings) as url:
        upgrade(url)

        async def go() -> Found:
            database = Database(url, connections=1)
            try:
                async with database.transaction() as session:
                    return await work(session, settings)
            finally:
                await database.close()

        try:
            return asyncio.run(go())
        except Problem as problem:
            raise CallError(problem.detail) from None
