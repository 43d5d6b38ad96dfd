"""Calls for the tests of the work on them, and a worker that works in this process until nothing is left."""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import procrastinate
import psycopg

from service import jobs
from service.settings import Settings
from service.storage import Storage, recording_key
from service.worker import work
from tests.service.people import People

TEXT = (
    "rep: Hi Tom, thanks for making time today. How do you book patients at the clinic?\n"
    "buyer: By hand. It takes us two hours a day and we lose about nine hundred pounds a month.\n"
    "rep: What happens when the front desk is busy? And who else would decide on this with you?\n"
    "buyer: It goes to voicemail. My partner Lena would have to agree, and it has to fit the budget.\n"
    "rep: I'll send you the pricing tomorrow, and let's meet on Friday at ten with Lena.\n"
    "buyer: Friday at ten works.\n"
)
UNFINISHED = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"


def written(people: People, **more: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """A call that came as text and waits for its analysis, and its rep."""
    team = people.team(f"Team {uuid.uuid4().hex[:6]}")
    rep = people.person(f"Rep{uuid.uuid4().hex[:6]}", rep=team)
    call = people.call(team, rep, **{"transcript": TEXT, "state": "queued", **more})
    if more.get("state", "queued") == "queued":
        enqueue(people, call)
    return call, rep


def recorded(people: People, settings: Settings, path: Path, **more: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """A call with a recording in the storage that waits for its analysis, and its rep."""
    team = people.team(f"Team {uuid.uuid4().hex[:6]}")
    rep = people.person(f"Rep{uuid.uuid4().hex[:6]}", rep=team)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    key = recording_key(team, sha256)
    asyncio.run(Storage(settings).put_file(key, path))
    recording = people.insert(
        "recording",
        team_id=team,
        sha256=sha256,
        size=path.stat().st_size,
        name=path.name,
        media_type="audio/wav",
        key=key,
    )
    row = {"recording_id": recording, "transcript": None, "transcript_name": None, "source": "upload"}
    call = people.call(team, rep, **{**row, "state": "queued", **more})
    enqueue(people, call)
    return call, rep


def enqueue(people: People, call: uuid.UUID, *, priority: int = jobs.INTERACTIVE) -> None:
    """A job for a call, as the upload writes it."""
    arguments = json.dumps({"call_id": str(call)})
    people.sql(
        "insert into procrastinate_jobs (queue_name, task_name, priority, lock, args)"
        " values ('default', %s, %s, %s, %s)",
        jobs.ANALYSE,
        priority,
        str(call),
        arguments,
    )


def drain(
    settings: Settings, url: str, *, until: Callable[[], bool] | None = None, seconds: float = 120
) -> None:
    """Work until the queue is empty, or `until` says so."""

    def empty() -> bool:
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(UNFINISHED).fetchone()
        return row is not None and row[0] == 0

    done = until or empty

    async def some() -> None:
        stopping = asyncio.Event()
        working = asyncio.ensure_future(work(settings, url, concurrency=1, stopping=stopping))
        end = time.monotonic() + seconds
        while not await asyncio.to_thread(done):
            assert time.monotonic() < end, "the worker did not get there"
            assert not working.done(), working
            await asyncio.sleep(0.05)
        stopping.set()
        await working

    asyncio.run(some())


def state(people: People, call: uuid.UUID) -> str:
    """The state of a call."""
    found: str = people.sql("select state from call where id = %s", call)[0][0]
    return found


def stages(people: People, call: uuid.UUID) -> dict[str, str]:
    """The state of each stage of a call."""
    return dict(people.sql("select name, state from stage where call_id = %s", call))


def scorings(people: People, call: uuid.UUID) -> list[tuple[int, int]]:
    """Number and revision of each scoring of a call."""
    return people.sql("select number, revision from scoring where call_id = %s order by number", call)


def queue_of(url: str) -> procrastinate.App:
    """The queue of a test's database."""
    return jobs.queue(url)
