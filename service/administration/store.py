"""The queries of settings that an administrator stored."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.administration.live import checked, fixed_by, merged
from service.auth.tables import Setting
from service.settings import LIVE, Settings

VERSION = "settings_version"
_LOCK = 0x51DEA13  # of changes to settings: two administrators take turns


async def stored(session: AsyncSession) -> dict[str, str]:
    """What was stored of settings that can be changed, as JSON by name."""
    query = select(Setting.name, Setting.value).where(Setting.name.in_(LIVE))
    return {row.name: row.value for row in await session.execute(query)}


async def effective(session: AsyncSession, settings: Settings) -> Settings:
    """The settings that hold now; `settings` are those of the start."""
    return merged(settings, await stored(session))


async def value(session: AsyncSession, name: str, at_start: Any) -> Any:
    """One setting as it holds in this very transaction; `at_start` is what environment and file said."""
    row = None if fixed_by(name) else await session.get(Setting, name, populate_existing=True)
    return at_start if row is None else checked(name, json.loads(row.value))


async def version(session: AsyncSession, *, lock: bool = False) -> int:
    """How often they were changed, for ETags; `lock` keeps others from it until the transaction ends."""
    if lock:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return int(await session.scalar(select(Setting.value).where(Setting.name == VERSION)) or 0)


async def change(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Store values by name; None takes back what was stored."""
    number = await version(session) + 1
    for name, value in values.items():
        if value is None:
            row = await session.get(Setting, name)
            if row is not None:
                await session.delete(row)
        else:
            await _keep(session, name, json.dumps(value))
    await _keep(session, VERSION, str(number))
    await session.flush()


async def _keep(session: AsyncSession, name: str, value: str) -> None:
    row = insert(Setting).values(name=name, value=value)
    changed = {"value": row.excluded.value, "changed_at": func.now()}
    await session.execute(row.on_conflict_do_update(index_elements=[Setting.name], set_=changed))
