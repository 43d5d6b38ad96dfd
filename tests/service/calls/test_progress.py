"""How far a call is: the same by JSON and by events, before and after a reload."""

import datetime as dt
import json
import uuid

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from service.calls.progress import BEFORE_MEASUREMENT, StageProgress, progress_of
from service.calls.stages import STAGES
from service.calls.tables import Call
from service.settings import Settings
from tests.service.calls.working import drain, written
from tests.service.people import People


def made(state: str, seconds: float | None = 600.0) -> Call:
    return Call(id=uuid.uuid4(), state=state, reason=None, seconds=seconds)


def at(stage: int, share: float) -> list[StageProgress]:
    return [
        StageProgress(
            name=name,
            state="done" if number < stage else "running" if number == stage else "waiting",
            share=1.0 if number < stage else share if number == stage else 0.0,
        )
        for number, name in enumerate(STAGES)
    ]


@trying(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 4), st.floats(0, 1), st.floats(0, 1))
def test_the_share_only_grows_and_the_rest_only_shrinks(stage: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    before = progress_of(made("running"), at(stage, low), BEFORE_MEASUREMENT)
    after = progress_of(made("running"), at(stage, high), BEFORE_MEASUREMENT)
    assert before.share <= after.share < 1
    assert before.remaining_seconds is not None
    assert after.remaining_seconds is not None
    assert before.remaining_seconds >= after.remaining_seconds


def test_minutes_and_estimate_are_of_the_recording() -> None:
    speeds = dict.fromkeys(STAGES, 0.1)
    found = progress_of(made("running"), at(1, 0.5), speeds)
    assert (found.stage, found.minutes, found.minutes_done) == ("recognise", 10.0, 5.0)
    assert found.remaining_seconds == 210  # half a stage and three more, 60 s each
    assert found.share == pytest.approx(0.3)


def test_what_is_not_known_is_not_guessed() -> None:
    found = progress_of(made("queued", None), [], BEFORE_MEASUREMENT)
    assert (found.minutes, found.remaining_seconds, found.stage) == (None, None, "decode")
    assert progress_of(made("failed"), at(2, 0.0), BEFORE_MEASUREMENT).remaining_seconds is None


def events(text: str) -> list[tuple[str, str]]:
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line)
        for block in text.split("\r\n\r\n")
    ]
    return [(block["event"], block.get("data", "")) for block in blocks if "event" in block]


def client_of(people: People, rep: uuid.UUID) -> TestClient:
    return people.signed_in(rep)


def test_events_say_what_the_json_says_and_end_with_the_call(
    people: People, settings: Settings, database_url: str
) -> None:
    call, rep = written(people)
    client = client_of(people, rep)
    waiting = client.get(f"/api/v1/calls/{call}/progress").json()
    assert (waiting["state"], waiting["stage"], waiting["share"]) == ("queued", "decode", 0.0)
    drain(settings, database_url)
    now = client.get(f"/api/v1/calls/{call}/progress").json()
    assert (now["state"], now["stage"], now["share"]) == ("done", None, 1.0)
    found = events(client.get(f"/api/v1/calls/{call}/events").text)
    assert [name for name, _ in found] == ["progress", "end"]
    assert json.loads(found[0][1]) == now


def test_many_calls_are_followed_at_once_and_only_ones_own(
    people: People, settings: Settings, database_url: str
) -> None:
    mine, rep = written(people, state="done")
    failed = people.call(people.sql("select team_id from call")[0][0], rep, state="failed", reason="broken")
    other, _ = written(people, state="done")
    answer = client_of(people, rep).get(
        "/api/v1/events", params={"ids": [str(mine), str(other), str(failed)]}
    )
    found = events(answer.text)
    told = {json.loads(data)["call"]: json.loads(data) for name, data in found if name == "progress"}
    assert set(told) == {str(mine), str(failed)}
    assert told[str(failed)]["reason"] == "broken"
    assert found[-1] == ("end", "")


def test_speed_is_learned_from_earlier_calls(people: People) -> None:
    call, rep = written(people, state="running", seconds=100.0)
    team = people.sql("select team_id from call where id = %s", call)[0][0]
    recording = people.insert(
        "recording", team_id=team, sha256="0" * 64, size=1, name="a.wav", media_type="audio/wav", key="k"
    )
    earlier = people.call(team, rep, seconds=10.0, recording_id=recording, transcript=None)
    now = dt.datetime.now(dt.UTC)
    for name in STAGES:
        people.sql(
            "insert into stage (call_id, name, state, share, attempts, clock_seconds, finished_at)"
            " values (%s, %s, 'done', 1, 0, 20, %s)",
            earlier,
            name,
            now,
        )
    found = client_of(people, rep).get(f"/api/v1/calls/{call}/progress").json()
    assert found["remaining_seconds"] == 1000  # five stages, twice as long as the recording each


def test_strangers_learn_nothing(people: People) -> None:
    call, _ = written(people, state="done")
    stranger = people.signed_in(people.person("Stranger"))
    assert stranger.get(f"/api/v1/calls/{call}/progress").status_code == 404
    assert stranger.get(f"/api/v1/calls/{call}/events").status_code == 404
    assert events(stranger.get("/api/v1/events", params={"ids": str(call)}).text) == [("end", "")]
