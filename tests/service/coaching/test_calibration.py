"""Calibration: several people score alone; nothing of a score reaches them before theirs is in."""

import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from tests.service.documents import DIMENSIONS, document
from tests.service.people import People


@dataclass
class Room:
    """A manager and two coaches of a rep whose call is scored, and the address of a round on it."""

    people: People
    call: uuid.UUID
    rep: TestClient
    manager: TestClient
    carl: TestClient
    cleo: TestClient
    path: str


def scores(value: int | None, reason: str = "") -> dict[str, Any]:
    return {"scores": [{"dimension": name, "value": value, "reason": reason} for name in DIMENSIONS]}


@pytest.fixture
def room(people: People) -> Room:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep, manager = people.person("Rita", rep=team), people.person("Ann", manager=team)
    carl, cleo = people.person("Carl", coach=team), people.person("Cleo", coach=team)
    for coach in (carl, cleo):
        people.assign(coach, rep)
    call = people.call(team, rep)
    people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    ann = people.signed_in(manager)
    body = {"people": [str(manager), str(carl), str(cleo)], "question": "A 3 or a 4?"}
    opened = ann.post(f"/api/v1/calls/{call}/calibrations", json=body)
    assert opened.status_code == 201, opened.text
    assert opened.json()["awaits_me"] is True
    path = f"/api/v1/calibrations/{opened.json()['id']}"
    return Room(
        people, call, people.signed_in(rep), ann, people.signed_in(carl), people.signed_in(cleo), path
    )


def test_nothing_leaks_before_ones_own_scores_are_in(room: Room) -> None:
    call = f"/api/v1/calls/{room.call}"
    given = room.carl.post(f"{room.path}/scores", json=scores(2, "Carl's secret"))
    assert given.status_code == 200, given.text
    for waiting in (room.manager, room.cleo):
        read = waiting.get(f"{call}/analysis").json()
        assert read["blind"] is True
        assert read["document"]["scorecard"] is None
        assert waiting.get(f"{call}/reviews").json()["reviews"] == []
        assert waiting.get(f"{call}/export.json").status_code == 409
        assert waiting.get(f"{call}/export.pdf").status_code == 409
        assert "True" in waiting.get("/api/v1/export/calls.csv").text  # its column says: blind
        assert waiting.get("/api/v1/search", params={"least": 1}).json()["hits"] == []
        for page in (room.path, "/api/v1/queue", f"{call}/calibrations"):
            assert "secret" not in waiting.get(page).text
        assert waiting.get(room.path).json()["spread"] == []
        reviewed = waiting.post(
            f"{call}/reviews",
            json={"scoring": read["scoring"]["id"], **scores(3)},
            headers={"If-Match": "*"},
        )
        assert reviewed.status_code == 409
        assert "calibration" in reviewed.json()["detail"]
    # Whose are in may read on, but sees nobody else's before it is closed.
    assert room.carl.get(f"{call}/analysis").json()["document"]["scorecard"]
    assert room.carl.get(room.path).json()["spread"] == []
    assert [one["scored"] for one in room.carl.get(room.path).json()["people"]] == [False, True, False]
    assert room.rep.get(room.path).status_code == 404


def test_the_last_scores_close_it_and_it_settles_on_reviews(room: Room) -> None:
    for client, value in ((room.carl, 2), (room.cleo, 4), (room.manager, 3)):
        assert client.post(f"{room.path}/scores", json=scores(value)).status_code == 200
    again = room.carl.post(f"{room.path}/scores", json=scores(5))
    assert again.status_code == 409
    shown = room.cleo.get(room.path).json()
    assert [one["value"] for one in shown["spread"][0]["scores"]] == [3, 2, 4]
    assert shown["spread"][0]["draft"] == 4
    assert shown["may_settle"] is False
    said = room.cleo.post(f"{room.path}/words", json={"words": "She named the cost herself."})
    assert said.json()["discussion"][0]["words"] == "She named the cost herself."

    assert room.carl.post(f"{room.path}/settlement", json=scores(3, "ok")).status_code == 403
    bare = room.manager.post(f"{room.path}/settlement", json=scores(3))
    assert bare.status_code == 422
    assert "people differ here" in bare.json()["detail"]
    done = room.manager.post(f"{room.path}/settlement", json=scores(3, "She asked what it costs."))
    assert done.status_code == 200, done.text
    assert done.json()["spread"][0]["settled"]["value"] == 3
    confirmed = room.rep.get(f"/api/v1/calls/{room.call}/reviews").json()
    assert confirmed["confirmed"] == dict.fromkeys(DIMENSIONS, 3)
    late = room.manager.post(f"{room.path}/settlement", json=scores(1, "no"))
    assert late.status_code == 409
    with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
        room.people.sql("update calibration_score set value = 1")
    room.people.sql("delete from call")  # and what hangs on it goes with it
    assert room.people.sql("select count(*) from calibration_score") == [(0,)]


def test_its_opener_closes_it_early(room: Room) -> None:
    assert room.carl.post(f"{room.path}/scores", json=scores(2)).status_code == 200
    assert room.carl.post(f"{room.path}/close").status_code == 403
    closed = room.manager.post(f"{room.path}/close")
    assert [one["value"] for one in closed.json()["spread"][0]["scores"]] == [2]
    assert room.cleo.post(f"{room.path}/scores", json=scores(2)).status_code == 409


def test_who_may_not_review_the_call_cannot_be_asked(room: Room) -> None:
    room.manager.post(f"{room.path}/close")
    stranger = room.people.person("Sam", coach=room.people.sql("select team_id from call")[0][0])
    [(ann,)] = room.people.sql("select id from person where name = 'Ann'")
    path = f"/api/v1/calls/{room.call}/calibrations"
    answer = room.manager.post(path, json={"people": [str(ann), str(stranger)]})
    assert answer.status_code == 422
    assert "may not review this call" in answer.json()["detail"]
    assert "two people" in room.manager.post(path, json={"people": [str(ann)]}).json()["detail"]
