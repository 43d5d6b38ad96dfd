"""A rep's own practice: the list of attempts, drafts that wait, and what stays once it is submitted."""

import pytest

from tests.service.people import People
from tests.service.practice.test_practice import Gym


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def test_ones_own_attempts_are_listed_by_pages(gym: Gym) -> None:
    made = [gym.begin(gym.recording()).json()["id"] for _ in range(3)]
    gym.people.sql(
        "insert into membership (person_id, team_id, role) values (%s, %s, 'manager')", gym.mate, gym.team
    )
    first = gym.own.get("/api/v1/me/attempts", params={"limit": 2}).json()
    rest = gym.own.get("/api/v1/me/attempts", params={"cursor": first["next"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None
    assert {one["scenario"] for one in first["items"]} == {"Price"}
    assert gym.other.get("/api/v1/me/attempts").json() == {"items": [], "next": None}
    other = gym.own.get("/api/v1/me/attempts", params={"scenario": made[0]}).json()
    assert other["items"] == []


def test_a_draft_is_not_known_before_the_recording_is_an_attempt(gym: Gym) -> None:
    call = gym.recording()
    analysis = gym.own.get(f"/api/v1/calls/{call}/analysis").json()
    assert analysis["self_score_first"] is True
    assert analysis["document"]["scorecard"] is None
    assert gym.own.get(f"/api/v1/calls/{call}/export.json").status_code == 409
    assert ",5," not in gym.own.get("/api/v1/export/calls.csv").text.split("\n")[1]
    gym.begin(call, self_scores={})
    assert gym.own.get(f"/api/v1/calls/{call}/analysis").json()["document"]["scorecard"]


def test_a_rep_does_not_rescore_what_is_submitted(gym: Gym) -> None:
    call = gym.recording()
    gym.people.sql(
        "insert into stage (call_id, name, state, share, attempts)"
        " select %s, unnest(array['decode', 'recognise', 'diarise', 'annotate', 'score']), 'done', 1, 1",
        call,
    )
    body = '{"language": "en", "duration": null, "turns": [{"speaker": "rep", "words": []}]}'
    gym.people.sql(
        "insert into transcript_revision (call_id, revision, note, body) values (%s, 1, '', %s::jsonb)",
        call,
        body,
    )
    attempt = gym.begin(call, self_scores={}).json()
    gym.own.post(f"/api/v1/attempts/{attempt['id']}/submit")
    path, tag = f"/api/v1/calls/{call}", {"If-Match": "*"}
    turns = {"turns": [{"speaker": "rep", "text": "What does it cost you?"}]}
    answers = [
        gym.own.put(f"{path}/transcript", json=turns, headers=tag),
        gym.own.put(f"{path}/transcript", json={"speakers": {"rep": "buyer"}}, headers=tag),
        gym.own.patch(path, json={"language": "de"}, headers=tag),
        gym.own.patch(path, json={"context": "software"}, headers=tag),
        gym.own.post(f"{path}/stages/score"),
    ]
    assert [answer.status_code for answer in answers] == [409] * 5
    assert all("This attempt is submitted" in answer.json()["detail"] for answer in answers)
    assert gym.own.patch(path, json={"title": "Second go"}, headers=tag).status_code == 200
    assert gym.manager.put(f"{path}/transcript", json=turns, headers=tag).status_code == 200
