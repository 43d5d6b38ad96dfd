"""The first administrator: by the link that the first start prints, used once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from service.auth.invitations import first_administrator_link
from service.database import Database
from service.settings import Settings
from tests.service.auth.accounts import API, PASSWORD, another
from tests.service.people import People


@pytest.fixture
def start(settings: Settings, database_url: str) -> "Start":
    return Start(settings, database_url)


class Start:
    """What a start of the service does about its first administrator."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings, self.url = settings, url

    def __call__(self) -> str | None:
        async def go() -> str | None:
            database = Database(self.url)
            try:
                return await first_administrator_link(database, self.settings)
            finally:
                await database.close()

        return asyncio.run(go())

    def secret(self) -> str:
        link = self()
        assert link is not None
        assert link.startswith("http://127.0.0.1:8731/invitation/")
        return link.rpartition("/")[2]


FIRST = {"name": "Ann", "email": "ann@example.com", "password": PASSWORD}


def test_whoever_opens_the_link_becomes_administrator(
    client: TestClient, people: People, start: Start
) -> None:
    secret = start.secret()
    shown = client.post(f"{API}/invitations/look", json={"secret": secret}).json()
    assert (shown["name"], shown["email"]) == (None, None)
    unnamed = client.post(f"{API}/invitations/accept", json={"secret": secret, "password": PASSWORD})
    assert (unnamed.status_code, "give both" in unnamed.json()["detail"]) == (422, True)
    assert client.post(f"{API}/invitations/accept", json={**FIRST, "secret": secret}).status_code == 200
    assert client.get(f"{API}/me").json()["administrator"] is True
    assert client.get(f"{API}/people").status_code == 200
    assert start() is None


def test_the_next_start_replaces_a_link_that_nobody_used(client: TestClient, start: Start) -> None:
    old, new = start.secret(), start.secret()
    accept = f"{API}/invitations/accept"
    assert client.post(accept, json={**FIRST, "secret": old}).status_code == 404
    assert client.post(accept, json={**FIRST, "secret": new}).status_code == 200


def test_a_link_is_void_once_there_are_people(client: TestClient, people: People, start: Start) -> None:
    secret = start.secret()
    people.person("Bob")
    answer = client.post(f"{API}/invitations/accept", json={**FIRST, "secret": secret})
    assert answer.status_code == 409
    assert people.sql("select count(*) from person where administrator") == [(0,)]


def test_two_who_open_it_at_once_make_one_administrator(
    client: TestClient, people: People, start: Start
) -> None:
    secret = start.secret()

    def accept(number: int) -> int:
        body = {**FIRST, "email": f"ann{number}@example.com", "secret": secret}
        return another(client).post(f"{API}/invitations/accept", json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(accept, range(4)))
    assert found == [200, 404, 404, 404]
    assert people.sql("select count(*) from person") == [(1,)]
