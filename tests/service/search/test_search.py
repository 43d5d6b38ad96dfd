"""Search finds what was said, by whom, with what in it, and never what isn't for the asker."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.people import People

LINES = [
    ("rep", "how do you plan the routes"),
    ("buyer", "on a whiteboard, the routes are a mess"),
    ("rep", "what does a wrong route cost you"),
    ("buyer", "two hundred pounds and an angry customer"),
]


class Floor:
    def __init__(self, people: People) -> None:
        self.people = people
        people.sql("insert into setting (name, value) values ('blind_share', '0')")
        self.team = people.team()
        self.rep, self.mate = people.person("Rae", rep=self.team), people.person("Moe", rep=self.team)
        self.manager = people.signed_in(people.person("Max", manager=self.team))
        self.own = people.signed_in(self.rep)

    def call(self, rep: uuid.UUID, lines: list[tuple[str, str]] = LINES, **more: Any) -> uuid.UUID:
        call = self.people.call(self.team, rep, **more)
        for turn, (speaker, words) in enumerate(lines):
            self.people.sql(
                "insert into passage (call_id, turn, speaker, starts, ends, words) "
                "values (%s, %s, %s, %s, %s, %s)",
                call,
                turn,
                speaker,
                turn * 5.0,
                turn * 5.0 + 4,
                words,
            )
        return call

    def search(self, client: TestClient | None = None, **asked: Any) -> list[dict[str, Any]]:
        answer = (client or self.manager).get("/api/v1/search", params=asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["hits"]
        return found


@pytest.fixture
def floor(people: People) -> Floor:
    return Floor(people)


def test_a_hit_lands_on_its_second(floor: Floor) -> None:
    call = floor.call(floor.rep)
    [hit] = floor.search(q='"wrong route"')
    assert (hit["call_id"], hit["turn"], hit["speaker"], hit["starts"]) == (str(call), 2, "rep", 10.0)
    assert hit["text"] == "what does a ⟦wrong⟧ ⟦route⟧ cost you"
    assert hit["audio"].endswith(f"{call}/audio#t=10")


def test_words_are_found_in_their_forms_and_by_speaker(floor: Floor) -> None:
    floor.call(floor.rep)
    assert [hit["turn"] for hit in floor.search(q="route")] == [0, 1, 2]
    assert [hit["turn"] for hit in floor.search(q="route", speaker="buyer")] == [1]
    assert [hit["turn"] for hit in floor.search(q="route -wrong", speaker="rep")] == [0]
    assert floor.search(q='"route wrong"') == []


def test_labels_and_dates_narrow_it_down(floor: Floor) -> None:
    call = floor.call(floor.rep, happened_on="2026-03-02")
    floor.call(floor.rep, happened_on="2026-05-02")
    floor.people.sql(
        "insert into finding (call_id, position, label, turn, quote, attributes) "
        "values (%s, 0, 'roi', 3, '', '{}')",
        call,
    )
    [hit] = floor.search(label="roi")
    assert (hit["call_id"], hit["turn"], hit["label"]) == (str(call), 3, "roi")
    assert len(floor.search(q="whiteboard", since="2026-03-02", until="2026-03-02")) == 1


def test_nobody_finds_what_is_not_theirs(floor: Floor) -> None:
    floor.call(floor.rep)
    floor.call(floor.mate)
    floor.call(floor.mate, practice=True, source="practice")
    stranger = floor.people.person("Ann", manager=floor.people.team("Other"))
    assert len(floor.search(floor.own, q="whiteboard")) == 1
    assert len(floor.search(floor.manager, q="whiteboard")) == 2
    assert floor.search(floor.people.signed_in(stranger), q="whiteboard") == []
    root = floor.people.signed_in(floor.people.person("Root", administrator=True))
    assert floor.search(root, q="whiteboard") == []


def test_scores_are_peoples_where_there_are_any(floor: Floor) -> None:
    low, high = floor.call(floor.rep), floor.call(floor.rep)
    floor.people.scoring(low, {"value": 2})
    scoring = floor.people.scoring(high, {"value": 2})
    floor.people.insert(
        "review",
        call_id=high,
        scoring_id=scoring,
        dimension="value",
        reviewer_id=floor.mate,
        draft=2,
        value=5,
        blind=False,
        reason="",
        features={},
    )
    assert {hit["call_id"] for hit in floor.search(q="whiteboard", dimension="value", most=2)} == {str(low)}
    assert {hit["call_id"] for hit in floor.search(q="whiteboard", dimension="value", least=4)} == {str(high)}


def test_a_blind_readers_search_does_not_tell_the_draft(floor: Floor) -> None:
    floor.people.sql("update setting set value = '1' where name = 'blind_share'")
    floor.people.scoring(floor.call(floor.rep), {"value": 2})
    assert len(floor.search(q="whiteboard")) == 1
    assert floor.search(q="whiteboard", dimension="value", most=5) == []
    assert len(floor.search(floor.own, q="whiteboard", dimension="value", most=5)) == 1


def test_pages_hold_every_hit_once(floor: Floor) -> None:
    for _ in range(5):
        floor.call(floor.rep)
    whole = [(hit["call_id"], hit["turn"]) for hit in floor.search(q="route", limit=200)]
    found, after = [], None
    while True:
        page = floor.manager.get(
            "/api/v1/search", params={"q": "route", "limit": 4, **({"cursor": after} if after else {})}
        ).json()
        found += [(hit["call_id"], hit["turn"]) for hit in page["hits"]]
        after = page["next"]
        if after is None:
            break
    assert found == whole
    assert len(whole) == 15


def test_what_cannot_be_asked_is_said(floor: Floor) -> None:
    assert floor.manager.get("/api/v1/search").status_code == 422
    assert floor.manager.get("/api/v1/search", params={"q": "x", "cursor": "nonsense"}).status_code == 422


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_can_be_looked_for(floor: Floor, words: str) -> None:
    assert floor.manager.get("/api/v1/search", params={"q": words, "label": "roi"}).status_code == 200
