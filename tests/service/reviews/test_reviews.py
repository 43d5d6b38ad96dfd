"""What people say of drafts: accepted, overridden, contested; never changed afterwards, never one's own."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

ALL = dict.fromkeys(DIMENSIONS, 3)


@dataclass
class Floor:
    """A team with a manager, two coaches of one rep, and an analysed call."""

    people: People
    team: uuid.UUID
    rep: uuid.UUID
    manager: TestClient
    coach: TestClient
    other_coach: TestClient
    own: TestClient
    call: uuid.UUID
    scoring: uuid.UUID

    def path(self, tail: str) -> str:
        return f"/api/v1/calls/{self.call}/{tail}"

    def give(self, client: TestClient, scores: dict[str, int | None], tag: str = "*", **more: Any) -> Any:
        body = {
            "scoring": str(more.pop("scoring", self.scoring)),
            "scores": [{"dimension": name, "value": value} for name, value in scores.items()],
        }
        return client.post(self.path("reviews"), json=body, headers={"If-Match": tag})


@pytest.fixture
def floor(people: People) -> Floor:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep = people.person("Rae", rep=team)
    coach, other = people.person("Cleo", coach=team), people.person("Cy", coach=team)
    for one in (coach, other):
        people.assign(one, rep)
    call = people.call(team, rep)
    scoring = people.scoring(call, ALL, document())
    return Floor(
        people,
        team,
        rep,
        people.signed_in(people.person("Max", manager=team)),
        people.signed_in(coach),
        people.signed_in(other),
        people.signed_in(rep),
        call,
        scoring,
    )


def test_accepting_and_overriding_are_the_same_request(floor: Floor) -> None:
    answer = floor.give(floor.manager, {"discovery": 3, "value": 5, "presence": None})
    assert answer.status_code == 201, answer.text
    found = {row["dimension"]: row for row in answer.json()["reviews"]}
    assert found["discovery"]["accepted"]
    assert not found["value"]["accepted"]
    assert answer.json()["confirmed"] == {"discovery": 3, "value": 5, "presence": None}
    assert found["value"]["draft"] == 3
    assert found["value"]["reviewer"] == "Max"


def test_the_newest_review_counts_and_the_older_stay(floor: Floor) -> None:
    floor.give(floor.manager, {"value": 5})
    answer = floor.give(floor.coach, {"value": 2})
    assert [row["value"] for row in answer.json()["reviews"]] == [5, 2]
    assert answer.json()["confirmed"] == {"value": 2}


def test_two_coaches_at_once_do_not_overwrite_each_other_unseen(floor: Floor) -> None:
    read = [client.get(floor.path("reviews")).headers["etag"] for client in (floor.coach, floor.other_coach)]
    assert floor.give(floor.coach, {"value": 5}, read[0]).status_code == 201
    late = floor.give(floor.other_coach, {"value": 1}, read[1])
    assert late.status_code == 412
    assert "read it again" in late.json()["detail"]
    missing = floor.other_coach.post(
        floor.path("reviews"),
        json={"scoring": str(floor.scoring), "scores": [{"dimension": "value", "value": 1}]},
    )
    assert missing.status_code == 428


def test_a_call_that_was_scored_anew_is_not_reviewed_by_its_old_draft(floor: Floor) -> None:
    floor.people.scoring(floor.call, ALL, document())
    assert floor.give(floor.coach, {"value": 5}).status_code == 412


@pytest.mark.parametrize(
    ("scores", "word"), [({"charm": 3}, "charm"), ({"value": 6}, "value"), ({"value": 0}, "value")]
)
def test_what_cannot_be_a_score_is_refused(floor: Floor, scores: dict[str, int | None], word: str) -> None:
    answer = floor.give(floor.coach, scores)
    assert answer.status_code == 422
    assert word in answer.text


def test_the_database_keeps_reviews_from_being_changed(floor: Floor) -> None:
    floor.give(floor.coach, {"value": 5})
    for query in ("update review set value = 1", "delete from review", "truncate review cascade"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
            floor.people.sql(query)
    floor.people.sql("delete from call where id = %s", floor.call)
    assert floor.people.sql("select count(*) from review") == [(0,)]


def test_nobody_reviews_their_own_call(floor: Floor) -> None:
    assert floor.give(floor.own, {"value": 5}).status_code == 403
    floor.people.sql(
        "insert into membership (person_id, team_id, role) values (%s, %s, 'manager')", floor.rep, floor.team
    )
    assert floor.give(floor.own, {"value": 5}).status_code == 403


def test_contesting_needs_a_persons_score_and_another_person_decides(floor: Floor) -> None:
    contest = {"dimension": "value", "reason": "I said what it saves them."}
    assert floor.own.post(floor.path("contests"), json=contest).status_code == 409
    floor.give(floor.coach, {"value": 2})
    made = floor.own.post(floor.path("contests"), json=contest)
    assert made.status_code == 201, made.text
    assert floor.own.post(floor.path("contests"), json=contest).status_code == 409
    decision = f"/api/v1/contests/{made.json()['id']}/decision"
    ruling = {"value": 4, "decision": "Yes, two hundred pounds."}
    assert floor.own.post(decision, json=ruling).status_code == 403
    assert floor.coach.post(decision, json=ruling).status_code == 409
    done = floor.other_coach.post(decision, json=ruling)
    assert done.status_code == 200, done.text
    assert done.json()["decided_at"]
    assert floor.own.get(floor.path("reviews")).json()["confirmed"] == {"value": 4}
    assert floor.other_coach.post(decision, json=ruling).status_code == 409


def test_comments_are_in_the_order_of_the_call_and_can_be_taken_back(floor: Floor) -> None:
    for seconds, words in ((9.5, "later"), (1.0, "earlier"), (None, "all of it")):
        floor.coach.post(floor.path("comments"), json={"seconds": seconds, "words": words})
    found = floor.own.get(floor.path("comments")).json()
    assert [one["words"] for one in found] == ["all of it", "earlier", "later"]
    path = floor.path(f"comments/{found[0]['id']}")
    assert floor.own.delete(path).status_code == 404
    assert floor.coach.delete(path).status_code == 204
    assert len(floor.own.get(floor.path("comments")).json()) == 2


def test_a_teams_reviews_leave_as_training_takes_them(floor: Floor) -> None:
    floor.give(floor.coach, {"value": 5, "discovery": 3})
    path = f"/api/v1/teams/{floor.team}/reviews.jsonl"
    assert floor.coach.get(path).status_code == 403
    lines = [json.loads(line) for line in floor.manager.get(path).text.splitlines()]
    assert {(line["dimension"], line["value"], line["draft"]) for line in lines} == {
        ("value", 5, 3),
        ("discovery", 3, 3),
    }
    assert lines[0]["features"] == document()["features"]
    assert "whiteboard" not in json.dumps(lines)
    assert "Cleo" not in json.dumps(lines)


def test_who_saw_and_changed_what_is_in_the_log(floor: Floor) -> None:
    floor.coach.get(floor.path("analysis"))
    floor.give(floor.coach, {"value": 5})
    rows = floor.people.sql("select actor, action, about_id from audit order by id")
    assert ("Cleo", "analysis viewed", floor.rep) in rows
    assert ("Cleo", "score reviewed", floor.rep) in rows
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
        floor.people.sql("delete from audit")
