"""Stages in the database: what goes stale, what may be run, who may do it, whose turn it is."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession

from service.calls import dropped, stages
from service.calls.stages import STAGES, Done, StageLost, Ticket
from service.calls.tables import Call
from service.database import Database
from service.edge import Parts
from service.jobs import BATCH, INTERACTIVE, fair_priority, queue
from service.settings import Settings
from service.storage import Storage
from tests.service.calls.working import drain, scorings, state, written
from tests.service.calls.working import stages as states
from tests.service.people import People

T = TypeVar("T")
DONE = Done({}, "1", 0.1, 0.1)


def run(url: str, *work: Callable[[AsyncSession], Awaitable[T]]) -> list[T]:
    """Each piece of work in a transaction of its own."""

    async def all_of() -> list[T]:
        database = Database(url)
        made = []
        try:
            for one in work:
                async with database.transaction() as session:
                    made.append(await one(session))
        finally:
            await database.close()
        return made

    return asyncio.run(all_of())


def begin(call: uuid.UUID, *, attempts: int = 3) -> Callable[[AsyncSession], Awaitable[Ticket | None]]:
    return lambda session: stages.begin(session, call, 1, attempts=attempts, taking_over=True)


def test_stages_begin_in_order_and_the_last_ends_the_call(people: People, database_url: str) -> None:
    call, _ = written(people)
    for name in STAGES:
        [ticket] = run(database_url, begin(call))
        assert ticket is not None
        assert ticket.stage == name
        assert state(people, call) == "running"
        run(database_url, partial(stages.finish, ticket=ticket, done=DONE))
    assert state(people, call) == "done"
    assert run(database_url, begin(call)) == [None]


def test_a_stage_that_another_began_is_lost(people: People, database_url: str) -> None:
    call, _ = written(people)
    first, second = run(database_url, begin(call), begin(call))
    assert first is not None
    assert second is not None
    assert run(database_url, lambda session: stages.tell(session, first, 0.5)) == [False]
    with pytest.raises(StageLost):
        run(database_url, lambda session: stages.finish(session, first, DONE))
    assert run(database_url, lambda session: stages.tell(session, second, 0.5)) == [True]


def test_a_call_whose_workers_keep_dying_is_set_aside(people: People, database_url: str) -> None:
    call, _ = written(people)
    assert run(database_url, *[begin(call)] * 4)[-1] is None
    [(found, reason)] = people.sql("select state, reason from call where id = %s", call)
    assert found == "failed"
    assert "stopped 3 times" in reason


@pytest.mark.parametrize("name", STAGES)
def test_running_a_stage_again_makes_it_and_what_follows(
    people: People, settings: Settings, database_url: str, name: str
) -> None:
    call, rep = written(people)
    drain(settings, database_url)
    before = dict(people.sql("select name, finished_at from stage where call_id = %s", call))
    client = people.signed_in(rep)
    answer = client.post(f"/api/v1/calls/{call}/stages/{name}")
    assert answer.status_code == 202, answer.text
    assert answer.json()["stage"] == name
    drain(settings, database_url)
    after = dict(people.sql("select name, finished_at from stage where call_id = %s", call))
    assert {one for one in after if after[one] != before[one]} == set(stages.from_stage(name))
    again = name in {"decode", "recognise", "diarise"}
    assert scorings(people, call) == [(1, 1), (2, 2 if again else 1)]


def test_cancelling_and_trying_again(people: People, settings: Settings, database_url: str) -> None:
    call, rep = written(people)
    client = people.signed_in(rep)
    place = f"/api/v1/calls/{call}"
    assert client.post(f"{place}/retry").status_code == 409
    assert client.post(f"{place}/cancel").json()["state"] == "cancelled"
    drain(settings, database_url)
    assert set(states(people, call).values()) == {"waiting"}
    assert client.post(f"{place}/cancel").status_code == 202
    assert client.post(f"{place}/retry").json()["state"] == "queued"
    drain(settings, database_url)
    assert state(people, call) == "done"
    assert client.post(f"{place}/cancel").status_code == 409
    actions = people.sql("select action from audit where call_id = %s order by id", call)
    assert actions == [("call.cancelled",), ("call.retried",)]


def test_a_retry_does_not_wait_for_the_pause_of_the_job_before(
    people: People, settings: Settings, database_url: str
) -> None:
    call, rep = written(people)
    people.sql("update procrastinate_jobs set scheduled_at = now() + interval '1 hour'")
    people.sql("update call set state = 'failed' where id = %s", call)
    assert people.signed_in(rep).post(f"/api/v1/calls/{call}/retry").status_code == 202
    drain(settings, database_url)
    assert state(people, call) == "done"


def test_what_nobody_agreed_to_is_not_run(people: People) -> None:
    call, rep = written(people, state="quarantined", consent=None)
    client = people.signed_in(rep)
    for what in ("stages/score", "retry", "cancel"):
        answer = client.post(f"/api/v1/calls/{call}/{what}")
        assert answer.status_code == 409, what
    assert client.post(f"/api/v1/calls/{call}/stages/nothing").status_code == 422


def test_only_who_may_run_a_call_does(people: People) -> None:
    call, rep = written(people)
    team = people.sql("select team_id from call")[0][0]
    coach = people.person("Cora", coach=team)
    people.assign(coach, rep)
    clients: list[tuple[TestClient, int]] = [
        (people.signed_in(coach), 403),
        (people.signed_in(people.person("Other", rep=team)), 404),
        (people.signed_in(people.person("Mara", manager=team)), 202),
    ]
    for client, status in clients:
        assert client.post(f"/api/v1/calls/{call}/cancel").status_code == status


def test_an_edit_while_a_stage_runs_takes_it_from_its_worker(people: People, database_url: str) -> None:
    call, _ = written(people)
    [ticket] = run(database_url, begin(call))
    assert ticket is not None

    async def edit(session: AsyncSession) -> None:
        found = await session.get(Call, call)
        assert found is not None
        await stages.mark_stale(session, found, "decode")

    run(database_url, edit)
    with pytest.raises(StageLost):
        run(database_url, lambda session: stages.finish(session, ticket, DONE))
    [again] = run(database_url, begin(call))
    assert again is not None
    assert again.stage == "decode"


def test_running_a_later_stage_again_leaves_the_worker_its_stage(people: People, database_url: str) -> None:
    call, rep = written(people)
    [ticket] = run(database_url, begin(call))
    assert ticket is not None
    assert people.signed_in(rep).post(f"/api/v1/calls/{call}/stages/score").status_code == 202
    assert run(database_url, partial(stages.tell, ticket=ticket, share=0.5)) == [True]
    run(database_url, partial(stages.finish, ticket=ticket, done=DONE))


def test_who_has_much_waiting_goes_behind_who_has_little(people: People, database_url: str) -> None:
    busy, other = people.person("Busy"), people.person("Other")
    team = people.team()
    for _ in range(5):
        people.call(team, busy, state="queued")
    crowded, free, batch = run(
        database_url,
        lambda session: fair_priority(session, busy, INTERACTIVE),
        lambda session: fair_priority(session, other, INTERACTIVE),
        lambda session: fair_priority(session, other, BATCH),
    )
    assert batch < crowded < free


def test_jobs_of_dead_workers_and_calls_without_a_job_are_taken_up(
    people: People, settings: Settings, database_url: str
) -> None:
    dead, _ = written(people)
    lost, _ = written(people)
    people.sql("delete from procrastinate_jobs where lock = %s", str(lost))
    people.sql("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')")
    people.sql(
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)"
    )

    async def sweep() -> int:
        database, jobs = Database(database_url), queue(database_url)
        async with jobs.open_async():
            found = await dropped.take_up(
                Parts(settings, database, Storage(settings), jobs, b""), quiet_seconds=20
            )
        await database.close()
        return found

    assert asyncio.run(sweep()) == 2
    drain(settings, database_url)
    assert (state(people, dead), state(people, lost)) == ("done", "done")
    assert asyncio.run(sweep()) == 0
