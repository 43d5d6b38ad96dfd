"""API tokens: what they may do, and what no token may."""

import uuid

import pytest
from fastapi.testclient import TestClient

from service.auth.permissions import Action
from tests.service.auth.accounts import API, OTHER, PASSWORD, another
from tests.service.people import People


def bearer(client: TestClient, secret: str) -> TestClient:
    """A program that has nothing but a token."""
    found = another(client)
    found.headers["Authorization"] = f"Bearer {secret}"
    return found


def make(owner: TestClient, *scopes: Action, **more: object) -> dict[str, object]:
    answer = owner.post(f"{API}/me/tokens", json={"name": "CRM", "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_token_works_until_it_is_revoked_and_shows_its_secret_once(people: People) -> None:
    ann = people.signed_in(people.person("Ann"))
    made = make(ann, Action.AUDIT_OWN)
    program = bearer(ann, str(made["secret"]))
    me = program.get(f"{API}/me").json()
    assert (me["name"], me["scopes"], me["csrf_token"]) == ("Ann", ["audit:read"], None)
    [listed] = ann.get(f"{API}/me/tokens").json()
    assert "secret" not in listed
    assert listed["used_at"] is not None
    stored = people.sql("select key from token")[0][0]
    assert stored != made["secret"]
    assert ann.delete(f"{API}/me/tokens/{made['id']}").status_code == 204
    assert ann.delete(f"{API}/me/tokens/{made['id']}").status_code == 404
    assert program.get(f"{API}/me").status_code == 401
    assert ann.get(f"{API}/me/tokens").json() == []


def test_a_token_does_nothing_beyond_its_scopes(people: People) -> None:
    team = people.team()
    ann = people.signed_in(people.person("Ann", administrator=True, manager=team))
    program = bearer(ann, str(make(ann, Action.TEAM_VIEW)["secret"]))
    assert program.get(f"{API}/teams/{team}").status_code == 200
    for path in ("/people", "/audit", "/me/tokens", "/me/sessions"):
        answer = program.get(API + path)
        assert (answer.status_code, "scope" in answer.json()["detail"]) == (403, True), path


def test_a_token_does_nothing_that_its_person_may_not(people: People) -> None:
    ann = people.signed_in(people.person("Ann"))
    program = bearer(ann, str(make(ann, *Action)["secret"]))
    assert program.get(f"{API}/people").status_code == 403
    assert program.get(f"{API}/teams/{people.team()}").status_code == 404


def test_a_token_hands_out_no_way_to_sign_in(people: People) -> None:
    admin = people.person("Ann", administrator=True)
    bob = people.person("Bob")
    ann = people.signed_in(admin)
    program = bearer(ann, str(make(ann, *Action)["secret"]))
    assert program.post(f"{API}/me/tokens", json={"name": "x", "scopes": ["calls:read"]}).status_code == 403
    assert program.post(f"{API}/people/{bob}/invitation").status_code == 403
    change = {"current": PASSWORD, "new": OTHER}
    assert program.post(f"{API}/me/password", json=change).status_code == 403
    new = {"name": "Eve", "email": "eve@example.com"}
    assert program.post(f"{API}/people", json={**new, "administrator": True}).status_code == 403
    assert program.post(f"{API}/people", json=new).status_code == 201
    for changes in ({"email": "eve2@example.com"}, {"administrator": True}):
        answer = program.patch(f"{API}/people/{bob}", json=changes, headers={"If-Match": "*"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        "update token set expires_at = now()",
        "update person set disabled_at = now()",
        "delete from person",
    ],
)
def test_a_token_ends_with_its_time_or_its_person(people: People, change: str) -> None:
    ann = people.signed_in(people.person("Ann"))
    program = bearer(ann, str(make(ann, *Action, days=1)["secret"]))
    assert program.get(f"{API}/me").status_code == 200
    people.sql(change)
    answer = program.get(f"{API}/me")
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["calls:everything"]}, {"days": 0}, {"days": 400}, {"name": "  "}]
)
def test_a_token_needs_a_name_known_scopes_and_an_end(people: People, wrong: dict[str, object]) -> None:
    ann = people.signed_in(people.person("Ann"))
    wanted = {"name": "CRM", "scopes": ["calls:read"], **wrong}
    assert ann.post(f"{API}/me/tokens", json=wanted).status_code == 422


def test_nobody_sees_or_ends_the_tokens_of_others(people: People) -> None:
    ann, eve = (people.signed_in(people.person(name, administrator=True)) for name in ("Ann", "Eve"))
    made = make(ann, Action.CALL_VIEW)
    assert eve.get(f"{API}/me/tokens").json() == []
    assert eve.delete(f"{API}/me/tokens/{made['id']}").status_code == 404
    assert eve.delete(f"{API}/me/tokens/{uuid.uuid4()}").status_code == 404
