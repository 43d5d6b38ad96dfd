"""The queue of a manager and of a coach with many calls, most of them seen to, against the same with few."""

import argparse
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from bench.service_house import House, database, house, load, quantiles, server, timed
from bench.service_rows import fill
from service.auth.store import key_of
from service.edge import COOKIE

FEW = 1_000
WARM = 5  # requests of each kind before the clock runs
COACHED = 3  # reps of the coach
SENT_IN = 10_000  # practice and contests, of which one in 500 waits
Request = Callable[[], None]


def waiting(arguments: argparse.Namespace) -> None:
    """Print p50 and p95 of each kind of request with few and with many calls."""
    found = []
    with server(arguments.folder) as (data, server_url):
        for calls in (FEW, arguments.calls):
            with database(server_url) as url, house(data, url) as there:
                filled = fill(url, there.manager, calls, 1, {"features": {}})
                coach = seen_to(url, there.manager, filled.rep)
                found.append(_measured(there, coach, arguments.times))
    print(f"{arguments.times} requests each; milliseconds; {load()}")
    print(f"{'':30}{f'{FEW} calls':>18}{f'{arguments.calls} calls':>18}")
    print(f"{'':30}{'p50':>9}{'p95':>9}{'p50':>9}{'p95':>9}")
    for name in found[0]:
        figures = [*quantiles(found[0][name]), *quantiles(found[1][name])]
        print(f"{name:30}" + "".join(f"{one:9.1f}" for one in figures))


SEEN_TO = """
insert into person (id, email, name, administrator, time_zone)
values (%(coach)s, 'carl@example.com', 'Carl', false, 'UTC');
insert into membership (person_id, team_id, role)
select %(coach)s, team_id, 'coach' from membership where person_id = %(rep)s;
insert into assignment (coach_id, rep_id)
select %(coach)s, mate.person_id from membership mate join membership own using (team_id)
where own.person_id = %(rep)s and mate.role = 'rep' limit %(coached)s;
insert into session (key, person_id, expires_at, browser)
values (%(key)s, %(coach)s, now() + interval '1 day', '');
insert into blind_pick (call_id, reviewer_id, blind)
select id, %(manager)s, hashtext(id::text) %% 5 = 0 from call;
insert into review
(id, call_id, scoring_id, dimension, reviewer_id, draft, value, blind, reason, features)
select gen_random_uuid(), draft.call_id, scoring_id, dimension, %(manager)s, value, value, false, '', '{}'
from call join draft on draft.call_id = call.id
where call.created_at > now() - interval '70 days' and hashtext(call.id::text || 'x') %% 10 <> 0;
insert into scenario
(id, team_id, title, skill, instructions, framework, thresholds, made_by, version)
select gen_random_uuid(), team_id, 'Price', 'Objections', 'Answer.', 'default', '{}', %(manager)s, 1
from membership where person_id = %(rep)s;
insert into attempt
(id, scenario_id, rep_id, call_id, number, scenario_version, framework_version, thresholds, submitted_at)
select gen_random_uuid(), scenario.id, rep_id, call.id, row_number() over (), 1, '1', '{}', call.created_at
from call, scenario limit %(sent_in)s;
insert into decision (id, attempt_id, coach_id, passed, reason)
select gen_random_uuid(), id, %(coach)s, true, '' from attempt where number %% 500 <> 0;
insert into contest (id, call_id, dimension, by_id, reason, at, decided_at, decided_by, decision)
select gen_random_uuid(), call_id, 'value', rep_id, '', submitted_at,
    case when number %% 500 <> 0 then now() end, %(manager)s, '' from attempt;
"""


def seen_to(url: str, manager: uuid.UUID, rep: uuid.UUID) -> str:
    """What people did: nine in ten of the calls of 70 days are reviewed, practice and contests decided.

    Makes a coach of some reps of one team; the secret of their session.
    """
    secret = uuid.uuid4().hex
    given = {"manager": manager, "coach": uuid.uuid4(), "rep": rep, "key": key_of(secret)}
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(SEEN_TO, {**given, "coached": COACHED, "sent_in": SENT_IN})
        connection.execute("vacuum analyze")
    return secret


def _measured(there: House, coach: str, times: int) -> dict[str, Sequence[float]]:
    """Seconds of each kind of request."""
    with there.client() as manager, _visitor(there, coach) as visitor:
        found: dict[str, Sequence[float]] = {}
        for name, request in _requests(manager, visitor).items():
            for _ in range(WARM):
                request()
            found[name] = [timed(request) for _ in range(times)]
        return found


@contextmanager
def _visitor(there: House, secret: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=there.address, cookies={COOKIE: secret}, timeout=600) as client:
        yield client


def _requests(manager: httpx.Client, coach: httpx.Client) -> Mapping[str, Request]:
    pages = _pages(manager)

    def get(client: httpx.Client, path: str, **query: Any) -> None:
        client.get(path, params=query).raise_for_status()

    return {
        "manager, first page, counts": lambda: get(manager, "/queue"),
        "manager, page by page": lambda: next(pages),
        "manager, low drafts": lambda: get(manager, "/queue", kind="below_threshold"),
        "coach, first page, counts": lambda: get(coach, "/api/v1/queue"),
        "coach, the page itself": lambda: get(coach, "/queue"),
    }


def _pages(client: httpx.Client) -> Iterator[None]:
    place: str | None = None
    while True:
        query = {"cursor": place} if place else {}
        place = client.get("/queue", params=query).raise_for_status().json()["next"]
        yield
