"""What a crash leaves behind is cleared away, and nothing else."""

import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.calls.sweeping import sweep
from service.edge import Parts
from service.settings import Settings
from service.storage import recording_key
from tests.service.calls.house import House, furnished, stored_files
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.people import People


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def swept(client: TestClient) -> int:
    app: Any = client.app
    parts: Parts = app.state.parts
    assert client.portal is not None
    gone: int = client.portal.call(sweep, parts)
    return gone


def aged(path: Path) -> Path:
    """A file that was written two hours ago."""
    then = time.time() - 7200
    os.utime(path, (then, then))
    return path


def test_recordings_without_a_row_go_once_they_are_old(
    house: House, client: TestClient, settings: Settings
) -> None:
    house.as_("rep").post("/api/v1/calls", files=sending(wav()), data=WHAT)
    (kept,) = stored_files(settings)
    aged(kept)
    orphan = settings.data / "recordings" / recording_key(house.team, "ab" * 32)
    young = settings.data / "recordings" / recording_key(house.team, "cd" * 32)
    for path in (orphan, young):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    aged(orphan)
    assert swept(client) == 1
    assert set(stored_files(settings)) == {kept, young}


def test_uploads_that_nobody_finished_go_when_they_expire(
    house: House, client: TestClient, settings: Settings
) -> None:
    rep, folder = house.as_("rep"), settings.data / "uploads"
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    places = [rep.post("/api/v1/uploads", headers=tus).headers["location"] for _ in range(2)]
    stray = folder / str(uuid.uuid4())
    request = folder / "request-abc"
    for path in (stray, request):
        path.write_bytes(b"x")
    for path in folder.iterdir():
        aged(path)
    assert swept(client) == 2
    assert {path.name for path in folder.iterdir()} == {place.rsplit("/", 1)[1] for place in places}
    house.people.sql(
        "update upload set expires_at = now() - interval '1 second' where id::text = %s",
        places[0].rsplit("/", 1)[1],
    )
    assert rep.head(places[0], headers=tus).status_code == 410
    assert swept(client) == 1
    assert [rep.head(place, headers=tus).status_code for place in places] == [404, 200]
    assert len(list(folder.iterdir())) == 1
