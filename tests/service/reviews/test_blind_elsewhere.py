"""A blind read holds on every way to a score, not only on the call's own."""

import json

from tests.service.documents import DIMENSIONS
from tests.service.people import People
from tests.service.practice.test_practice import Gym
from tests.service.reviews.test_blind import floor


def scores(value: int) -> list[dict[str, object]]:
    return [{"dimension": name, "value": value} for name in DIMENSIONS]


def test_an_attempt_tells_a_blind_coach_nobodys_score(people: People) -> None:
    gym = Gym(people)
    call = gym.recording()
    attempt = gym.begin(call, self_scores={"objection": 2}).json()
    path = f"/api/v1/attempts/{attempt['id']}"
    gym.own.post(f"{path}/submit")
    [(scoring,)] = people.sql("select id from scoring where call_id = %s", call)
    body = {"scoring": str(scoring), "scores": scores(4)}
    answer = gym.manager.post(f"/api/v1/calls/{call}/reviews", json=body, headers={"If-Match": "*"})
    assert answer.status_code == 201, answer.text
    people.sql("update setting set value = '1' where name = 'blind_share'")
    listed = gym.coach.get(f"/api/v1/scenarios/{gym.scenario['id']}/attempts").json()
    for seen in (gym.coach.get(path).json(), *listed):
        [standing] = seen["standing"]
        assert (standing["confirmed"], standing["missing"], standing["self_score"]) == (None, None, None)
        assert seen["self_scores"] is None
        assert seen["blind"] is True
    assert gym.own.get(path).json()["standing"][0]["confirmed"] == 4
    assert gym.coach.post(f"/api/v1/calls/{call}/reviews", json=body, headers={"If-Match": "*"}).is_success
    seen = gym.coach.get(path).json()
    assert (seen["blind"], seen["standing"][0]["confirmed"]) == (False, 4)


def test_what_is_exported_for_training_leaves_out_calls_still_read_blind(people: People) -> None:
    call, _, coach, manager = floor(people)
    people.sql("insert into setting (name, value) values ('blind_share', '1')")
    [(scoring, team)] = people.sql(
        "select scoring.id, team_id from scoring join call on call.id = call_id where call_id = %s", call
    )
    body = {"scoring": str(scoring), "scores": scores(2)}
    path = f"/api/v1/calls/{call}/reviews"
    assert coach.post(path, json=body, headers={"If-Match": "*"}).status_code == 201
    export = f"/api/v1/teams/{team}/reviews.jsonl"
    assert manager.get(export).text == ""
    assert manager.post(path, json=body, headers={"If-Match": "*"}).status_code == 201
    lines = [json.loads(line) for line in manager.get(export).text.splitlines()]
    assert len(lines) == 2 * len(DIMENSIONS)
