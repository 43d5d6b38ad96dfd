"""All queries about accounts, teams, who has what part in them, and which reps a coach looks after."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from service.auth import store
from service.auth.tables import ROLES, Assignment, Invitation, Membership, Person, Role, Team
from service.problems import Conflict, NotFound, Unusable

ADMINISTRATORS = 0x51DEA11  # advisory lock of who administers: two can't remove each other at the same time
EMAIL_TAKEN = "email: another account has this address; edit that one, or use another."
LAST = "There would be no administrator left; make somebody else administrator first."
NO_PERSON = "There is no such person."
NO_TEAM = "There is no such team, or it isn't yours."
Place = tuple[dt.datetime, uuid.UUID]


async def lock_administrators(session: AsyncSession) -> None:
    """Until the transaction ends nobody else changes who administers."""
    await session.execute(select(func.pg_advisory_xact_lock(ADMINISTRATORS)))


async def anybody(session: AsyncSession) -> bool:
    """Whether there is any account."""
    return bool(await session.scalar(select(exists().select_from(Person))))


async def people(
    session: AsyncSession, *, after: Place | None = None, limit: int = 50, text: str = ""
) -> list[Person]:
    """Accounts, newest first; `text` is part of a name or address."""
    query = select(Person).order_by(Person.created_at.desc(), Person.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(Person.created_at, Person.id) < after)
    if text:
        query = query.where(
            or_(Person.name.icontains(text, autoescape=True), Person.email.icontains(text, autoescape=True))
        )
    return list(await session.scalars(query))


async def person(session: AsyncSession, wanted: uuid.UUID, *, lock: bool = False) -> Person:
    """An account.

    Raises:
        NotFound: there is none.
    """
    query = select(Person).where(Person.id == wanted).execution_options(populate_existing=True)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(NO_PERSON)
    return found


async def add_person(
    session: AsyncSession, *, email: str, name: str, administrator: bool = False, time_zone: str = "UTC"
) -> Person:
    """A new account that can't sign in yet.

    Raises:
        Conflict: the address has an account.
    """
    made: Person | None = await session.scalar(
        insert(Person)
        .values(email=email, name=name, administrator=administrator, time_zone=time_zone)
        .on_conflict_do_nothing()
        .returning(Person)
    )
    if made is None:
        raise Conflict(EMAIL_TAKEN)
    return made


async def edit_person(session: AsyncSession, found: Person, changes: Mapping[str, Any]) -> None:
    """Change an account; `disabled` true puts the person out at once: sign-ins, tokens and invitations end.

    Raises:
        Conflict: nobody would be left to administer, or the new address has an account.
    """
    values = dict(changes)
    if "disabled" in values:
        values["disabled_at"] = (
            (found.disabled_at or dt.datetime.now(dt.UTC)) if values.pop("disabled") else None
        )
    leaves = values.get("administrator") is False or values.get("disabled_at") is not None
    if found.administrator and leaves:
        await _keep_one(session, found.id)
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise Conflict(EMAIL_TAKEN) from None
    if found.disabled_at is not None:
        await store.close_sessions(session, found.id)
        await store.revoke_tokens(session, found.id)
        await session.execute(delete(Invitation).where(Invitation.person_id == found.id))


async def _keep_one(session: AsyncSession, leaving: uuid.UUID) -> None:
    others = (Person.administrator, Person.disabled_at.is_(None), Person.id != leaving)
    if not await session.scalar(select(exists().where(*others))):
        raise Conflict(LAST)


async def parts(
    session: AsyncSession, wanted: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[Team, list[Role]]]]:
    """The teams of people, by name, and what part they have in each."""
    query = (
        select(Membership, Team)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id.in_(wanted))
        .order_by(func.lower(Team.name))
    )
    found: dict[uuid.UUID, dict[uuid.UUID, tuple[Team, set[str]]]] = {}
    for member, team in await session.execute(query):
        found.setdefault(member.person_id, {}).setdefault(team.id, (team, set()))[1].add(member.role)
    return {
        who: [(team, [role for role in ROLES if role in roles]) for team, roles in teams.values()]
        for who, teams in found.items()
    }


async def teams(
    session: AsyncSession,
    only: Sequence[uuid.UUID] | None = None,
    *,
    after: str | None = None,
    limit: int = 50,
) -> list[Team]:
    """Teams by name; `only` these, None for all; `after` is the last name of the page before."""
    query = select(Team).order_by(func.lower(Team.name)).limit(limit)
    if only is not None:
        query = query.where(Team.id.in_(only))
    if after is not None:
        query = query.where(func.lower(Team.name) > func.lower(after))
    return list(await session.scalars(query))


async def team(session: AsyncSession, wanted: uuid.UUID, *, lock: bool = False) -> Team:
    """A team.

    Raises:
        NotFound: there is none.
    """
    query = select(Team).where(Team.id == wanted)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(NO_TEAM)
    return found


async def team_by_name(session: AsyncSession, name: str) -> Team | None:
    """A team by its name, whatever its case."""
    return await session.scalar(select(Team).where(func.lower(Team.name) == func.lower(name)))


async def add_team(session: AsyncSession, name: str) -> Team:
    """A new team.

    Raises:
        Conflict: there is one of that name.
    """
    made: Team | None = await session.scalar(
        insert(Team).values(name=name).on_conflict_do_nothing().returning(Team)
    )
    if made is None:
        raise Conflict("name: there is a team of this name; take another.")
    return made


async def rename_team(session: AsyncSession, found: Team, name: str) -> None:
    """Give a team another name.

    Raises:
        Conflict: there is one of that name.
    """
    found.name = name
    found.version += 1
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise Conflict("name: there is a team of this name; take another.") from None


async def remove_team(session: AsyncSession, found: Team) -> None:
    """Remove a team that nothing belongs to; its members keep their accounts.

    Raises:
        Conflict: calls belong to it.
    """
    try:
        async with session.begin_nested():
            await session.delete(found)
            await session.flush()
    except IntegrityError:
        raise Conflict("Calls belong to the team; delete them first, or rename the team.") from None
    await _drop_loose(session)


async def members(session: AsyncSession, wanted: uuid.UUID) -> list[tuple[Person, list[Role]]]:
    """Who is in a team, by name, and in what part."""
    query = (
        select(Person, func.array_agg(Membership.role))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == wanted)
        .group_by(Person.id)
        .order_by(func.lower(Person.name), Person.id)
    )
    rows = await session.execute(query)
    return [(who, [role for role in ROLES if role in found]) for who, found in rows]


async def set_parts(session: AsyncSession, team: uuid.UUID, person: uuid.UUID, roles: Sequence[Role]) -> None:
    """Give somebody these parts in a team and no others; none takes them out of it."""
    mine = (Membership.team_id == team, Membership.person_id == person)
    await session.execute(delete(Membership).where(*mine, Membership.role.not_in(roles)))
    if roles:
        rows = [{"team_id": team, "person_id": person, "role": role} for role in roles]
        await session.execute(insert(Membership).values(rows).on_conflict_do_nothing())
    await _drop_loose(session)


def _together() -> Any:
    """The condition on `Assignment` that its coach coaches in a team that its rep sells in."""
    coach, rep = aliased(Membership), aliased(Membership)
    return exists().where(
        coach.person_id == Assignment.coach_id,
        coach.role == "coach",
        rep.person_id == Assignment.rep_id,
        rep.role == "rep",
        coach.team_id == rep.team_id,
    )


async def _drop_loose(session: AsyncSession) -> None:
    """Assignments whose coach and rep are no longer in one team would come back to life with a new part."""
    await session.execute(delete(Assignment).where(~_together()))


async def reps_of(session: AsyncSession, coach: uuid.UUID) -> list[Person]:
    """The reps that a coach looks after, by name."""
    query = select(Person).join(Assignment, Assignment.rep_id == Person.id)
    found = await session.scalars(query.where(Assignment.coach_id == coach).order_by(func.lower(Person.name)))
    return list(found)


async def assign(session: AsyncSession, coach: uuid.UUID, rep: uuid.UUID) -> None:
    """Have a coach look after a rep.

    Raises:
        Unusable: they are not coach and rep in one team, or they are one person.
    """
    if coach == rep:
        raise Unusable("Nobody coaches themselves; choose another coach.")
    await session.execute(insert(Assignment).values(coach_id=coach, rep_id=rep).on_conflict_do_nothing())
    pair = (Assignment.coach_id == coach, Assignment.rep_id == rep)
    if not await session.scalar(select(exists().where(*pair, _together()))):
        raise Unusable("They aren't coach and rep in the same team; give them these parts first.")


async def unassign(session: AsyncSession, coach: uuid.UUID, rep: uuid.UUID) -> None:
    """Have a coach no longer look after a rep."""
    pair = (Assignment.coach_id == coach, Assignment.rep_id == rep)
    await session.execute(delete(Assignment).where(*pair))
