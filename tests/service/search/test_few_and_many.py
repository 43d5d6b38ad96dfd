"""Whether words are in few turns or in many, the same turns are found, page after page."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.search import store
from tests.service.people import People
from tests.service.search.test_search import Floor

LINES = [
    ("rep", "what is the budget"),
    ("buyer", "the budget is gone"),
    ("rep", "and next year"),
    ("buyer", "next year the budget is open"),
]
ASKED: list[dict[str, Any]] = [
    {"q": "budget"},
    {"q": "budget", "speaker": "buyer"},
    {"q": '"next year"', "speaker": "rep"},
    {"q": "budget", "label": "objection.price"},
    {"q": "budget", "dimension": "discovery", "least": 3},
    {"speaker": "buyer", "label": "objection.price"},
]


@pytest.fixture
def floor(people: People) -> Floor:
    return Floor(people)


def all_pages(client: TestClient, asked: dict[str, Any]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    place: dict[str, str] = {}
    while True:
        answer = client.get("/api/v1/search", params={**asked, **place, "limit": 2}).json()
        found += [(hit["call_id"], hit["turn"]) for hit in answer["hits"]]
        if answer["next"] is None:
            return found
        place = {"cursor": answer["next"]}


def evidence(people: People, call: uuid.UUID) -> None:
    people.sql(
        "insert into finding (call_id, position, label, turn, starts, quote, attributes)"
        " values (%s, 0, 'objection.price', 1, 5, 'gone', '{}')",
        call,
    )


def test_the_same_turns_are_found(floor: Floor, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for score in (2, 3, 4):
        call = floor.call(floor.rep, LINES)
        people.scoring(call, {"discovery": score})
        evidence(people, call)
    few = [all_pages(floor.manager, asked) for asked in ASKED]
    monkeypatch.setattr(store, "FEW", 0)
    many = [all_pages(floor.manager, asked) for asked in ASKED]
    assert few == many
    assert [len(found) for found in few] == [9, 6, 3, 3, 6, 3]
