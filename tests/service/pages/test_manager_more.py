"""Managers' and administrators' pages, no browser: where calls stand, ways back, who is offered what."""

import re
import uuid
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from service.auth.permissions import Action
from service.pages.browsers import called
from service.pages.token_scopes import AREAS, WORDS
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

KIT = " AppleWebKit/537.36 (KHTML, like Gecko)"


@dataclass
class Sales:
    """A team whose Mara manages, whose Carl coaches and whose Rita calls; nobody is drawn to read blind."""

    people: People
    team: uuid.UUID
    ids: dict[str, uuid.UUID]

    def signed_in(self, name: str) -> TestClient:
        return self.people.signed_in(self.ids[name])

    def call(self, title: str, **more: object) -> uuid.UUID:
        call = self.people.call(self.team, self.ids["rita"], title=title, **more)
        self.people.scoring(call, dict.fromkeys(DIMENSIONS, 3), document())
        return call

    def reviewed(self, call: uuid.UUID, *dimensions: str) -> None:
        [(scoring,)] = self.people.sql("select id from scoring where call_id = %s", call)
        for name in dimensions:
            row = {"dimension": name, "value": 4, "draft": 3, "blind": False, "reason": "", "features": {}}
            self.people.insert(
                "review", call_id=call, scoring_id=scoring, reviewer_id=self.ids["carl"], **row
            )


@pytest.fixture
def sales(people: People) -> Sales:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    parts = (("mara", "manager"), ("carl", "coach"), ("rita", "rep"))
    ids = {name: people.person(name.capitalize(), **{role: team}) for name, role in parts}  # type: ignore[arg-type]  # a part, by its name
    people.assign(ids["carl"], ids["rita"])
    return Sales(people, team, ids)


def stands(page: str) -> dict[str, str]:
    """What the list says of each call's scores, by title."""
    rows = page.split('<tr role="row">')[2:]
    return {
        row.split("</a>")[0].rsplit(">", 1)[1]: row.split('data-is="Scores"')[1]
        .split(">", 1)[1]
        .split("</td>")[0]
        .split("</span>")[0]
        .rsplit(">", 1)[-1]
        .strip()
        for row in rows
    }


def test_the_list_says_where_each_call_stands(sales: Sales) -> None:
    sales.call("Drafted")
    sales.reviewed(sales.call("Begun"), DIMENSIONS[0])
    sales.reviewed(sales.call("All"), *DIMENSIONS)
    sales.people.call(sales.team, sales.ids["rita"], title="Silent", state="failed")
    blind = sales.call("Blind")
    sales.reviewed(blind, *DIMENSIONS)
    mara = sales.ids["mara"]
    sales.people.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)", blind, mara
    )
    common = {
        "Drafted": "Draft",
        "Begun": f"1 of {len(DIMENSIONS)} reviewed",
        "All": "Reviewed",
        "Silent": "–",
    }
    manager, rep = sales.signed_in("mara"), sales.signed_in("rita")
    assert stands(manager.get("/calls").text) == {**common, "Blind": "Score it first"}
    assert stands(rep.get("/calls").text) == {**common, "Blind": "Reviewed"}
    wanted = {
        "open": {"Drafted", "Begun", "Blind"},
        "reviewed": {"All"},
        "first": {"Blind"},
        "odd": {*common, "Blind"},
    }
    for word, titles in wanted.items():
        assert stands(manager.get("/calls", params={"reviewed": word}).text).keys() == titles
    assert stands(rep.get("/calls", params={"reviewed": "open"}).text).keys() == {"Drafted", "Begun"}
    assert "No call fits" in rep.get("/calls", params={"reviewed": "first"}).text


def test_practice_that_is_not_submitted_waits_for_nobody(sales: Sales) -> None:
    sales.call("Rehearsal", practice=True)
    rep = sales.signed_in("rita")
    assert stands(rep.get("/calls").text) == {"Rehearsal": "Not submitted"}
    assert "No call fits" in rep.get("/calls", params={"reviewed": "open"}).text
    assert "Rehearsal" not in sales.signed_in("mara").get("/calls").text


def refusals(sales: Sales) -> list[tuple[int, str, str, dict[str, str]]]:
    """Requests of Mara's that are refused: with which status, and what she sends from which page."""
    call = sales.call("Northwind")
    return [
        (404, f"/calls/{uuid.uuid4()}", "/calls?state=done", {}),
        (404, "/nothing", "/calls", {}),
        (403, "/settings", "/calls", {}),
        (403, "/people", "/people", {"name": "Eve", "email": "eve@example.com"}),
        (412, f"/calls/{call}/details", f"/calls/{call}", {"version": "7", "title": "Other"}),
        (422, f"/calls/{call}/comments", f"/calls/{call}?kind=story", {"words": "a", "at": "soon"}),
        (409, f"/calls/{call}/retry", f"/calls/{call}", {"version": "1"}),
    ]


