"""Requests that no browser sends: the answer says what is wrong with them, as a problem document."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.calls.receiving import examine, file_name
from tests.service.people import People

CUES = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Rae>Good morning.\n\n00:03.000 --> 00:04.000\n<v Bo>Hello.\n"


@pytest.mark.parametrize("field", ["q", "speaker", "label", "dimension"])
def test_a_zero_character_is_found_nowhere_and_breaks_nothing(people: People, field: str) -> None:
    manager = people.signed_in(people.person("Max", manager=people.team()))
    answer = manager.get("/api/v1/search", params={field: "a\0b"})
    assert answer.status_code in {200, 422}, answer.text


def test_a_zero_character_is_refused_where_it_would_be_kept(people: People) -> None:
    team = people.team()
    rep = people.person("Rae", rep=team)
    call = people.call(team, rep)
    comment = people.signed_in(rep).post(f"/api/v1/calls/{call}/comments", json={"words": "a\0b"})
    manager = people.signed_in(people.person("Max", manager=team))
    task = {"title": "a\0b", "skill": "price", "instructions": "Go."}
    scenario = manager.post(f"/api/v1/teams/{team}/scenarios", json=task)
    for answer in (comment, scenario):
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("letter", ["日", "é", "😀", "a"])
def test_a_transcripts_name_may_be_long_in_any_script(tmp_path: Path, letter: str) -> None:
    sent = tmp_path / "sent"
    sent.write_text(CUES)
    name = file_name(letter * 400 + ".vtt")
    assert name.endswith(letter + ".vtt")
    found = asyncio.run(examine(sent, name))
    assert found.taken.name == name
    assert found.taken.transcript is not None


def test_a_fault_of_the_service_is_a_problem_document_too(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("words of a call")

    careless = TestClient(app, raise_server_exceptions=False)
    careless.portal = client.portal
    answer = careless.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "words of a call" not in answer.text


def test_a_csrf_token_of_odd_characters_is_a_wrong_one(people: People) -> None:
    manager = people.signed_in(people.person("Max", manager=people.team()))
    headers = {"X-CSRF-Token": b"\xe9\xff"}
    answer = manager.post("/api/v1/search", headers=headers)  # type: ignore[arg-type]  # bytes go as they are
    refused = manager.post("/api/v1/sign-out", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 405
    assert refused.status_code == 403, refused.text
