"""When a run begins by itself, what happens to what it found, and who is told."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from fastapi.testclient import TestClient
from psycopg.types.json import Jsonb

from models.framework import load_framework
from models.heads import load_heads
from service import jobs
from service.app import API
from service.calls.perform import OTHER_WEIGHTS
from service.database import Database
from service.learning.asking import ask_when_due
from service.learning.making import Made
from service.learning.performing import Interrupted, UnderWay, perform
from service.settings import Settings
from tests.service.calls.working import TEXT, drain, enqueue
from tests.service.command import Run
from tests.service.learning.organisation import Organisation, founded
from tests.service.people import People, shown
from training.weights_file import toml

T = TypeVar("T")
SHIPPED = load_heads(load_framework())
FIGURES = {
    "kappa": 0.5,
    "low": 0.4,
    "high": 0.6,
    "bias": 0.2,
    "exact": 0.4,
    "within_one": 0.9,
    "coverage": 0.8,
}


def made(note: str = "learned") -> Made:
    """What training comes to, without training."""
    text = toml(load_framework(), SHIPPED.heads, "trained", [note])
    found = {"dimension": "value", "cases": 30, "people": True, "new": True, "why": "Better."}
    return Made(
        figures=[{**found, "before": FIGURES, "after": FIGURES}],
        lines=[],
        learned=["value"],
        data_hash="0" * 12,
        against=SHIPPED.version,
        report=None,
        text=text,
        version=f"trained-{note}",
    )


def with_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async def go() -> T:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(go())


def performed(settings: Settings, url: str, run: str, found: Made) -> None:
    async def learning(_text: str | None, _given: Any) -> Made:
        return found

    with_database(url, lambda database: perform(database, settings, uuid.UUID(run), learning))


def asked(client: TestClient) -> str:
    answer = client.post(f"{API}/learning/runs", json={})
    assert answer.status_code == 202, shown(answer)
    found: str = answer.json()["id"]
    return found


def review(organisation: Organisation, call: uuid.UUID) -> None:
    people = organisation.people
    people.insert(
        "review",
        call_id=call,
        scoring_id=people.scoring(call, {"value": 3}),
        dimension="value",
        reviewer_id=organisation.coach,
        value=2,
        draft=3,
        blind=False,
        reason="",
        features=Jsonb({}),
    )


def test_it_learns_by_itself_only_when_it_is_time_and_enough_is_new(
    people: People, settings: Settings, database_url: str
) -> None:
    organisation = founded(people)

    def due() -> bool:
        async def look(database: Database) -> bool:
            queue = jobs.queue(database_url)
            async with queue.open_async(), database.transaction() as session:
                return await ask_when_due(session, queue, settings) is not None

        return with_database(database_url, look)

    for _ in range(2):
        review(organisation, people.call(organisation.team, organisation.rep))
    assert not due(), "it is off until somebody turns it on"
    people.sql("insert into setting (name, value) values ('learning_days', '7'), ('learning_least', '3')")
    assert not due(), "two calls are fewer than three"
    private = people.call(organisation.team, organisation.rep, practice=True)
    review(organisation, private)
    assert not due(), "practice that isn't submitted is the rep's alone"
    review(organisation, people.call(organisation.team, organisation.rep))
    assert due()
    assert not due(), "a run is there"
    people.sql("update learning_run set state = 'done', created_at = now() - interval '8 days'")
    assert due(), "a week has passed, and four reviews are newer than the last run"


def test_what_is_better_is_used_at_once_only_where_that_is_set(
    people: People, settings: Settings, database_url: str
) -> None:
    organisation = founded(people)
    ada, mara = people.signed_in(organisation.administrator), people.signed_in(organisation.manager)
    performed(settings, database_url, asked(ada), made("first"))
    told = ada.get(f"{API}/learning").json()
    assert (told["version"], told["waiting"]) == (SHIPPED.version, "trained-first")
    people.sql("insert into setting (name, value) values ('learning_auto', 'true')")
    performed(settings, database_url, asked(ada), made("second"))
    told = mara.get(f"{API}/learning").json()
    assert (told["version"], told["waiting"]) == ("trained-second", None)
    log = people.sql("select actor, detail->>'version' from audit where action = 'weights put in use'")
    assert log == [("Ridealong", "trained-second")]
    page = mara.get("/learning").text
    assert "trained-second" in page
    assert "Put in use" not in page
    assert "trained-first" not in page


def test_a_run_that_was_interrupted_waits_and_two_never_work_at_once(
    people: People, settings: Settings, database_url: str
) -> None:
    organisation = founded(people)
    ada = people.signed_in(organisation.administrator)
    run = uuid.UUID(asked(ada))

    async def both(database: Database) -> None:
        async def inner(_text: str | None, _given: Any) -> Made:
            with pytest.raises(UnderWay):
                await perform(database, settings, run, inner)
            raise Interrupted

        with pytest.raises(Interrupted):
            await perform(database, settings, run, inner)

    with_database(database_url, both)
    assert ada.get(f"{API}/learning/runs/{run}").json()["state"] == "waiting"
    assert asked(ada) == str(run)
    performed(settings, database_url, str(run), made())
    assert ada.get(f"{API}/learning/runs/{run}").json()["state"] == "done"
    assert asked(ada) != str(run)


def test_a_version_that_no_longer_fits_is_told_and_calls_are_still_drafted(
    people: People, settings: Settings, database_url: str
) -> None:
    organisation = founded(people)
    ada = people.signed_in(organisation.administrator)
    performed(settings, database_url, asked(ada), made())
    people.sql("update weights set text = replace(text, '\"presence\"', '\"poise\"')")
    answer = ada.put(
        f"{API}/learning/in-use", json={"version": "trained-learned"}, headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 200, shown(answer)
    call = people.call(organisation.team, organisation.rep, transcript=TEXT, state="queued")
    enqueue(people, call)
    drain(settings, database_url, seconds=500)
    [(version, document)] = people.sql("select model_version, document from scoring")
    assert version == SHIPPED.version
    assert OTHER_WEIGHTS in document["warnings"]


def test_a_stale_choice_of_version_is_refused(people: People, settings: Settings, database_url: str) -> None:
    organisation = founded(people)
    ada = people.signed_in(organisation.administrator)
    performed(settings, database_url, asked(ada), made())

    def put(version: str, tag: str) -> int:
        body, headers = {"version": version}, {"If-Match": f'"{tag}"'}
        return ada.put(f"{API}/learning/in-use", json=body, headers=headers).status_code

    assert put("trained-learned", "0") == 200
    assert put("shipped", "0") == 412
    assert put("x", "1") == 404
    assert put("trained-learned", "1") == 409


def test_too_few_reviews_are_said_to_be_too_few(
    people: People, ridealong: Run, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("RIDEALONG_DATABASE_URL", database_url)
    organisation = founded(people)
    review(organisation, people.call(organisation.team, organisation.rep))
    ada = people.signed_in(organisation.administrator)
    tried = ridealong("learn")
    assert tried.status == 2
    [complaint] = tried.complaints
    assert complaint.startswith("Calls reviewed so far: 1.")
    [run] = ada.get(f"{API}/learning/runs").json()["runs"]
    assert (run["state"], run["says"]) == ("failed", complaint)
    assert complaint in ada.get("/learning").text
