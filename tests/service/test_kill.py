"""`kill -9` of the service's processes: what was accepted ends analysed exactly once, and nothing is lost.

A few kills with written calls each time; with recordings by RIDEALONG_TEST=kill; in every stage and twenty at
random by RIDEALONG_TEST=long.
"""

import contextlib
import os
import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.calls.stages import STAGES
from tests.audio_files import write_recording
from tests.conftest import sample_sound
from tests.service.calls.working import TEXT
from tests.service.processes import Service, eventually, slow_endings

LONG = os.environ.get("RIDEALONG_TEST") == "long"
SPOKEN = os.environ.get("RIDEALONG_TEST") in {"kill", "long"}
A_FEW = {"recognise": "worker", "annotate": "database", "score": "worker"}
PLANS = [dict.fromkeys(STAGES, "worker"), dict.fromkeys(STAGES, "database")] if LONG else [A_FEW]
SLEEPING = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of a sample call."""
    return write_recording(
        tmp_path_factory.mktemp("short") / "short.wav", sample_sound("discovery-clinic", 8.0)
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service that every test of the module kills."""
    with Service(tmp_path_factory.mktemp("killed") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def desk(service: Service) -> "Desk":
    """Whoever uploads to it, over all of the tests."""
    return Desk(service)


class Desk:
    """Somebody who uploads, tries again when nobody answers, and remembers what was accepted."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.client, self.team, self.rep = service.manager()
        self.accepted: list[uuid.UUID] = []

    def upload(self, name: str, content: bytes) -> uuid.UUID:
        """Upload a file until it is accepted; the same upload is one call however often it is sent."""
        key = uuid.uuid4().hex

        def send() -> uuid.UUID | None:
            with contextlib.suppress(httpx.TransportError):
                answer = self.client.post(
                    "/calls",
                    files={"file": (name, content)},
                    data={"team": str(self.team), "rep": str(self.rep), "consent": "synthetic"},
                    headers={"Idempotency-Key": key},
                )
                assert answer.status_code in {200, 201} or answer.status_code >= 500, answer.text
                if answer.status_code < 500:
                    return uuid.UUID(answer.json()["call"]["id"])
            return None

        call = eventually(send, "the upload")
        self.accepted.append(call)
        return call

    def review(self, call: uuid.UUID) -> None:
        """Accept the drafts of a call."""
        document = self.client.get(f"/calls/{call}/analysis").json()
        scores = [
            {"dimension": score["dimension"], "value": score["value"], "reason": "as I heard it"}
            for score in document["document"]["scorecard"]["scores"]
        ]
        answer = self.client.post(
            f"/calls/{call}/reviews",
            json={"scoring": document["scoring"]["id"], "scores": scores},
            headers={"If-Match": '"0"'},
        )
        assert answer.status_code == 201, answer.text

    def wait(self) -> None:
        """Wait until everything that was accepted is analysed."""
        left = "select count(*) from call where state <> 'done'"
        eventually(lambda: True if self.service.sql(left) == [(0,)] else None, "the analyses", 300)


def numbered(number: int) -> bytes:
    """A written call unlike the others."""
    return (TEXT + f"rep: Let me write down number {number}.\n").encode()


def one_more(desk: Desk, short: Path) -> tuple[str, bytes]:
    """Name and content of a call that isn't there yet: a recording, or a written one that needs no model."""
    number = 1000 + len(desk.accepted)
    return ("short.wav", short.read_bytes() + bytes(number)) if SPOKEN else ("short.txt", numbered(number))


def check_all_is_there_once(service: Service, desk: Desk) -> None:
    calls = service.sql("select id from call order by id")
    assert sorted(row[0] for row in calls) == sorted(desk.accepted)
    rows = service.sql(
        "select call.id, call.state, (select count(*) from scoring where call_id = call.id),"
        " (select count(*) from transcript_revision where call_id = call.id),"
        " (select count(*) from stage where call_id = call.id and state = 'done') from call"
    )
    assert all(row[1:] == ("done", 1, 1, len(STAGES)) for row in rows), rows
    files = {path.name for path in (service.data / "recordings").rglob("*") if path.is_file()}
    assert files == {row[0] for row in service.sql("select sha256 from recording")}
    assert [path for path in (service.data / "uploads").rglob("*") if path.is_file()] == []


def storing(service: Service, call: uuid.UUID, stage: str) -> None:
    """Wait until the result of a stage is about to be stored."""
    begun = f"select 1 from stage where call_id = '{call}' and name = '{stage}' and state = 'running'"

    def look() -> bool | None:
        return True if service.sql(begun) and service.sql(SLEEPING) != [(0,)] else None

    eventually(look, f"{stage} to be stored")


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: "-".join(plan.values()))
def test_a_kill_in_a_stage_repeats_that_stage_only(
    service: Service, desk: Desk, short: Path, plan: dict[str, str]
) -> None:
    with slow_endings(service, 1.5, plan):
        call = desk.upload(*one_more(desk, short))
        done = "select name, started_at from stage where call_id = %s and state = 'done'"
        before: dict[str, object] = {}
        for stage, what in plan.items():
            storing(service, call, stage)
            now = dict(service.sql(done, call))
            assert list(STAGES).index(stage) == len(now)
            before = {**now, **before}
            service.kill(what)
        desk.wait()
    after = dict(service.sql(done, call))
    assert {name: after[name] for name in before} == before
    check_all_is_there_once(service, desk)


@pytest.mark.skipif(not SPOKEN, reason="takes a minute: RIDEALONG_TEST=kill (or long) runs it")
def test_uploads_and_reviews_outlive_kills_at_random(service: Service, desk: Desk, short: Path) -> None:
    first = desk.upload("first.txt", numbered(0))
    desk.wait()
    desk.review(first)
    reviews = service.sql("select id, dimension, value from review order by id")
    assert reviews
    chance = random.Random(20)  # noqa: S311 - when to kill
    for number, what in enumerate(("web", "worker", "database") * 7 if LONG else ("web", "database"), 1):
        desk.upload(f"call-{number}.txt", numbered(number))
        if LONG and number % 4 == 0:
            desk.upload(f"{number}.wav", short.read_bytes() + bytes(number))
        time.sleep(chance.uniform(0, 3 if LONG else 0.5))
        service.kill(what)
    desk.upload("last.txt", numbered(99))
    desk.wait()
    check_all_is_there_once(service, desk)
    assert service.sql("select id, dimension, value from review order by id") == reviews


def test_a_service_that_was_killed_whole_goes_on_where_it_was(
    service: Service, desk: Desk, short: Path
) -> None:
    with slow_endings(service, 1.5, STAGES[:1]):
        desk.upload(*one_more(desk, short))
        eventually(lambda: service.sql("select 1 from stage where state = 'running'") or None, "work")
        assert service.process is not None
        children = service.processes("service.web") + service.processes("service.worker")
        service.process.kill()
        service.process.wait(30)
        for child in children:
            child.wait(30)  # they end by themselves when their parent is gone
        service.start()
        desk.client.base_url = f"{service.address}/api/v1"
        desk.wait()
    check_all_is_there_once(service, desk)
