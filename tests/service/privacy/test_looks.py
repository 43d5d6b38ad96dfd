"""What somebody does with a call is one entry of the log; no look that shows more goes without one."""

import uuid

import pytest
from fastapi.testclient import TestClient

from service.app import API
from tests.service.documents import DIMENSIONS
from tests.service.pages.test_manager_pages import scored
from tests.service.people import People


@pytest.fixture
def call(people: People) -> uuid.UUID:
    """A scored call of Rita's; nobody is drawn to read it blind."""
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    people.person("Mara", manager=team)
    return scored(people, team, people.person("Rita", rep=team))


def mara(people: People) -> TestClient:
    return people.signed_in(people.sql("select id from person where name = 'Mara'")[0][0])


def press(client: TestClient, people: People, call: uuid.UUID, *dimensions: str) -> None:
    """What the form of a card sends, and the page that comes back."""
    [(scoring,)] = people.sql("select id from scoring where call_id = %s", call)
    [(version,)] = people.sql("select count(*) from review where call_id = %s", call)
    fields = {"scoring": str(scoring), "version": str(version), "dimensions": " ".join(dimensions)}
    fields |= {f"value-{name}": "4" for name in dimensions}
    assert client.post(f"/calls/{call}/reviews", data=fields).status_code == 200


def entries(people: People, call: uuid.UUID) -> list[str]:
    return [row[0] for row in people.sql("select action from audit where call_id = %s order by id", call)]


def test_a_page_is_one_look_and_a_press_one_entry(people: People, call: uuid.UUID) -> None:
    manager = mara(people)
    manager.get(f"/calls/{call}")
    assert people.sql("select action, detail from audit where call_id = %s", call) == [
        ("analysis viewed", {"scoring": 1, "scores": True, "also": ["reviews viewed"]})
    ]
    press(manager, people, call, DIMENSIONS[0])
    press(manager, people, call, DIMENSIONS[1])
    manager.post(f"/calls/{call}/comments", data={"words": "Well asked."})
    assert entries(people, call) == ["analysis viewed", "score reviewed", "score reviewed", "comment made"]


def test_later_or_by_somebody_else_it_is_a_look_again(people: People, call: uuid.UUID) -> None:
    manager = mara(people)
    manager.get(f"/calls/{call}")
    press(manager, people, call, DIMENSIONS[0])
    rep = people.signed_in(people.sql("select id from person where name = 'Rita'")[0][0])
    rep.get(f"/mine/calls/{call}")
    assert entries(people, call)[-1] == "analysis viewed"
    people.sql("alter table audit disable trigger user")
    people.sql("update audit set at = at - interval '1 minute'")
    people.sql("alter table audit enable trigger user")
    manager.get(f"/calls/{call}")
    assert entries(people, call)[2:] == ["analysis viewed", "analysis viewed"]


def test_what_a_blind_reader_is_shown_after_their_scores_is_a_look(people: People, call: uuid.UUID) -> None:
    people.sql("update setting set value = '1' where name = 'blind_share'")
    manager = mara(people)
    manager.get(f"/calls/{call}")
    press(manager, people, call, *DIMENSIONS)
    shown = people.sql("select detail->'scores' from audit where action = 'analysis viewed' order by id")
    assert shown == [(False,), (True,)]


def test_a_change_without_a_look_before_hides_none(people: People, call: uuid.UUID) -> None:
    manager = mara(people)
    manager.post(f"{API}/calls/{call}/comments", json={"words": "Listen to this.", "seconds": None})
    manager.get(f"/calls/{call}")
    assert entries(people, call) == ["comment made", "analysis viewed"]


def test_the_rep_reads_it_in_words(people: People, call: uuid.UUID) -> None:
    mara(people).get(f"/calls/{call}")
    rep = people.signed_in(people.sql("select id from person where name = 'Rita'")[0][0])
    assert "looked at the transcript and drafts; looked at people’s scores" in rep.get("/mine/log").text