def test_a_refusal_keeps_the_navigation_and_leads_back(sales: Sales) -> None:
    mara = sales.signed_in("mara")
    for status, path, before, fields in refusals(sales):
        headers = {"Referer": f"http://testserver{before}"}
        method = "POST" if fields else "GET"
        answer = mara.request(method, path, data=fields or None, headers=headers)
        assert answer.status_code == status, path
        assert '<nav aria-label="Main">' in answer.text, path
        assert 'action="/sign-out"' in answer.text
        assert f'<a href="{before}">Back to the page before</a>' in answer.text, path
    assert (
        "Back to the page before"
        not in mara.get("/nothing", headers={"Referer": "http://testserver/nothing"}).text
    )
    elsewhere = mara.get("/nothing", headers={"Referer": "https://evil.example/calls"})
    assert "evil" not in elsewhere.text


def test_a_form_sent_after_the_sign_in_ended_leads_to_the_door_and_back(
    sales: Sales, client: TestClient
) -> None:
    headers = {"Referer": "http://testserver/calls?state=done"}
    answer = client.post("/account", data={"name": "Mara"}, headers=headers)
    assert answer.status_code == 401
    assert '<a href="/sign-in?next=%2Fcalls%3Fstate%3Ddone">Sign in</a>' in answer.text


def test_a_fault_of_the_service_is_a_page_for_its_readers(sales: Sales) -> None:
    mara = sales.signed_in("mara")
    sales.people.sql("alter table comment rename to comment_gone")
    answer = mara.get(f"/calls/{sales.call('Northwind')}", headers={"Referer": "http://testserver/calls"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "its log says where" in answer.text
    assert '<a href="/calls">Back to the page before</a>' in answer.text


def test_what_would_be_empty_for_ever_is_not_in_the_navigation(sales: Sales) -> None:
    for name, own in (("mara", False), ("carl", False), ("rita", True)):
        somebody = sales.signed_in(name)
        page = somebody.get("/practice").text
        assert ('href="/mine"' in page.split("</nav>")[0]) is own, name
        assert ("My profile" in somebody.get("/mine").text) is own, name
        assert 'href="/mine"' in somebody.get("/account").text


def test_the_page_of_a_coach_says_whom_they_coach(sales: Sales) -> None:
    ada = sales.people.signed_in(sales.people.person("Ada", administrator=True))
    page = ada.get(f"/people/{sales.ids['carl']}").text
    assert "<h2>Reps they coach</h2>" in page
    assert "<h2>Coaches</h2>" not in page
    assert f'<a href="/people/{sales.ids["rita"]}">Rita</a>' in page
    for name in ("mara", "rita"):
        assert "Reps they coach" not in ada.get(f"/people/{sales.ids[name]}").text
    sales.people.sql("delete from assignment")
    assert "No rep is assigned to Carl yet" in ada.get(f"/people/{sales.ids['carl']}").text


def ticked(page: str, name: str) -> dict[str, bool]:
    """The boxes of a page by their value, and whether each is ticked."""
    found = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)"( checked)?>', page)
    return {value: bool(checked) for value, checked in found}


def test_scopes_are_offered_by_area_and_only_where_they_are_of_use(sales: Sales) -> None:
    assert sorted(action for _, _, actions in AREAS for action in actions) == sorted(Action)
    assert WORDS.keys() == set(Action)
    offered = {
        name: ticked(sales.signed_in(name).get("/account/tokens").text, "scopes") for name in sales.ids
    }
    for boxes in offered.values():
        assert [scope for scope, checked in boxes.items() if checked] == ["calls:read"]
        assert "settings:edit" not in boxes
    assert "calls:delete" in offered["mara"]
    assert "calls:delete" not in offered["rita"]
    assert "contests:write" in offered["rita"]
    assert "contests:write" not in offered["mara"]
    assert "practice:decide" in offered["carl"]
    ada = sales.people.signed_in(sales.people.person("Ada", administrator=True))
    kept = ada.post("/account/tokens", data={"name": "CRM <1>", "days": "30"})
    assert (kept.status_code, "Tick at least one thing" in kept.text) == (422, True)
    assert 'value="CRM &lt;1&gt;"' in kept.text
    assert not any(ticked(kept.text, "scopes").values())
    boxes = ticked(ada.get("/account/tokens").text, "scopes")
    assert "settings:edit" in boxes
    assert "calls:read" not in boxes


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64){KIT} Chrome/141.0 Safari/537.36", "Chrome on Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64){KIT} Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Mac",
        ),
        (f"Mozilla/5.0 (Linux; Android 15){KIT} Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("", "A browser"),
    ],
)
def test_a_sign_in_is_called_by_its_browser(agent: str, name: str) -> None:
    assert called(agent) == name


def test_scores_side_by_side_have_the_titles_of_their_dimensions(sales: Sales) -> None:
    call = sales.call("Northwind")
    sales.reviewed(call, "next_step")
    page = sales.signed_in("mara").get(f"/calls/{call}").text
    table = page.split("side by side</caption>")[1].split("</table>")[0]
    assert ">Next step clarity</th>" in table
    assert "next step<" not in table
