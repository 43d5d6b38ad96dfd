"""Every route of the API is tried by everybody; the table in doors.py says who gets through."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from service.app import API, create_app
from service.settings import load_settings
from tests.service.auth.doors import ALL, DOORS, FOR_ANY_TOKEN, Door
from tests.service.auth.world import ROLES, World, build
from tests.service.conftest import at
from tests.service.people import People

REFUSED = {401, 403, 404}


@pytest.fixture(scope="module")
def company(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One application and database for the whole walk; each writing request gets a company of its own."""
    name = f"walk_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
        url = at(server, name)
        settings = load_settings(data=tmp_path_factory.mktemp("walk"), database_url=url)
        with (
            TestClient(
                create_app(settings, url), raise_server_exceptions=False, follow_redirects=False
            ) as client,
            People(client, url) as people,
        ):
            people.sql("set synchronous_commit = off")
            yield people
        connection.execute(f'drop database "{name}" with (force)')


def routes(app: Any) -> set[str]:
    """Every method and path of the API's description."""
    return {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


def test_every_route_has_an_entry(company: People) -> None:
    found = routes(company.client.app)
    assert found - DOORS.keys() == set(), "routes without an entry in doors.py"
    assert DOORS.keys() - found == set(), "entries in doors.py without a route"


def send(world: World, route: str, door: Door, asking: TestClient) -> Any:
    """What the one who asks is answered."""
    method, path = route.split(" ", 1)

    def value(match: re.Match[str]) -> str:
        name = match[1]
        used = door.use.get(name, name.removesuffix("_id"))
        return str(world.ids.get({"person": "rep"}.get(used, used), used))

    return asking.request(
        method,
        API + re.sub(r"\{(\w+)\}", value, path),
        json=world.filled(door.body),
        params=world.filled(dict(door.query)),
        headers=world.filled(dict(door.headers)),
        files=door.files,
        data=world.filled(door.form),
        follow_redirects=False,
    )


@pytest.mark.parametrize("route", DOORS)
def test_only_those_who_may_get_through(company: People, route: str) -> None:
    faults: list[tuple[Any, ...]] = []
    for door in DOORS[route]:
        world = build(company)
        refusals = set()
        for role in [role for role in ROLES if role not in door.may]:
            answer = send(world, route, door, world.client(role))
            wanted = 401 if role == "nobody" else 403 if role in door.sees else door.rest
            if answer.status_code != wanted:
                faults.append((dict(door.use), role, answer.status_code, wanted, answer.text[:200]))
            if answer.status_code == 404 and answer.text:
                refusals.add(answer.json()["detail"])
        for role in [] if door.streams else [role for role in ROLES if role in door.may]:
            if not route.startswith(("GET", "HEAD", "OPTIONS")):
                world = build(company)
            answer = send(world, route, door, world.client(role))
            status = answer.status_code
            by_content = (
                door.absent and status == 404 and (not answer.text or answer.json()["detail"] not in refusals)
            )
            if status >= 500 or (status in REFUSED and not by_content):
                faults.append((dict(door.use), role, status, "through", answer.text[:200]))
    assert not faults, "\n".join(map(str, faults))


@pytest.fixture(scope="module")
def unchanged(company: People) -> World:
    """A company that nobody gets through to, so that it serves for many requests."""
    return build(company)


@pytest.mark.parametrize("route", [route for route in DOORS if route not in FOR_ANY_TOKEN])
def test_a_token_without_scopes_opens_nothing(unchanged: World, route: str) -> None:
    for door in DOORS[route]:
        for role in sorted(door.may) if door.may != ALL else []:
            answer = send(unchanged, route, door, unchanged.program(role))
            assert answer.status_code in REFUSED | {door.rest}, (role, answer.status_code, answer.text[:200])
