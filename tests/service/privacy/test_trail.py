"""Managers see what was done with calls of their team; whoever reads blind learns no score from it."""

import uuid
from typing import Any

from fastapi.testclient import TestClient

from service.app import API
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People


def reviewed(people: People) -> tuple[uuid.UUID, TestClient, TestClient]:
    """A call that one manager scored, their client, and that of a second manager."""
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    call = people.call(team, people.person("Rita", rep=team))
    scoring = people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    first, second = (people.signed_in(people.person(name, manager=team)) for name in ("Mara", "Max"))
    body = {"scoring": str(scoring), "scores": [{"dimension": DIMENSIONS[0], "value": 2}]}
    assert first.post(f"{API}/calls/{call}/reviews", json=body, headers={"If-Match": "*"}).status_code == 201
    return call, first, second


def trail(client: TestClient, call: uuid.UUID) -> dict[str, Any]:
    """The entry of the one review, as a client is told it."""
    found = client.get(f"{API}/calls/{call}/audit").json()["items"]
    (entry,) = [entry for entry in found if entry["action"] == "score reviewed"]
    return entry  # type: ignore[no-any-return]


def test_a_manager_sees_the_trail_of_a_call(people: People) -> None:
    call, _, second = reviewed(people)
    entry = trail(second, call)
    assert (entry["actor"], entry["action"], entry["detail"]["value"]) == ("Mara", "score reviewed", 2)


def test_a_blind_reader_gets_no_score_from_the_trail(people: People) -> None:
    call, first, second = reviewed(people)
    people.sql("update setting set value = '1' where name = 'blind_share'")
    entry = trail(second, call)
    assert (entry["action"], entry["detail"]) == ("score reviewed", {})
    assert trail(first, call)["detail"]["value"] == 2


def test_practice_leaves_no_trail_for_others(people: People) -> None:
    team = people.team()
    practice = people.call(team, people.person("Rita", rep=team), practice=True)
    manager = people.signed_in(people.person("Mara", manager=team))
    assert manager.get(f"{API}/calls/{practice}/audit").status_code == 404
