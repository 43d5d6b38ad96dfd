"""Messages to other systems: signed, retried, never into private networks, part of what they tell of."""

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from standardwebhooks import Webhook as Verifier

from service.addresses import is_public
from service.database import Database
from service.edge import Parts
from service.webhooks import delivery
from service.webhooks.delivery import WAITS, wait_after
from service.webhooks.store import EVENTS, emit
from service.webhooks.tasks import attempt
from tests.service.people import People


@dataclass
class Receiver:
    """A real server that keeps what it is sent and answers as it is told."""

    url: str
    status: int = 200
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.messages.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


class Floor:
    """A team with a manager, whose service may reach this machine too."""

    def __init__(self, people: People, client: TestClient, *, local: bool = True) -> None:
        self.people = people
        app = client.app
        assert isinstance(app, FastAPI)
        if local:
            app.state.parts = replace(app.state.parts, reachable=lambda _: True)
        self.parts: Parts = app.state.parts
        self.team = people.team()
        self.manager = people.signed_in(people.person("Max", manager=self.team))

    def make(self, url: str, *events: str) -> Any:
        body = {"url": url, "events": list(events or EVENTS)}
        return self.manager.post(f"/api/v1/teams/{self.team}/webhooks", json=body)

    def happen(self, event: str, *, fails: bool = False) -> None:
        async def work() -> None:
            database = Database(self.parts.database.url)
            try:
                async with database.transaction() as session:
                    await emit(session, self.parts.queue, self.team, event, call=uuid.UUID(int=5))
                    if fails:
                        raise LookupError
            finally:
                await database.close()

        assert self.manager.portal is not None
        try:
            self.manager.portal.call(work)
        except LookupError:
            assert fails

    def deliver(self) -> None:
        """What a worker does with the jobs that are there."""

        async def work() -> None:
            parts = replace(self.parts, database=Database(self.parts.database.url))
            try:
                for (one,) in self.people.sql("select id from delivery"):
                    await attempt(parts, one)
            finally:
                await parts.database.close()

        assert self.manager.portal is not None
        self.manager.portal.call(work)


@pytest.fixture
def floor(people: People, client: TestClient) -> Floor:
    return Floor(people, client)


def test_a_message_arrives_once_and_its_signature_holds(floor: Floor) -> None:
    with receiver() as found:
        secret = floor.make(found.url).json()["secret"]
        floor.happen("call.analysed")
        floor.deliver()
        floor.deliver()
    [(headers, body)] = found.messages
    event = Verifier(secret).verify(body, headers)
    assert event["type"] == "call.analysed"
    assert event["data"] == {"call": str(uuid.UUID(int=5))}
    with pytest.raises(Exception, match=r"signature"):
        Verifier(secret).verify(body.replace(b"analysed", b"deleted"), headers)


def test_only_what_was_asked_for_is_told(floor: Floor) -> None:
    with receiver() as found:
        floor.make(found.url, "call.failed")
        floor.happen("call.analysed")
        floor.happen("call.failed")
        floor.deliver()
    assert [json.loads(body)["type"] for _, body in found.messages] == ["call.failed"]


def test_what_is_undone_is_not_told(floor: Floor) -> None:
    with receiver() as found:
        floor.make(found.url)
        floor.happen("call.analysed", fails=True)
        floor.deliver()
    assert found.messages == []
    assert floor.people.sql("select count(*) from procrastinate_jobs") == [(0,)]


def test_a_refused_message_is_tried_again_with_longer_waits(floor: Floor) -> None:
    with receiver() as found:
        made = floor.make(found.url).json()
        found.status = 503
        floor.happen("call.analysed")
        for _ in range(len(WAITS) + 3):
            floor.deliver()
    assert len(found.messages) == len(WAITS) + 1
    assert len({headers["webhook-id"] for headers, _ in found.messages}) == 1
    [shown] = floor.manager.get(f"/api/v1/webhooks/{made['id']}/deliveries").json()
    assert (shown["status"], shown["attempts"]) == (503, len(WAITS) + 1)
    assert shown["dead_at"]
    waits = [wait_after(number) for number in range(1, len(WAITS) + 2)]
    assert waits == [*sorted(WAITS), None]


def test_a_receiver_that_answers_by_drops_is_given_up(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line, suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.1):
                line.sendall(b"x-more: drops\r\n")

    monkeypatch.setattr(delivery, "SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            floor.make(f"http://127.0.0.1:{listening.getsockname()[1]}/hook")
            floor.happen("call.analysed")
            floor.deliver()
        finally:
            over.set()
            thread.join()
    ((error, attempts, done),) = floor.people.sql("select error, attempts, done_at from delivery")
    assert (attempts, done) == (1, None)
    assert "within 1 s" in error


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://10.0.0.8/x",
        "http://169.254.169.254/latest",
        "http://[::1]/x",
        "http://localhost/x",
        "ftp://example.org/x",
        "nonsense",
    ],
)
def test_private_addresses_are_refused(people: People, client: TestClient, url: str) -> None:
    floor = Floor(people, client, local=False)
    answer = floor.make(url)
    assert answer.status_code == 422
    assert "url" in answer.json()["detail"]


def test_an_address_that_turned_private_is_not_sent_to(floor: Floor) -> None:
    with receiver() as found:
        floor.make(found.url)
        floor.happen("call.analysed")
        floor.parts = replace(floor.parts, reachable=is_public)
        floor.deliver()
    assert found.messages == []
    assert "public" in floor.people.sql("select error from delivery")[0][0]


def test_a_stopped_webhook_sends_nothing_more(floor: Floor) -> None:
    with receiver() as found:
        made = floor.make(found.url).json()
        floor.happen("call.analysed")
        assert floor.manager.delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
        floor.deliver()
        floor.happen("call.analysed")
    assert found.messages == []
    assert floor.manager.get(f"/api/v1/webhooks/{made['id']}/deliveries").status_code == 404


def test_whoever_has_made_one_can_try_it(floor: Floor) -> None:
    with receiver() as found:
        made = floor.make(found.url, "call.failed").json()
        tried = floor.manager.post(f"/api/v1/webhooks/{made['id']}/test")
        assert (tried.status_code, tried.json()["event"], tried.json()["attempts"]) == (
            202,
            "webhook.test",
            0,
        )
        floor.deliver()
    [(headers, body)] = found.messages
    assert Verifier(made["secret"]).verify(body, headers)["type"] == "webhook.test"
    [shown] = floor.manager.get(f"/api/v1/webhooks/{made['id']}/deliveries").json()
    assert (shown["status"], shown["error"]) == (200, None)
    floor.manager.delete(f"/api/v1/webhooks/{made['id']}")
    assert floor.manager.post(f"/api/v1/webhooks/{made['id']}/test").status_code == 404


def test_only_managers_of_the_team_have_to_do_with_it(floor: Floor) -> None:
    other = floor.people.signed_in(floor.people.person("Ann", manager=floor.people.team("Other")))
    coach = floor.people.signed_in(floor.people.person("Cleo", coach=floor.team))
    made = floor.make("http://example.invalid/x")
    path = f"/api/v1/teams/{floor.team}/webhooks"
    assert [client.get(path).status_code for client in (other, coach)] == [403, 403]
    assert "secret" not in str(floor.manager.get(path).json()[:1]) or made.status_code == 422
