"""The notice: its words as they hold, and that somebody has read these very words."""

import pytest
from fastapi.testclient import TestClient

from service.notice.text import notice
from service.settings import Settings, load_settings
from tests.service.people import People


@pytest.fixture
def rita(people: People) -> TestClient:
    return people.signed_in(people.person("Rita", rep=people.team()))


def test_acknowledging_is_kept_with_the_text_that_was_read(rita: TestClient, people: People) -> None:
    told = rita.get("/api/v1/notice").json()
    assert told["acknowledged_at"] is None
    assert "No emotion" in str(told["sections"])
    body = {"version": told["version"]}
    first = rita.post("/api/v1/notice/acknowledgement", json=body).json()["acknowledged_at"]
    assert first
    assert rita.post("/api/v1/notice/acknowledgement", json=body).json()["acknowledged_at"] == first
    [(words,)] = people.sql("select words from acknowledgement")
    assert all(paragraph in words for one in told["sections"] for paragraph in one["paragraphs"])
    actions = people.sql("select count(*) from audit where action = 'notice acknowledged'")
    assert actions == [(1,)]


def test_another_text_has_to_be_read_again(rita: TestClient) -> None:
    old = {"version": "0" * 12}
    answer = rita.post("/api/v1/notice/acknowledgement", json=old)
    assert answer.status_code == 412
    assert "read it again" in answer.json()["detail"]
    assert rita.get("/api/v1/notice").json()["acknowledged_at"] is None


def words(**settings: int) -> tuple[str, str]:
    found = notice(load_settings(**settings))
    return found.version, found.words


def test_the_notice_says_how_long_things_are_kept_here(settings: Settings) -> None:
    version, plain = notice(settings).version, notice(settings).words
    assert "Recordings: until somebody deletes them" in plain
    limited, shorter = words(keep_transcripts_days=30, keep_audit_days=365)
    assert limited != version, "another text has another version"
    assert "Recordings: 30 days." in shorter, "a call's sound goes with the call"
    assert "Transcripts and scores: 30 days. The numbers" in shorter
    assert "who looked: 365 days." in shorter
    assert "Recordings: 7 days." in words(keep_transcripts_days=30, keep_recordings_days=7)[1]
