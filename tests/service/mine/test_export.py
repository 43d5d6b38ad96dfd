"""Taking everything of one's own away: what is in it, and what isn't."""

import asyncio
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.settings import Settings
from service.storage import Storage, recording_key
from tests.service.documents import document
from tests.service.people import People
from tests.service.practice.test_practice import Gym

SOUND = b"RIFF0000WAVE " * 1000


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def taken(client: TestClient, **more: Any) -> dict[str, bytes]:
    """The files of the archive by name."""
    answer = client.get("/api/v1/me/export.zip", params=more)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def calls_in(files: dict[str, bytes]) -> dict[str, Any]:
    """What is said of each call, by its id."""
    found = [json.loads(body) for name, body in files.items() if name.endswith("call.json")]
    return {one["call"]["id"]: one for one in found}


def test_all_of_ones_own_is_in_it_and_nothing_of_others(gym: Gym) -> None:
    call = gym.people.call(gym.team, gym.rep, title="Depot")
    gym.people.scoring(call, {"objection": 3}, document())
    other = gym.people.call(gym.team, gym.mate, title="Somebody else's")
    gym.review(call, 2)
    gym.own.post(f"/api/v1/calls/{call}/contests", json={"dimension": "objection", "reason": "I asked."})
    gym.own.post(f"/api/v1/calls/{call}/comments", json={"words": "Here."})
    files = taken(gym.own)
    assert json.loads(files["account.json"])["email"] == "rae@example.com"
    assert "password_hash" not in files["account.json"].decode()
    assert {"score reviewed", "score contested"} <= {one["action"] for one in json.loads(files["log.json"])}
    [mine] = json.loads(files["written.json"])["comments"]
    assert mine["words"] == "Here."
    found = calls_in(files)
    assert set(found) == {str(call)}
    assert found[str(call)]["scorings"][0]["document"]["evidence"]
    assert found[str(call)]["reviews"][0]["value"] == 2
    assert found[str(call)]["contests"][0]["reason"] == "I asked."
    assert not any(str(other).encode() in body for body in files.values())
    entries = gym.own.get("/api/v1/audit").json()["items"]
    assert entries[0]["action"] == "exported"


def test_a_draft_that_waits_for_ones_own_scores_is_not_in_it(gym: Gym) -> None:
    call = gym.recording()
    attempt = gym.begin(call).json()
    advice = [one["advice"] for one in document()["scorecard"]["scores"] if one["advice"]]
    assert advice
    before = taken(gym.own)
    assert "document" not in calls_in(before)[str(call)]["scorings"][0]
    assert not any(words.encode() in body for body in before.values() for words in advice)
    gym.own.put(f"/api/v1/attempts/{attempt['id']}/self-scores", json={"self_scores": {}})
    assert calls_in(taken(gym.own))[str(call)]["scorings"][0]["document"]["scorecard"]


def test_drafts_for_people_only_are_not_in_it(gym: Gym) -> None:
    call = gym.people.call(gym.team, gym.rep)
    gym.people.scoring(call, {"discovery": 3}, document())
    gym.review(call, 2)
    gym.people.insert(
        "people_only", team_id=gym.team, dimension="discovery", kappa=0.1, low=0.0, high=0.2, pairs=40
    )
    card = calls_in(taken(gym.own))[str(call)]["scorings"][0]["document"]["scorecard"]
    by_name = {one["dimension"]: one for one in card["scores"]}
    assert by_name["discovery"]["value"] is None
    assert "People only" in by_name["discovery"]["reason"]


def test_recordings_come_along_if_asked_for(gym: Gym, settings: Settings, tmp_path: Path) -> None:
    digest = hashlib.sha256(SOUND).hexdigest()
    key = recording_key(gym.team, digest)
    (tmp_path / "call.wav").write_bytes(SOUND)
    asyncio.run(Storage(settings).put_file(key, tmp_path / "call.wav"))
    recording = gym.people.insert(
        "recording",
        team_id=gym.team,
        sha256=digest,
        size=len(SOUND),
        name="../a call.wav",
        media_type="audio/wav",
        key=key,
    )
    gym.people.call(gym.team, gym.rep, recording_id=recording, transcript=None, transcript_name=None)
    assert SOUND not in taken(gym.own).values()
    files = taken(gym.own, recordings=True)
    [name] = [name for name, body in files.items() if body == SOUND]
    assert ".." not in name.split("/")
