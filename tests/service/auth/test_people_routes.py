"""What administrators do with accounts, teams and parts, and what becomes of those concerned."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from service.edge import cursor
from tests.service.auth.accounts import API, OTHER, another, edit, enter, with_password
from tests.service.people import People


@pytest.fixture
def admin(people: People) -> TestClient:
    return people.signed_in(people.person("Root", administrator=True))


def test_an_account_is_made_invited_and_used(client: TestClient, admin: TestClient) -> None:
    new = {"name": "Ann", "email": "Ann@Example.com", "time_zone": "Europe/Berlin"}
    made = admin.post(f"{API}/people", json=new)
    assert made.status_code == 201
    assert made.json()["has_password"] is False
    assert admin.post(f"{API}/people", json={**new, "email": "ann@example.com"}).status_code == 409
    link = admin.post(f"{API}/people/{made.json()['id']}/invitation").json()["link"]
    secret = link.rpartition("/")[2]
    shown = client.post(f"{API}/invitations/look", json={"secret": secret}).json()
    assert (shown["name"], shown["email"]) == ("Ann", "Ann@Example.com")
    accepted = {"secret": secret, "password": OTHER}
    weak = client.post(f"{API}/invitations/accept", json={**accepted, "password": "ann@example.com1"})
    assert weak.status_code == 422
    assert client.post(f"{API}/invitations/accept", json=accepted).status_code == 200
    assert client.get(f"{API}/me").json()["name"] == "Ann"
    assert another(client).post(f"{API}/invitations/accept", json=accepted).status_code == 404
    assert enter(another(client), "ann", OTHER).status_code == 200


def test_a_new_invitation_ends_the_one_before_and_the_sign_ins(people: People, admin: TestClient) -> None:
    ann = with_password(people, "Ann")
    browser = another(people.client)
    enter(browser, "ann")
    old, new = (
        admin.post(f"{API}/people/{ann}/invitation").json()["link"].rpartition("/")[2] for _ in range(2)
    )
    accept = f"{API}/invitations/accept"
    assert browser.post(accept, json={"secret": old, "password": OTHER}).status_code == 404
    assert another(browser).post(accept, json={"secret": new, "password": OTHER}).status_code == 200
    assert browser.get(f"{API}/me").status_code == 401


def test_an_old_invitation_no_longer_works(people: People, admin: TestClient) -> None:
    ann = people.person("Ann")
    link = admin.post(f"{API}/people/{ann}/invitation").json()["link"]
    people.sql("update invitation set expires_at = now()")
    body = {"secret": link.rpartition("/")[2]}
    assert people.client.post(f"{API}/invitations/look", json=body).status_code == 404
    assert (
        people.client.post(f"{API}/invitations/accept", json={**body, "password": OTHER}).status_code == 404
    )


def test_somebody_disabled_is_out_at_once(people: People, admin: TestClient) -> None:
    ann = with_password(people, "Ann")
    browser = another(people.client)
    enter(browser, "ann")
    secret = browser.post(f"{API}/me/tokens", json={"name": "x", "scopes": ["calls:read"]}).json()["secret"]
    program = another(browser)
    program.headers["Authorization"] = f"Bearer {secret}"
    link = admin.post(f"{API}/people/{ann}/invitation").json()["link"]
    assert edit(admin, f"/people/{ann}", disabled=True).json()["disabled_at"] is not None
    assert browser.get(f"{API}/me").status_code == 401
    assert program.get(f"{API}/me").status_code == 401
    assert enter(another(browser), "ann").status_code == 401
    assert admin.post(f"{API}/people/{ann}/invitation").status_code == 409
    assert edit(admin, f"/people/{ann}", disabled=False).json()["disabled_at"] is None
    # Back in by password only: what was ended stays ended.
    assert program.get(f"{API}/me").status_code == 401
    accept = {"secret": link.rpartition("/")[2], "password": OTHER}
    assert browser.post(f"{API}/invitations/accept", json=accept).status_code == 404
    assert enter(browser, "ann").status_code == 200


def test_the_last_administrator_can_t_be_removed(people: People, admin: TestClient) -> None:
    root = admin.get(f"{API}/me").json()["id"]
    for change in ({"disabled": True}, {"administrator": False}):
        assert edit(admin, f"/people/{root}", **change).status_code == 409
    ann = people.person("Ann", administrator=True)
    assert edit(admin, f"/people/{ann}", disabled=True).status_code == 200
    assert edit(admin, f"/people/{root}", administrator=False).status_code == 409
    assert edit(admin, f"/people/{ann}", disabled=False).status_code == 200
    assert edit(admin, f"/people/{root}", administrator=False).status_code == 200
    assert admin.get(f"{API}/people").status_code == 403


def test_two_administrators_can_t_remove_each_other_at_the_same_time(people: People) -> None:
    for turn in range(3):
        ids = [people.person(f"{name}{turn}", administrator=True) for name in ("Ann", "Bob")]
        people.sql("update person set administrator = id = any(%s)", ids)
        pairs = list(zip([people.signed_in(one) for one in ids], reversed(ids), strict=True))

        def remove(pair: tuple[TestClient, object]) -> int:
            who, other = pair
            change = {"administrator": False}
            answer = who.patch(f"{API}/people/{other}", json=change, headers={"If-Match": "*"})
            return int(answer.status_code)

        with ThreadPoolExecutor(2) as pool:
            found = sorted(pool.map(remove, pairs))
        assert found in ([200, 403], [200, 409])
        assert people.sql("select count(*) from person where administrator") == [(1,)]


def test_edits_say_which_version_they_are_of(people: People, admin: TestClient) -> None:
    path = f"{API}/people/{people.person('Ann')}"
    tag = admin.get(path).headers["etag"]
    assert admin.patch(path, json={"name": "Anna"}).status_code == 428
    assert admin.patch(path, json={"name": "Anna"}, headers={"If-Match": tag}).status_code == 200
    assert admin.patch(path, json={"name": "Anne"}, headers={"If-Match": tag}).status_code == 412
    people.person("Bob")
    assert edit(admin, path.removeprefix(API), email="BOB@example.com").status_code == 409
    assert admin.get(path).json()["name"] == "Anna"


def test_accounts_come_in_pages_and_are_found_by_name(people: People, admin: TestClient) -> None:
    for number in range(7):
        people.person(f"Rep{number}_100%")
    seen: list[str] = []
    further = None
    while True:
        query = {"limit": 3, **({"cursor": further} if further else {})}
        page = admin.get(f"{API}/people", params=query).json()
        seen += [row["name"] for row in page["items"]]
        if (further := page["next"]) is None:
            break
    assert sorted(seen) == sorted(["Root", *(f"Rep{number}_100%" for number in range(7))])
    assert len(admin.get(f"{API}/people", params={"q": "rep3_"}).json()["items"]) == 1
    assert len(admin.get(f"{API}/people", params={"q": "3%100"}).json()["items"]) == 0
    assert admin.get(f"{API}/people", params={"cursor": "nonsense"}).status_code == 422
    assert admin.get(f"{API}/people", params={"q": "a\u0000b"}).status_code == 422


def test_teams_are_made_renamed_and_removed(people: People, admin: TestClient) -> None:
    made = admin.post(f"{API}/teams", json={"name": "North"}).json()
    assert admin.post(f"{API}/teams", json={"name": "NORTH"}).status_code == 409
    south = people.team("South")
    assert edit(admin, f"/teams/{made['id']}", name="south").status_code == 409
    assert edit(admin, f"/teams/{made['id']}", name="Nordwest").json()["name"] == "Nordwest"
    people.call(south, people.person("Ann", rep=south))
    refused = admin.delete(f"{API}/teams/{south}", headers={"If-Match": "*"})
    assert (refused.status_code, "calls" in refused.json()["detail"].lower()) == (409, True)
    assert admin.delete(f"{API}/teams/{made['id']}").status_code == 428
    assert admin.delete(f"{API}/teams/{made['id']}", headers={"If-Match": "*"}).status_code == 204
    assert [row["name"] for row in admin.get(f"{API}/teams").json()["items"]] == ["South"]


def test_teams_come_in_pages(people: People, admin: TestClient) -> None:
    names = ["Öst", "alpha", "Beta", "İstanbul", "zeta"]
    for name in names:
        people.team(name)
    seen: list[str] = []
    further = None
    for _ in range(10):
        query = {"limit": 2, **({"cursor": further} if further else {})}
        page = admin.get(f"{API}/teams", params=query).json()
        seen += [row["name"] for row in page["items"]]
        if (further := page["next"]) is None:
            break
    assert sorted(seen) == sorted(names)


def test_a_forged_cursor_or_name_is_no_fault(people: People, admin: TestClient) -> None:
    people.team("North")
    for forged in ("\ud800", "\x00", "Z" * 300):
        query = {"cursor": cursor(forged)}
        assert admin.get(f"{API}/teams", params=query).status_code == 200
        body = json.dumps({"name": forged, "email": "a@example.com"})
        made = admin.post(f"{API}/people", content=body, headers={"Content-Type": "application/json"})
        assert made.status_code == 422


def test_members_see_their_team_and_others_don_t_know_of_it(people: People) -> None:
    north, south = people.team("North"), people.team("South")
    ann = people.signed_in(people.person("Ann", rep=north))
    people.person("Bob", manager=north, coach=north)
    assert [row["name"] for row in ann.get(f"{API}/teams").json()["items"]] == ["North"]
    members = ann.get(f"{API}/teams/{north}/members").json()
    assert [(row["name"], row["roles"]) for row in members] == [
        ("Ann", ["rep"]),
        ("Bob", ["manager", "coach"]),
    ]
    assert all("email" not in row for row in members)
    for path in (f"/teams/{south}", f"/teams/{south}/members"):
        assert ann.get(API + path).status_code == 404


def test_parts_are_set_as_a_whole(people: People, admin: TestClient) -> None:
    team, ann = people.team(), people.person("Ann")
    path = f"{API}/teams/{team}/members/{ann}"
    for roles in (["rep"], ["coach", "manager"], ["manager"], []):
        assert admin.put(path, json={"roles": roles}).status_code == 204
        teams = admin.get(f"{API}/people/{ann}").json()["teams"]
        assert [sorted(row["roles"]) for row in teams] == ([roles] if roles else [])
    assert admin.put(path, json={"roles": ["owner"]}).status_code == 422


def test_a_coach_looks_after_reps_of_the_same_team_only(people: People, admin: TestClient) -> None:
    north, south = people.team("North"), people.team("South")
    cleo, ann = people.person("Cleo", coach=north), people.person("Ann", rep=north)
    bob = people.person("Bob", rep=south)
    reps = f"{API}/people/{cleo}/reps"
    assert admin.put(f"{reps}/{ann}").status_code == 204
    assert admin.put(f"{reps}/{ann}").status_code == 204
    assert admin.put(f"{reps}/{bob}").status_code == 422
    assert admin.put(f"{reps}/{cleo}").status_code == 422
    assert [row["name"] for row in admin.get(reps).json()] == ["Ann"]
    assert admin.delete(f"{reps}/{ann}").status_code == 204
    assert admin.get(reps).json() == []


def test_leaving_the_team_ends_coaching_for_good(people: People, admin: TestClient) -> None:
    team = people.team()
    cleo, ann = people.person("Cleo", coach=team), people.person("Ann", rep=team)
    people.assign(cleo, ann)
    for roles in ([], ["coach"]):
        admin.put(f"{API}/teams/{team}/members/{cleo}", json={"roles": roles})
    assert admin.get(f"{API}/people/{cleo}/reps").json() == []


def test_changes_of_an_account_stand_in_its_person_s_log(people: People, admin: TestClient) -> None:
    team, ann = people.team(), people.person("Ann")
    admin.put(f"{API}/teams/{team}/members/{ann}", json={"roles": ["rep"]})
    edit(admin, f"/people/{ann}", name="Anna")
    admin.post(f"{API}/people/{ann}/invitation")
    entries = people.signed_in(ann).get(f"{API}/audit").json()["items"]
    assert [(entry["action"], entry["actor"]) for entry in entries] == [
        ("person.invited", "Root"),
        ("person.edited", "Root"),
        ("membership.edited", "Root"),
    ]
