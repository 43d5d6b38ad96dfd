"""Signing in and out by password: cookies, CSRF, limits, expiry."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.edge import COOKIE, CSRF_HEADER
from service.settings import Settings
from tests.service.auth.accounts import API, OTHER, PASSWORD, another, edit, enter, with_password
from tests.service.people import People


def test_a_person_signs_in_and_out(client: TestClient, people: People) -> None:
    team = people.team()
    person = with_password(people, "Ann", rep=team)
    answer = client.post(f"{API}/sign-in", json={"email": " ANN@example.com ", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # the address is http
    me = client.get(f"{API}/me").json()
    assert (me["id"], me["email"]) == (str(person), "ann@example.com")
    assert me["teams"] == [{"id": str(team), "name": "Sales", "roles": ["rep"]}]
    assert me["csrf_token"] == answer.json()["csrf_token"]
    secret = client.cookies[COOKIE]
    client.headers[CSRF_HEADER] = me["csrf_token"]
    assert client.post(f"{API}/sign-out").status_code == 204
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, secret)
    assert client.get(f"{API}/me").status_code == 401


def test_behind_https_the_cookie_is_secure(settings: Settings, database_url: str) -> None:
    app = create_app(settings.model_copy(update={"public_url": "https://calls.example.org"}), database_url)
    with TestClient(app) as client, People(client, database_url) as people:
        with_password(people, "Ann")
        assert "secure" in enter(client, "ann").headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "email", ["ann@example.com", "gone@example.com", "nobody@example.com", "\u0000@x", ""]
)
def test_whoever_can_t_sign_in_learns_nothing(client: TestClient, people: People, email: str) -> None:
    with_password(people, "Ann")
    gone = with_password(people, "Gone")
    people.sql("update person set disabled_at = now() where id = %s", gone)
    password = PASSWORD if email.startswith("gone") else OTHER
    answer = client.post(f"{API}/sign-in", json={"email": email, "password": password})
    if "\u0000" in email:
        assert answer.status_code == 422
        return
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("The e-mail or the password is wrong")
    assert COOKIE not in client.cookies


def test_an_account_is_shut_for_a_while_after_many_failures(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    for _ in range(10):
        assert enter(client, "ann", OTHER).status_code == 401
    answer = enter(client, "ann")
    assert answer.status_code == 429
    assert 800 < int(answer.headers["retry-after"]) <= 900
    people.sql("update sign_in_failure set at = at - interval '15 minutes'")
    assert enter(client, "ann").status_code == 200


def test_an_address_that_tries_many_accounts_is_shut_out(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    for number in range(10):
        assert enter(client, f"guess{number}").status_code == 401
    assert enter(client, "ann").status_code == 429


def test_signing_in_rightly_counts_as_no_failure(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    assert {enter(another(client), "ann").status_code for _ in range(12)} == {200}
    assert people.sql("select count(*) from sign_in_failure") == [(0,)]


def test_many_guesses_at_the_same_time_are_all_counted(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: enter(another(client), "ann", OTHER).status_code, range(24)))
    assert found.count(401) == 10
    assert found.count(429) == 14


def test_a_change_by_cookie_needs_its_csrf_token(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    own = client.headers.pop(CSRF_HEADER)
    assert client.post(f"{API}/sign-out").status_code == 403
    eve = people.signed_in(people.person("Eve"))
    foreign = {CSRF_HEADER: eve.headers[CSRF_HEADER]}
    assert client.post(f"{API}/sign-out", headers=foreign).status_code == 403
    assert client.post(f"{API}/sign-out", headers={CSRF_HEADER: own}).status_code == 204


def test_a_page_elsewhere_can_t_sign_anybody_in(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    body = f'{{"email": "ann@example.com", "password": "{PASSWORD}"}}'
    answer = client.post(f"{API}/sign-in", content=body, headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = seen_at - interval '12 hours 1 minute'",
        "expires_at = now() - interval '1 second'",
    ],
)
def test_a_session_ends_when_idle_or_old(client: TestClient, people: People, change: str) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    assert client.get(f"{API}/me").status_code == 200
    people.sql(f"update session set {change}")
    assert client.get(f"{API}/me").status_code == 401


def test_use_keeps_a_session_alive_until_its_end(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    people.sql("update session set seen_at = seen_at - interval '11 hours'")
    client.get(f"{API}/me")
    [(seen, expires)] = people.sql("select seen_at, expires_at from session")
    assert dt.datetime.now(dt.UTC) - seen < dt.timedelta(minutes=1)
    assert expires - dt.datetime.now(dt.UTC) <= dt.timedelta(days=7)


def test_signing_in_anew_ends_the_old_session_of_the_browser(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    enter(client, "ann")
    assert people.sql("select count(*) from session") == [(1,)]


def test_somebody_sees_and_ends_their_sign_ins(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    elsewhere = another(client)
    for one in (client, elsewhere):
        enter(one, "ann")
    mine = client.get(f"{API}/me/sessions").json()
    assert [row["this"] for row in sorted(mine, key=lambda row: not row["this"])] == [True, False]
    other = next(row["id"] for row in mine if not row["this"])
    assert client.delete(f"{API}/me/sessions/{other}").status_code == 204
    assert client.delete(f"{API}/me/sessions/{other}").status_code == 404
    assert elsewhere.get(f"{API}/me").status_code == 401
    enter(elsewhere, "ann")
    assert client.delete(f"{API}/me/sessions").status_code == 204
    assert client.get(f"{API}/me").status_code == 401
    assert elsewhere.get(f"{API}/me").status_code == 401


def test_nobody_ends_the_sign_ins_of_others(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    [row] = client.get(f"{API}/me/sessions").json()
    eve = people.signed_in(people.person("Eve"))
    assert eve.delete(f"{API}/me/sessions/{row['id']}").status_code == 404
    assert client.get(f"{API}/me").status_code == 200


def test_a_new_password_ends_the_other_sign_ins(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    elsewhere = another(client)
    for one in (client, elsewhere):
        enter(one, "ann")
    change = {"current": PASSWORD, "new": OTHER}
    assert client.post(f"{API}/me/password", json={**change, "current": "no"}).status_code == 422
    weak = client.post(f"{API}/me/password", json={**change, "new": "password1234"})
    assert (weak.status_code, "four words" in weak.json()["detail"]) == (422, True)
    assert client.post(f"{API}/me/password", json=change).status_code == 204
    assert client.get(f"{API}/me").status_code == 200
    assert elsewhere.get(f"{API}/me").status_code == 401
    assert enter(elsewhere, "ann").status_code == 401
    assert enter(elsewhere, "ann", OTHER).status_code == 200


def test_a_stolen_session_can_t_guess_the_password_for_ever(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    change = {"current": "not it", "new": OTHER}
    tries = [client.post(f"{API}/me/password", json=change).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]


def test_where_passwords_are_off_nobody_signs_in_by_one(settings: Settings, database_url: str) -> None:
    app = create_app(settings.model_copy(update={"local_passwords": False}), database_url)
    with TestClient(app) as client, People(client, database_url) as people:
        with_password(people, "Ann")
        assert client.get(f"{API}/sign-in").json() == {"password": False, "oidc": False}
        assert enter(client, "ann").status_code == 403


def test_people_edit_their_name_and_time_zone(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    assert client.patch(f"{API}/me", json={"name": "Anna"}).status_code == 428
    assert edit(client, "/me", name="Anna", time_zone="Europe/Berlin").json()["time_zone"] == "Europe/Berlin"
    assert edit(client, "/me", time_zone="Mars/Base").status_code == 422
    assert edit(client, "/me", administrator=True).status_code == 422
    assert client.get(f"{API}/me").json()["name"] == "Anna"


def test_sign_ins_stand_in_the_person_s_log(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann", OTHER)
    enter(client, "ann")
    entries = client.get(f"{API}/audit").json()["items"]
    assert [entry["action"] for entry in entries] == ["session.opened", "sign_in.failed"]
