"""Examples: whose voice a whole team may hear, and that the word of whoever speaks can be taken back."""

import asyncio
import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from service.storage import Storage, recording_key
from tests.service.people import People
from tests.service.practice.test_practice import TASK, Gym

SOUND = b"RIFF0000WAVE of an example"


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def name(gym: Gym, call: uuid.UUID) -> Any:
    """The answer to making a call the scenario's example."""
    body = {**TASK, "example_call_id": str(call)}
    return gym.coach.put(f"/api/v1/scenarios/{gym.scenario['id']}", json=body, headers={"If-Match": "*"})


def heard(gym: Gym) -> list[int]:
    """What the rep, another rep of the team and a manager are answered when they ask for the example."""
    path = f"/api/v1/scenarios/{gym.scenario['id']}/example"
    return [client.get(path).status_code for client in (gym.own, gym.other, gym.manager)]


def test_what_nobody_real_says_is_heard_by_the_whole_team(
    gym: Gym, settings: Settings, tmp_path: Path
) -> None:
    digest = hashlib.sha256(SOUND).hexdigest()
    key = recording_key(gym.team, digest)
    file = tmp_path / "example.wav"
    file.write_bytes(SOUND)
    asyncio.run(Storage(settings).put_file(key, file))
    recording = gym.people.insert(
        "recording",
        team_id=gym.team,
        sha256=digest,
        size=len(SOUND),
        name="example.wav",
        media_type="audio/wav",
        key=key,
    )
    call = gym.people.call(gym.team, gym.rep, consent="synthetic", recording_id=recording)
    assert name(gym, call).status_code == 200
    path = f"/api/v1/scenarios/{gym.scenario['id']}/example"
    assert gym.other.get(path).json()["has_sound"] is True
    part = gym.other.get(f"{path}/audio", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert gym.other.get(f"/api/v1/calls/{call}").status_code == 404, "the call itself stays its rep's"
    stranger = gym.people.signed_in(gym.people.person("Sam", rep=gym.people.team("Far")))
    assert stranger.get(f"{path}/audio").status_code == 404
    entries = gym.own.get("/api/v1/audit").json()["items"]
    assert {"example viewed", "call.listened"} <= {entry["action"] for entry in entries}


@pytest.mark.parametrize("consent", ["all_parties", "one_party", "contract"])
def test_a_real_call_is_an_example_only_while_its_rep_agrees(gym: Gym, consent: str) -> None:
    call = gym.people.call(gym.team, gym.rep, consent=consent)
    refused = name(gym, call)
    assert refused.status_code == 422
    assert "its rep hasn't agreed" in refused.json()["detail"]
    assert gym.coach.put(f"/api/v1/calls/{call}/shared").status_code == 403, "nobody agrees for the rep"
    assert gym.own.put(f"/api/v1/calls/{call}/shared").json()["shared"] is True
    assert name(gym, call).status_code == 200
    assert heard(gym) == [200, 200, 200]
    assert gym.own.delete(f"/api/v1/calls/{call}/shared").status_code == 204
    assert heard(gym) == [404, 404, 404]
    assert gym.own.get(f"/api/v1/calls/{call}/shared").json() == {"shared": False, "at": None}


def test_practice_is_an_example_only_by_its_reps_word(gym: Gym) -> None:
    call = gym.recording()
    attempt = gym.begin(call).json()
    early = gym.own.put(f"/api/v1/calls/{call}/shared")
    assert early.status_code == 409
    gym.own.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert name(gym, call).status_code == 422
    assert gym.own.put(f"/api/v1/calls/{call}/shared").status_code == 200
    assert name(gym, call).status_code == 200


def test_the_word_of_whose_call_it_was_before_does_not_count(gym: Gym) -> None:
    call = gym.people.call(gym.team, gym.rep, consent="all_parties")
    gym.own.put(f"/api/v1/calls/{call}/shared")
    assert name(gym, call).status_code == 200
    gym.people.sql("update call set rep_id = %s where id = %s", gym.mate, call)
    assert heard(gym) == [404, 404, 404]
    assert gym.other.put(f"/api/v1/calls/{call}/shared").status_code == 200
    assert heard(gym) == [200, 200, 200]


def test_another_teams_call_is_no_example(gym: Gym) -> None:
    far = gym.people.team("Far")
    gym.people.sql(
        "insert into membership (person_id, team_id, role) select id, %s, 'manager' from person"
        " where name = 'Cleo'",
        far,
    )
    refused = name(gym, gym.people.call(far, None, consent="synthetic"))
    assert refused.status_code == 422
    assert "another team's" in refused.json()["detail"]
