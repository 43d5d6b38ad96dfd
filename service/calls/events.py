"""Progress as server-sent events, read from the database each second while somebody listens."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Sequence

from sse_starlette import EventSourceResponse, ServerSentEvent

from service.auth.permissions import Who
from service.calls import progress
from service.calls.progress import Progress
from service.edge import Parts

EVERY = 1.0  # seconds
MEASURED_FOR = 30.0  # seconds for which the speed of earlier calls is taken to be the same
LONGEST = 600.0  # seconds; then the browser comes again, and with it the question of who it is


def stream(parts: Parts, who: Who, ids: Sequence[uuid.UUID]) -> EventSourceResponse:
    """An answer that tells the progress of calls whenever it changes, `end` when nothing moves any more."""
    return EventSourceResponse(
        events(parts, who, ids), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def events(parts: Parts, who: Who, ids: Sequence[uuid.UUID]) -> AsyncIterator[ServerSentEvent]:
    """`progress` of each call at first and at every change, `gone` for one that was deleted, then `end`."""
    told: dict[uuid.UUID, Progress] = {}
    until = time.monotonic() + LONGEST
    measured, speeds = -MEASURED_FOR, dict(progress.BEFORE_MEASUREMENT)
    while time.monotonic() < until:
        async with parts.database.transaction() as session:
            if time.monotonic() - measured > MEASURED_FOR:
                measured, speeds = time.monotonic(), await progress.speeds(session)
            found = {one.call: one for one in await progress.of_calls(session, who, ids, speeds)}
        for call in told.keys() - found.keys():
            del told[call]
            yield ServerSentEvent(event="gone", data=str(call))
        for call, one in found.items():
            if told.get(call) != one:
                told[call] = one
                yield ServerSentEvent(event="progress", data=one.model_dump_json())
        if not any(one.moving for one in found.values()):
            yield ServerSentEvent(event="end", data="")
            return
        await asyncio.sleep(EVERY)
