"""The API holds what its description says, whatever it is sent: schemathesis, over a real server.

Most requests are aimed at things that are there and that the one who asks may use, so that they get far.
"""

import datetime as dt
import itertools
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.auth.permissions import Action
from service.auth.store import key_of
from service.calls import tus
from service.settings import load_settings
from service.web import server as web_server
from tests.service.auth.world import build
from tests.service.conftest import at
from tests.service.documents import document
from tests.service.people import People

EXAMPLES = 3  # of each kind of request, besides those at the edges of what the description allows
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "text/event-stream"
SECRET = "ride_everything"  # noqa: S105
MISSES = 4  # one request in so many keeps the ids that were made up


class Company:
    """People and calls that requests are aimed at, made anew for each operation."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._operation = ""
        self._turn = itertools.count()
        self._ids: dict[str, list[str]] = {}

    def _found(self) -> None:
        people = self._people
        ids = build(people).ids
        people.sql("delete from token where key = %s", key_of(SECRET))
        asker = people.person(f"Everything{uuid.uuid4().hex[:8]}", administrator=True)
        for role in ("manager", "coach", "rep"):
            people.sql("insert into membership values (%s, %s, %s)", asker, ids["team"], role)
        people.assign(asker, ids["rep"])
        scopes = "{" + ",".join(Action) + "}"
        people.insert("token", person_id=asker, key=key_of(SECRET), name="All", scopes=scopes)
        other = people.insert("token", person_id=asker, key=uuid.uuid4().hex, name="Other", scopes="{}")
        own = people.call(ids["team"], asker)
        people.scoring(own, {"discovery": 3}, document())
        mine = people.call(ids["team"], asker, practice=True, source="practice")
        attempt = people.insert(
            "attempt",
            scenario_id=ids["scenario"],
            rep_id=asker,
            call_id=mine,
            number=1,
            scenario_version=1,
            framework_version="1",
            thresholds={},
            self_scores={},
        )
        upload = people.insert(
            "upload",
            person_id=asker,
            name="call.wav",
            length=10,
            given={},
            expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1),
            duplicate=False,
        )
        choices = {
            "call": [ids["call"], own, ids["handed_in"], mine],
            "attempt": [ids["handed_in_attempt"], attempt],
            "person": [ids["rep"], ids["coach"]],
            "rep": [ids["rep"]],
            "team": [ids["team"]],
            "upload": [upload],
            "token": [other],
        }
        self._ids = {name: [str(value)] for name, value in ids.items()}
        self._ids |= {name: [str(value) for value in values] for name, values in choices.items()}

    def aim(self, case: schemathesis.Case[Any]) -> None:
        """Have most requests of an operation be about things that are there."""
        if case.operation.label != self._operation:
            self._operation = case.operation.label
            self._turn = itertools.count()
            self._found()
        turn = next(self._turn)
        if turn % MISSES == MISSES - 1:
            return
        if not _is_endless(case.operation):  # its refusals end
            self._put(case.path_parameters, turn)
        self._put(case.query, turn)
        self._put(case.body, turn)
        if "If-Match" not in case.headers and case.method in {"PATCH", "PUT", "DELETE"}:
            case.headers["If-Match"] = "*"

    def _put(self, values: Any, turn: int) -> None:
        for name in list(values) if isinstance(values, dict) else []:
            if found := self._ids.get(name.removesuffix("_id")):
                values[name] = found[turn % len(found)]


def _is_endless(operation: Any) -> bool:
    answers = operation.definition.raw.get("responses", {}).values()
    return any(ENDLESS in answer.get("content", {}) for answer in answers)


@contextmanager
def served(settings: Any, url: str) -> Iterator[str]:
    """The address of the service while it runs in a thread."""
    # Made anew from its number, as in service.web, it knows that it is TCP; else asyncio lets answers wait.
    with socket.socket(fileno=socket.create_server(("127.0.0.1", 0)).detach()) as listening:
        server = web_server(settings, url)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def running(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Company]]:
    """A running service: its address, and the company in it."""
    name = f"api_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
        url = at(server, name)
        given = load_settings(data=tmp_path_factory.mktemp("api"), database_url=url, sign_in_tries=1_000_000)
        with served(given, url) as address, People(TestClient(create_app(given, url)), url) as people:
            people.sql("set synchronous_commit = off")
            yield address, Company(people)
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {SECRET}"
        yield session


@schemathesis.serializer(tus.PIECE)
def piece(_context: schemathesis.SerializationContext, value: Any) -> bytes | None:
    """A piece of an upload as it is sent."""
    return value if isinstance(value, bytes) else str(value).encode()


described = schemathesis.openapi.from_dict(create_app(load_settings(), "").openapi())


@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(
    case: schemathesis.Case[Any], running: tuple[str, Company], session: requests.Session
) -> None:
    address, company = running
    company.aim(case)
    answer = case.call(base_url=address, session=session, timeout=20)
    case.validate_response(answer, checks=CHECKS)
