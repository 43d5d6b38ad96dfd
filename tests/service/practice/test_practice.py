"""Practice: private until submitted, measured against thresholds, passed by a person alone."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

TASK = {"title": "Price", "skill": "objection", "instructions": "Too dear.", "thresholds": {"objection": 4}}


class Gym:
    """A team with a rep at practice, their coach, another coach and a manager."""

    def __init__(self, people: People) -> None:
        self.people = people
        people.sql("insert into setting (name, value) values ('blind_share', '0')")
        self.team = people.team()
        self.rep, self.mate = people.person("Rae", rep=self.team), people.person("Moe", rep=self.team)
        coach = people.person("Cleo", coach=self.team)
        people.assign(coach, self.rep)
        self.own, self.other = people.signed_in(self.rep), people.signed_in(self.mate)
        self.coach = people.signed_in(coach)
        self.stranger = people.signed_in(people.person("Cy", coach=self.team))
        self.manager = people.signed_in(people.person("Max", manager=self.team))
        made = self.coach.post(f"/api/v1/teams/{self.team}/scenarios", json=TASK)
        assert made.status_code == 201, made.text
        self.scenario = made.json()

    def recording(self, rep: uuid.UUID | None = None, **more: Any) -> uuid.UUID:
        values = {"practice": True, "source": "practice", "consent": "role_play", **more}
        call = self.people.call(self.team, rep or self.rep, **values)
        self.people.scoring(call, dict.fromkeys(DIMENSIONS, 5), document())
        return call

    def begin(self, call: uuid.UUID, client: TestClient | None = None, **more: Any) -> Any:
        path = f"/api/v1/scenarios/{self.scenario['id']}/attempts"
        return (client or self.own).post(path, json={"call_id": str(call), **more})

    def review(self, call: uuid.UUID, value: int | None) -> Any:
        [(scoring,)] = self.people.sql("select id from scoring where call_id = %s", call)
        body = {"scoring": str(scoring), "scores": [{"dimension": "objection", "value": value}]}
        return self.coach.post(f"/api/v1/calls/{call}/reviews", json=body, headers={"If-Match": "*"})


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def test_an_attempt_from_recording_to_a_coachs_pass(gym: Gym) -> None:
    call = gym.recording()
    attempt = gym.begin(call, self_scores={"objection": 3}).json()
    path = f"/api/v1/attempts/{attempt['id']}"
    assert gym.coach.get(path).status_code == 404
    assert gym.own.post(f"{path}/submit").status_code == 200
    seen = gym.coach.get(path).json()
    assert seen["standing"] == [
        {
            "dimension": "objection",
            "threshold": 4,
            "scored": False,
            "confirmed": None,
            "missing": None,
            "self_score": 3,
        }
    ]
    decision = {"passed": True, "reason": "Asked before answering."}
    early = gym.coach.post(f"{path}/decisions", json=decision)
    assert early.status_code == 409, "a draft of 5 must not pass anyone"
    assert "only people's scores count" in early.json()["detail"]
    assert gym.review(call, 3).status_code == 201
    not_yet = gym.coach.post(f"{path}/decisions", json={"passed": False, "reason": "One short."})
    assert not_yet.json()["standing"][0]["missing"] == 1
    gym.review(call, 4)
    done = gym.coach.post(f"{path}/decisions", json=decision, headers={"If-Match": not_yet.headers["ETag"]})
    assert done.status_code == 201
    assert done.json()["decision"]["passed"] is True
    assert gym.own.get(path).json()["decision"]["reason"] == "Asked before answering."


def test_practice_is_the_reps_alone_until_submitted(gym: Gym) -> None:
    call = gym.recording()
    attempt = gym.begin(call).json()
    listed = f"/api/v1/scenarios/{gym.scenario['id']}/attempts"
    for client in (gym.coach, gym.manager, gym.other, gym.stranger):
        assert client.get(f"/api/v1/calls/{call}/analysis").status_code == 404
        assert client.get(f"/api/v1/attempts/{attempt['id']}").status_code == 404
        assert client.get(listed).json() == []
    assert len(gym.own.get(listed).json()) == 1
    gym.own.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert [len(c.get(listed).json()) for c in (gym.coach, gym.manager, gym.other, gym.stranger)] == [
        1,
        1,
        0,
        0,
    ]


def test_only_the_reps_coach_decides(gym: Gym) -> None:
    call = gym.recording()
    path = f"/api/v1/attempts/{gym.begin(call).json()['id']}"
    gym.own.post(f"{path}/submit")
    gym.review(call, 5)
    decision = {"passed": True, "reason": "Good."}
    answers = [
        c.post(f"{path}/decisions", json=decision).status_code for c in (gym.own, gym.manager, gym.stranger)
    ]
    assert answers == [403, 403, 404]


def test_the_draft_waits_for_the_reps_own_scores(gym: Gym) -> None:
    call = gym.recording()
    attempt = gym.begin(call).json()
    analysis = f"/api/v1/calls/{call}/analysis"
    before = gym.own.get(analysis).json()
    assert before["self_score_first"] is True
    assert before["document"]["scorecard"] is None
    path = f"/api/v1/attempts/{attempt['id']}/self-scores"
    assert gym.own.put(path, json={"self_scores": {"charm": 5}}).status_code == 422
    assert gym.own.put(path, json={"self_scores": {"objection": 2}}).status_code == 200
    assert gym.own.get(analysis).json()["document"]["scorecard"]
    assert gym.own.put(path, json={"self_scores": {"objection": 5}}).status_code == 409


def test_thresholds_of_the_day_stay_with_the_attempt(gym: Gym) -> None:
    first = gym.begin(gym.recording()).json()
    path = f"/api/v1/scenarios/{gym.scenario['id']}"
    tag = gym.coach.get(path).headers["etag"]
    harder = gym.coach.put(path, json={**TASK, "thresholds": {"objection": 5}}, headers={"If-Match": tag})
    assert harder.json()["version"] == 2
    assert gym.coach.put(path, json=TASK, headers={"If-Match": tag}).status_code == 412
    assert gym.own.get(f"/api/v1/attempts/{first['id']}").json()["standing"][0]["threshold"] == 4
    second = gym.begin(gym.recording()).json()
    assert (second["number"], second["standing"][0]["threshold"]) == (2, 5)


def test_what_cannot_be_an_attempt_is_refused(gym: Gym) -> None:
    assert gym.begin(gym.recording(gym.mate)).status_code == 404
    real = gym.begin(gym.recording(practice=False))
    assert real.status_code == 422
    call = gym.recording()
    assert gym.begin(call).status_code == 201
    assert gym.begin(call).status_code == 409
    unfinished = gym.begin(gym.recording(state="running")).json()
    waiting = gym.own.post(f"/api/v1/attempts/{unfinished['id']}/submit")
    assert waiting.status_code == 409
    gym.coach.delete(f"/api/v1/scenarios/{gym.scenario['id']}")
    assert gym.begin(gym.recording()).status_code == 409


def test_attempts_can_be_limited(gym: Gym) -> None:
    path = f"/api/v1/scenarios/{gym.scenario['id']}"
    gym.coach.put(path, json={**TASK, "most_attempts": 1}, headers={"If-Match": "*"})
    assert gym.begin(gym.recording()).status_code == 201
    refused = gym.begin(gym.recording())
    assert refused.status_code == 409
    assert "talk to your coach" in refused.json()["detail"]


def test_reps_make_no_scenarios_and_thresholds_name_dimensions(gym: Gym) -> None:
    path = f"/api/v1/teams/{gym.team}/scenarios"
    assert gym.own.post(path, json=TASK).status_code == 403
    assert gym.coach.post(path, json={**TASK, "thresholds": {"charm": 3}}).status_code == 422
    assert gym.coach.post(path, json={**TASK, "framework": "nothing"}).status_code == 422
    full = gym.coach.post(path, json={**TASK, "thresholds": {}}).json()
    assert set(full["thresholds"]) == set(DIMENSIONS)
