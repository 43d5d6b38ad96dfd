"""Coaching notes: for the rep, edited by their writer alone, every version kept."""

import uuid

import pytest
from fastapi.testclient import TestClient

from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

NOTE = {
    "went_well": "You waited.",
    "differently": "Name the date.",
    "practise": "Close with a day.",
    "skill": "next_step",
    "next_on": "2026-12-01",
}
Floor = tuple[str, uuid.UUID, TestClient, TestClient, TestClient]


@pytest.fixture
def floor(people: People) -> Floor:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep, coach = people.person("Rita", rep=team), people.person("Carl", coach=team)
    people.assign(coach, rep)
    call = people.call(team, rep)
    people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    manager = people.signed_in(people.person("Ann", manager=team))
    return f"/api/v1/calls/{call}/notes", call, people.signed_in(coach), manager, people.signed_in(rep)


def test_it_is_edited_by_its_writer_and_earlier_versions_stay(floor: Floor) -> None:
    path, _, coach, manager, rep = floor
    made = coach.post(path, json=NOTE)
    assert made.status_code == 201, made.text
    assert rep.get(path).json()[0]["practise"] == "Close with a day."
    assert coach.post(path, json=NOTE).status_code == 409
    assert rep.post(path, json=NOTE).status_code == 403
    note = f"/api/v1/notes/{made.json()['id']}"
    changed = {**NOTE, "practise": "Close with an hour."}
    assert coach.put(note, json=changed).status_code == 428
    for other in (manager, rep):
        assert other.put(note, json=changed, headers={"If-Match": "*"}).status_code == 403
    tag = {"If-Match": made.headers["etag"]}
    assert coach.put(note, json=changed, headers=tag).status_code == 200
    assert coach.put(note, json=NOTE, headers=tag).status_code == 412
    history = rep.get(f"{note}/history").json()
    assert [one["practise"] for one in history] == ["Close with an hour.", "Close with a day."]
    odd = coach.put(note, json={**NOTE, "skill": "charm"}, headers={"If-Match": "*"})
    assert odd.status_code == 422
    assert "charm is no dimension" in odd.json()["detail"]


def test_who_reads_blind_is_not_told_by_somebodys_note(floor: Floor, people: People) -> None:
    path, call, coach, manager, _ = floor
    made = coach.post(path, json=NOTE).json()
    [(ann,)] = people.sql("select id from person where name = 'Ann'")
    people.sql("insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)", call, ann)
    assert manager.get(path).json() == []
    assert manager.get(f"/api/v1/notes/{made['id']}/history").status_code == 409
