"""Which weights drafts are made by: what was put in use last, read anew for each call."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.learning.tables import Weights, WeightsUse


@dataclass(frozen=True, slots=True)
class Use:
    """What is in use of a framework. `number` counts changes; without a version it is what was shipped."""

    number: int
    weights_id: uuid.UUID | None = None
    version: str | None = None
    since: dt.datetime | None = None


async def in_use(session: AsyncSession, framework: str) -> Use:
    """What is in use of a framework, named as on calls."""
    query = (
        select(WeightsUse, Weights.version)
        .outerjoin(Weights, Weights.id == WeightsUse.weights_id)
        .where(WeightsUse.framework == framework)
        .order_by(WeightsUse.number.desc())
        .limit(1)
    )
    row = (await session.execute(query)).first()
    if row is None:
        return Use(0)
    return Use(row[0].number, row[0].weights_id, row[1], row[0].since)


async def text_in_use(session: AsyncSession, framework: str) -> str | None:
    """The weights file in use of a framework; None for the one that lies beside the framework."""
    found = (await in_use(session, framework)).weights_id
    return None if found is None else await session.scalar(select(Weights.text).where(Weights.id == found))


async def since(session: AsyncSession, framework: str, version: str, at: dt.datetime) -> dt.datetime | None:
    """Since when a version was in use that made a draft at a moment; None for shipped weights."""
    query = (
        select(WeightsUse.since)
        .join(Weights, Weights.id == WeightsUse.weights_id)
        .where(WeightsUse.framework == framework, Weights.version == version, WeightsUse.since <= at)
        .order_by(WeightsUse.number.desc())
        .limit(1)
    )
    return await session.scalar(query)
