"""Whoever a score is about sees who read it or took it away, however they did."""

import uuid

from fastapi.testclient import TestClient

from service.auth.store import key_of
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People
from tests.service.practice.test_practice import Gym


def actions(client: TestClient) -> list[tuple[str, str]]:
    return [(item["actor"], item["action"]) for item in client.get("/api/v1/audit").json()["items"]]


def a_team(people: People) -> tuple[uuid.UUID, TestClient, TestClient, TestClient]:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep, mate = people.person("Rae", rep=team), people.person("Moe", rep=team)
    manager = people.signed_in(people.person("Max", manager=team))
    call = people.call(team, rep)
    scoring = people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    body = {"scoring": str(scoring), "scores": [{"dimension": DIMENSIONS[0], "value": 2}]}
    manager.post(f"/api/v1/calls/{call}/reviews", json=body, headers={"If-Match": "*"})
    return team, people.signed_in(rep), people.signed_in(mate), manager


def test_a_sheet_of_calls_is_told_to_everybody_in_it(people: People) -> None:
    _, rep, mate, manager = a_team(people)
    assert manager.get("/api/v1/export/calls.csv").status_code == 200
    assert ("Max", "calls exported") in actions(rep)
    assert actions(mate) == [], "nothing of theirs is in it"


def test_reviews_for_training_are_told_to_whom_they_are_about(people: People) -> None:
    team, rep, mate, manager = a_team(people)
    assert manager.get(f"/api/v1/teams/{team}/reviews.jsonl").status_code == 200
    assert ("Max", "reviews exported") in actions(rep)
    assert actions(mate) == []


def test_looking_at_an_attempt_is_told(people: People) -> None:
    gym = Gym(people)
    attempt = gym.begin(gym.recording()).json()
    path = f"/api/v1/attempts/{attempt['id']}"
    gym.own.post(f"{path}/submit")
    gym.coach.get(path)
    assert ("Cleo", "attempt viewed") in actions(gym.own)
    gym.manager.get(f"/api/v1/scenarios/{gym.scenario['id']}/attempts")
    assert ("Max", "attempt viewed") in actions(gym.own)


def test_a_token_that_may_not_export_takes_no_sheet_away(people: People, client: TestClient) -> None:
    _, rep, _, _ = a_team(people)
    [(manager,)] = people.sql("select id from person where name = 'Max'")
    people.insert("token", person_id=manager, key=key_of("s3cret"), name="reader", scopes=["calls:read"])
    answer = client.get("/api/v1/export/calls.csv", headers={"Authorization": "Bearer s3cret"})
    assert answer.status_code == 403
    assert "calls:export" in answer.json()["detail"]
    assert ("Max", "calls exported") not in actions(rep)
