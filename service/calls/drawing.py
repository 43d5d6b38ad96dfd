"""Draws a recording that was decoded before drawings were kept. Imported by workers only: it decodes."""

import asyncio
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.audio import decode
from models.errors import CallError
from service.calls import waveforms
from service.calls.peaks import peaks
from service.calls.tables import Recording
from service.edge import Parts

NOTHING: dict[str, Any] = {"peaks": [], "seconds": 0.0}


async def draw(parts: Parts, recording_id: uuid.UUID, folder: Path, prefix: str) -> None:
    """Decode a recording in `folder` and keep its peaks; of one that can't be decoded, that there are none.

    `prefix` begins the names of what lies there meanwhile, so that it is found after a crash.
    """
    async with parts.database.transaction() as session:
        if await waveforms.kept(session, recording_id) is not None:
            return
        found = await session.get(Recording, recording_id)
    if found is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as name:
        path = Path(name) / "recording"
        try:
            await parts.storage.fetch(found.key, path)
            body = await asyncio.to_thread(_drawn, path)
        except (CallError, FileNotFoundError):
            body = NOTHING
    async with parts.database.transaction() as session:
        await waveforms.keep(session, recording_id, body)


def _drawn(path: Path) -> dict[str, Any]:
    with decode(path, folder=path.parent) as audio:
        return peaks(audio)
