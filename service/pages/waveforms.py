"""The waveform of a recording: its peaks, found on the server once, so that no browser decodes an hour.

The recording is fetched from storage and decoded piece by piece, a frame at a time, in constant memory and in
a thread; two numbers a tenth of a second are kept, then made into at most `POINTS`.
"""

import asyncio
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from service.calls.tables import Recording
from service.calls.uploads import folder
from service.edge import Parts
from service.pages.tables import Waveform
from service.problems import NotFound

RATE = 8000  # Hz; enough to see speech
STEP = RATE // 10  # samples of a peak before it is made smaller
POINTS = 1600
_one_at_a_time = asyncio.Semaphore(1)  # decoding takes a whole core


async def of_recording(parts: Parts, recording: Recording) -> dict[str, Any]:
    """`peaks`, a list of 0..100 for each side, and the length in `seconds`; kept the first time.

    Raises:
        NotFound: the file is gone, or nothing in it can be heard.
    """
    found = await _kept(parts, recording)
    if found is not None:
        return found
    async with _one_at_a_time:
        found = await _kept(parts, recording)  # another request may have made it meanwhile
        if found is not None:
            return found
        body = await _made(parts, recording)
        async with parts.database.transaction() as session:
            known = await session.scalar(select(Recording.id).where(Recording.id == recording.id))
            if known is not None:  # it may have been deleted meanwhile
                row = insert(Waveform).values(recording_id=recording.id, body=body)
                await session.execute(row.on_conflict_do_nothing())
    return body


async def _kept(parts: Parts, recording: Recording) -> dict[str, Any] | None:
    async with parts.database.transaction() as session:
        kept = await session.get(Waveform, recording.id)
    return kept.body if kept else None


async def _made(parts: Parts, recording: Recording) -> dict[str, Any]:
    there = folder(parts.settings)
    there.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=there, prefix="request-") as file:
        try:
            await parts.storage.fetch(recording.key, Path(file.name))
            return await asyncio.to_thread(peaks, Path(file.name))
        except (FileNotFoundError, av.FFmpegError, IndexError) as error:
            raise NotFound("The recording can't be drawn; it may still be heard.") from error


def peaks(path: Path, points: int = POINTS) -> dict[str, Any]:
    """The loudest sample of each stretch of a recording, as 0..100 of its loudest, for up to two sides.

    Raises:
        av.FFmpegError, IndexError: it can't be decoded, or holds no sound.
    """
    found: list[np.ndarray[Any, Any]] = []
    rest: np.ndarray[Any, Any] | None = None
    samples = 0
    with av.open(str(path), metadata_errors="ignore") as container:
        stream = container.streams.audio[0]
        sides = 2 if stream.codec_context.channels == 2 else 1
        resampler = av.AudioResampler(format="s16p", layout="stereo" if sides == 2 else "mono", rate=RATE)
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                sound = np.abs(piece.to_ndarray().astype(np.int32))
                samples += sound.shape[1]
                sound = sound if rest is None else np.concatenate([rest, sound], axis=1)
                whole = sound.shape[1] // STEP
                found.append(sound[:, : whole * STEP].reshape(sides, whole, STEP).max(axis=2))
                rest = sound[:, whole * STEP :]
    if rest is not None and rest.shape[1]:
        found.append(rest.max(axis=1, keepdims=True))
    loud = np.concatenate(found, axis=1) if found else np.zeros((sides, 0), np.int32)
    if not loud.shape[1]:
        raise IndexError("no sound")
    return {"peaks": _smaller(loud, points), "seconds": round(samples / RATE, 2)}


def _smaller(loud: np.ndarray[Any, Any], points: int) -> list[list[int]]:
    count = min(points, loud.shape[1])
    edges = np.linspace(0, loud.shape[1], count + 1).astype(int)
    most = max(int(loud.max()), 1)
    cut = np.maximum.reduceat(loud, edges[:-1], axis=1)
    return [[round(100 * int(value) / most) for value in islice(side, count)] for side in cut]
