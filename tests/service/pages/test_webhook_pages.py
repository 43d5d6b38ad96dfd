"""The pages of webhooks: what managers do there, what stays in the form, who has nothing to do with them."""

import re
import uuid
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.pages.webhook_routes import WORDS
from service.webhooks.store import EVENTS
from tests.service.pages.test_manager_more import ticked
from tests.service.people import People


@pytest.fixture
def staff(people: People) -> dict[str, uuid.UUID]:
    """A team's manager, coach and rep, by name, and the team."""
    team = people.team()
    found = {
        "team": team,
        "mara": people.person("Mara", manager=team),
        "rita": people.person("Rita", rep=team),
    }
    return {**found, "carl": people.person("Carl", coach=team)}


def test_a_manager_makes_tries_and_stops_a_webhook(
    staff: dict[str, uuid.UUID], people: People, client: TestClient
) -> None:
    assert WORDS.keys() == set(EVENTS)
    app = client.app
    assert isinstance(app, FastAPI)
    app.state.parts = replace(app.state.parts, reachable=lambda _: True)
    mara = people.signed_in(staff["mara"])
    assert "Nobody is told of anything yet." in mara.get("/webhooks").text
    fields = {"url": "http://127.0.0.1:9/hook?a=1&b=<2>", "events": ["call.analysed", "score.contested"]}
    made = mara.post("/webhooks", data=fields).text
    secret = re.search(r'value="(whsec_[^"]+)"', made)
    assert secret
    page = mara.get("/webhooks").text
    assert secret[1] not in page
    assert "http://127.0.0.1:9/hook?a=1&amp;b=&lt;2&gt;" in page
    assert "When a call is analysed, a rep contests a score." in page
    [(hook,)] = people.sql("select id from webhook")
    assert "No message yet." in mara.get(f"/webhooks/{hook}").text
    assert "On its way" in mara.post(f"/webhooks/{hook}/test").text
    for change, words in (
        ("attempts = 2, error = 'answers 503', status = 503", "2 tries so far: answers 503"),
        ("dead_at = now()", "after 2 tries: answers 503"),
        ("dead_at = null, done_at = now(), status = 204", "answered 204, at try 2"),
    ):
        people.sql(f"update delivery set {change}")
        assert words in mara.get(f"/webhooks/{hook}").text
    assert "Removed." in mara.post(f"/webhooks/{hook}/stop").text
    assert mara.get(f"/webhooks/{hook}").status_code == 404


def test_what_cannot_be_a_webhook_stays_in_the_form(staff: dict[str, uuid.UUID], people: People) -> None:
    mara = people.signed_in(staff["mara"])
    private = {"url": "http://127.0.0.1/hook", "events": ["call.failed"]}
    for fields, why in (
        (private, "an address that isn&#39;t public"),
        ({"url": "https://example.org/hook"}, "Tick at least one thing"),
        ({**private, "team": str(uuid.uuid4())}, "choose one of the teams that you manage"),
    ):
        answer = mara.post("/webhooks", data=fields)
        assert answer.status_code == 422
        assert why in answer.text
        assert f'value="{fields["url"]}"' in answer.text
        assert ticked(answer.text, "events")["call.failed"] is ("events" in fields)
    assert people.sql("select count(*) from webhook") == [(0,)]


def test_webhooks_are_for_managers_of_the_team(staff: dict[str, uuid.UUID], people: People) -> None:
    hook = people.insert(
        "webhook",
        team_id=staff["team"],
        url="https://example.org/",
        secret="s",  # noqa: S106 - of nobody
        events=["call.failed"],
        made_by=staff["mara"],
    )
    other = people.signed_in(people.person("Omar", manager=people.team("Other")))
    assert "example.org" not in other.get("/webhooks").text
    assert other.get(f"/webhooks/{hook}").status_code == 404
    assert other.post(f"/webhooks/{hook}/stop").status_code == 404
    for name in ("carl", "rita"):
        somebody = people.signed_in(staff[name])
        assert somebody.get("/webhooks").status_code == 403
        assert somebody.post("/webhooks", data={"url": "https://example.org/"}).status_code == 403
        assert somebody.post(f"/webhooks/{hook}/test").status_code == 404
    assert 'href="/webhooks"' in people.signed_in(staff["mara"]).get(f"/teams/{staff['team']}").text
    assert 'href="/webhooks"' not in people.signed_in(staff["carl"]).get(f"/teams/{staff['team']}").text
