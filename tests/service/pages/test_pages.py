"""What pages answer, without a browser: doors, tokens of forms, errors, headers."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.service.documents import document
from tests.service.people import People


def forms_token(text: str) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', text)
    assert found
    return found[1]


def test_a_page_sends_strangers_to_the_door_and_back(client: TestClient) -> None:
    answer = client.get("/calls?text=a", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fcalls%3Ftext%3Da")
    assert "/calls?text=a" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_door_leads_nowhere_else(client: TestClient, after: str) -> None:
    assert "evil" not in client.get("/sign-in", params={"next": after}).text


def test_a_form_of_another_site_signs_nobody_in(client: TestClient) -> None:
    body = {"email": "a@example.com", "password": "x"}
    answer = client.post("/sign-in", data=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_wrong_password_is_told_with_the_address_still_there(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"email": "a@example.com", "password": "x"})
    assert answer.status_code == 401
    assert "The e-mail or the password is wrong" in answer.text
    assert 'value="a@example.com"' in answer.text


def test_a_change_needs_the_token_of_its_form(client: TestClient, people: People) -> None:
    person = people.signed_in(people.person("Ann", manager=people.team()))
    page = person.get("/account").text
    person.headers.pop("X-CSRF-Token")
    fields = {"name": "Anna", "time_zone": "Europe/Berlin", "version": "1"}
    assert person.post("/account", data=fields).status_code == 403
    saved = person.post("/account", data={**fields, "csrf_token": forms_token(page)})
    assert "Saved." in saved.text
    assert people.sql("select name, time_zone from person") == [("Anna", "Europe/Berlin")]
    stale = person.post("/account", data={**fields, "csrf_token": forms_token(page)})
    assert stale.status_code == 412
    assert "Somebody has edited this since you read it" in stale.text


def test_no_script_or_style_of_a_page_is_inline(client: TestClient, people: People) -> None:
    person = people.signed_in(people.person("Ann", administrator=True, manager=people.team()))
    for path in ("/calls", "/calls/upload", "/people", "/account", "/sign-in"):
        answer = person.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_errors_are_pages_for_readers_and_documents_for_programs(client: TestClient, people: People) -> None:
    person = people.signed_in(people.person("Ann", manager=people.team()))
    page = person.get("/calls/00000000-0000-0000-0000-000000000000")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such call" in page.text
    for path in ("/api/v1/calls/00000000-0000-0000-0000-000000000000", "/api/v1/nothing"):
        assert person.get(path).headers["content-type"] == "application/problem+json"
    assert person.get("/nothing").headers["content-type"].startswith("text/html")


def test_times_are_in_the_readers_zone(client: TestClient, people: People) -> None:
    team = people.team()
    ann = people.person("Ann", manager=team)
    people.sql("update person set time_zone = 'Asia/Tokyo' where id = %s", ann)
    people.call(team, None, uploaded_by=ann, created_at="2026-03-05T20:30:00Z")
    assert "6 Mar 2026, 05:30" in people.signed_in(ann).get("/calls").text


def test_what_somebody_may_not_do_is_not_offered(client: TestClient, people: People) -> None:
    team = people.team()
    rep, manager = people.person("Rita", rep=team), people.person("Mara", manager=team)
    call = people.call(team, rep)
    drafts = {one["dimension"]: one["value"] for one in document()["scorecard"]["scores"]}
    people.scoring(call, drafts, document())
    people.sql("insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, false)", call, manager)
    seen = people.signed_in(rep).get(f"/calls/{call}").text
    assert "What would raise it" in seen
    assert f"/calls/{call}/reviews" not in seen
    assert f"/calls/{call}/reviews" in people.signed_in(manager).get(f"/calls/{call}").text
    actions = people.sql("select count(*) from audit where action = 'analysis viewed' and call_id = %s", call)
    assert actions == [(2,)]


def test_odd_characters_in_forms_are_refused_in_words(client: TestClient, people: People) -> None:
    team = people.team()
    manager = people.person("Mara", administrator=True, manager=team)
    call = people.call(team, people.person("Rita", rep=team))
    person = people.signed_in(manager)
    sent = [
        person.get("/people", params={"q": "a\x00"}),
        person.get("/calls", params={"text": "a\x00", "state": "?", "rep": "?", "since": "soon"}),
        client.post("/sign-in", data={"email": "a\x00@example.com", "password": "x"}),
        person.post(f"/calls/{call}/reviews", data={"dimension": "discovery", "value-discovery": "\u00b2"}),
        person.post(f"/calls/{call}/comments", data={"words": "a", "at": "soon"}),
        person.post(f"/calls/{call}/speakers", data={"rep": "\u00b2"}),
    ]
    person.headers.pop("X-CSRF-Token")
    file = {"files": ("a.txt", b"a: b")}
    sent.append(person.post("/calls/upload", data={"csrf_token": "\u00b2"}, files=file))
    assert [answer.status_code for answer in sent] == [422, 200, 422, 422, 422, 404, 403]


def test_a_rep_who_has_left_stays_the_calls(client: TestClient, people: People) -> None:
    team = people.team()
    manager, rep = people.person("Mara", manager=team), people.person("Rita", rep=team)
    call = people.call(team, rep)
    people.sql("update person set disabled_at = now() where id = %s", rep)
    fields = {"version": "1", "rep": str(rep), "title": "Renamed"}
    answer = people.signed_in(manager).post(f"/calls/{call}/details", data=fields)
    assert "Saved." in answer.text
    assert people.sql("select title, rep_id from call") == [("Renamed", rep)]
