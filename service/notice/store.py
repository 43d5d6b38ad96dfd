"""All queries about who has read the notice."""

import uuid

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.notice.tables import Acknowledgement
from service.notice.text import Notice
from service.problems import Changed


async def acknowledged(session: AsyncSession, person: uuid.UUID, version: str) -> Acknowledgement | None:
    """That a person has read this text; None while they haven't."""
    return await session.get(Acknowledgement, (person, version))


async def acknowledge(session: AsyncSession, person: uuid.UUID, current: Notice, version: str) -> bool:
    """Keep that a person has read the text; whether they hadn't before.

    Raises:
        Changed: the text is another one by now.
    """
    if version != current.version:
        raise Changed(
            "The notice has changed since you opened it; read it again, then acknowledge that text."
        )
    row = insert(Acknowledgement).values(person_id=person, version=version, words=current.words)
    made = await session.execute(row.on_conflict_do_nothing().returning(Acknowledgement.version))
    return made.first() is not None
