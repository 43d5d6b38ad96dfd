"""What the tests of this slice share: a password that is good enough, and people who have it."""

import uuid
from functools import cache
from typing import Any

from fastapi.testclient import TestClient

from service.auth.passwords import hashed
from service.edge import CSRF_HEADER
from tests.service.people import People

PASSWORD = "lantern gravel otter mint"  # noqa: S105
OTHER = "violin quarry seven kettle"
API = "/api/v1"


@cache
def kept() -> str:
    return hashed(PASSWORD)


def with_password(people: People, name: str, **more: Any) -> uuid.UUID:
    """A person who can sign in by `PASSWORD`."""
    person = people.person(name, **more)
    people.sql("update person set password_hash = %s where id = %s", kept(), person)
    return person


def another(client: TestClient) -> TestClient:
    """Another browser, that knows nothing yet, on the application that runs."""
    found = TestClient(client.app, raise_server_exceptions=False)
    found.portal = client.portal
    return found


def enter(client: TestClient, name: str, password: str = PASSWORD) -> Any:
    """Sign in by password; what comes back. The client carries the CSRF token from then on."""
    answer = client.post(f"{API}/sign-in", json={"email": f"{name}@example.com", "password": password})
    if answer.status_code == 200:
        client.headers[CSRF_HEADER] = answer.json()["csrf_token"]
    return answer


def edit(client: TestClient, path: str, **changes: Any) -> Any:
    """Change what is there, as somebody does who has just read it."""
    tag = client.get(f"{API}{path}").headers["etag"]
    return client.patch(f"{API}{path}", json=changes, headers={"If-Match": tag})
