"""Erasing a person: what is theirs goes, what others did with it stays without their name."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Table as Rows
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import people
from service.auth.tables import Person, SignInFailure
from service.calls.listing import removed
from service.calls.tables import Call
from service.privacy.retention import counted
from service.privacy.tables import Entry, Hold
from service.reviews.tables import Comment
from service.tables import Table

NAME = "Removed person"
"""What stands in the place of the name; the audit log's guard in the database knows it, too."""
_GUARDED = "select tgrelid::regclass::text from pg_trigger where tgname = 'added_only'"


@dataclass(frozen=True, slots=True)
class Erased:
    """What went and what stays. `keys` are recordings in storage that no call has any more."""

    calls: int
    held: int
    keys: tuple[str, ...]
    remains: tuple[str, ...]


async def erase(session: AsyncSession, person: Person) -> Erased:
    """Delete a person's calls, practice and sign-ins, and take the name from what others rely on.

    Raises:
        Conflict: nobody would be left to administer.
    """
    address = person.email
    await people.edit_person(
        session, person, {"disabled": True, "administrator": False, "name": NAME, "time_zone": "UTC"}
    )
    person.email, person.password_hash = f"removed-{person.id}@removed.invalid", None
    calls, keys = await _delete_calls(session, person.id)
    await _delete_rows(session, person.id)
    await session.execute(delete(SignInFailure).where(SignInFailure.whom == address.lower()))
    await session.execute(
        update(Comment).where(Comment.by_id == person.id).values(words="", removed_at=func.now())
    )
    await session.execute(
        text("select set_config('ridealong.erased', :person, true)").bindparams(person=str(person.id))
    )
    await session.execute(update(Entry).where(Entry.actor_id == person.id).values(actor=NAME))
    await session.flush()
    held = await session.scalar(select(func.count()).select_from(Call).where(Call.rep_id == person.id)) or 0
    return Erased(calls, held, tuple(keys), tuple(_remains(held)))


async def _delete_calls(session: AsyncSession, person: uuid.UUID) -> tuple[int, list[str]]:
    """Delete the calls in which they spoke, but for those on hold; how many that others know of, and keys."""
    held = select(Hold.call_id)
    known, keys = 0, []
    rows = await session.execute(
        select(Call, counted().label("known"))
        .where(Call.rep_id == person, Call.id.not_in(held))
        .with_for_update(of=Call)
    )
    for call, counts in rows.all():
        known += bool(counts)
        key = await removed(session, call)
        if key is not None:
            keys.append(key)
    return known, keys


async def _delete_rows(session: AsyncSession, person: uuid.UUID) -> None:
    """Delete what belongs to the person alone: rows that go with them, in every table that says so."""
    guarded = set(await session.scalars(text(_GUARDED)))
    for table in Table.metadata.sorted_tables[::-1]:
        if table.name in guarded:
            continue
        for column in _goes_with(table):
            await session.execute(delete(table).where(table.c[column] == person))


def _goes_with(table: Rows) -> Iterable[str]:
    return [
        key.parent.name
        for key in table.foreign_keys
        if key.column.table.name == Person.__tablename__ and key.ondelete == "CASCADE"
    ]


def _remains(held: int) -> Iterable[str]:
    yield "What they said of others' calls (scores, reasons, decisions, notes) stays, without their name."
    yield "The audit log keeps what was done and when, by an id that no longer leads to a name."
    yield "Calls of others in which they are heard or named stay; delete or correct those one by one."
    yield "Backups made before today still hold everything; let them expire."
    if held:
        yield f"{held} of their calls are on legal hold; lift the holds and repeat this to have them go."
