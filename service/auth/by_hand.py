"""Accounts made, listed, invited and disabled on the service's own machine: what `ridealong user` does."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from models.files import printable
from service.auth import invitations, people, store
from service.auth.shapes import Email, Line
from service.auth.tables import Person, Role
from service.by_command import on_database
from service.database import Database
from service.privacy.store import record
from service.settings import Settings

Found = TypeVar("Found")
Given = Literal["manager", "coach", "rep"]


def add(email: str, *, name: str | None, team: str | None, role: Given | None, administrator: bool) -> str:
    """Add an account; returns the link by which its person sets a password. Raises CallError."""
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

    return _run(work)


def invite(email: str) -> str:
    """A new link by which somebody sets a password; raises CallError where they can't have one."""

    async def work(session: AsyncSession, settings: Settings) -> str:
        person = await _of(session, email)
        if person.disabled_at is not None:
            raise CallError(
                f"{printable(email)}: the account is disabled; run `ridealong user enable` first."
            )
        record(session, None, "person.invited", about=person.id)
        return invitations.link(settings, await invitations.invite(session, person.id))

    return _run(work)


def rows() -> list[tuple[str, str, str, str]]:
    """Address, name, parts in teams and standing of every account, by address."""

    async def work(session: AsyncSession, _settings: Settings) -> list[tuple[str, str, str, str]]:
        found: list[tuple[str, str, str, str]] = []
        after: people.Place | None = None
        while page := await people.people(session, after=after, limit=200):
            parts = await people.parts(session, [row.id for row in page])
            found += [
                (
                    row.email,
                    row.name,
                    "; ".join(f"{team.name}: {', '.join(roles)}" for team, roles in parts.get(row.id, [])),
                    _standing(row),
                )
                for row in page
            ]
            after = page[-1].created_at, page[-1].id
        return sorted(found, key=lambda row: row[0].lower())

    return _run(work)


def set_disabled(email: str, *, disabled: bool) -> None:
    """Put somebody out at once, or let them in again; raises CallError."""

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


def _run(work: Callable[[AsyncSession, Settings], Awaitable[Found]]) -> Found:
    """Do something in one transaction on the service's database, which is brought up to date first."""

    async def whole(database: Database, settings: Settings) -> Found:
        async with database.transaction() as session:
            return await work(session, settings)

    return on_database(whole)
