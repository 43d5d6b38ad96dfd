"""Health, readiness and metrics: what a load balancer and Prometheus ask."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.engine import make_url

from service.app import API, create_app
from service.settings import Settings
from tests.service.calls.recordings import wav
from tests.service.people import People

Figures = dict[tuple[str, ...], float]


def figures(client: TestClient) -> Figures:
    """Every figure by its name and its labels' values."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@contextmanager
def away(server: str, url: str) -> Iterator[None]:
    """The database takes no connections meanwhile, and ends those that there are."""
    name = make_url(url).database
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'alter database "{name}" allow_connections false')
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        try:
            yield
        finally:
            connection.execute(f'alter database "{name}" allow_connections true')


def test_a_running_service_is_healthy_and_ready(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    answer = client.get("/ready")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"database": "ok", "storage": "ok", "queue": "ok"}


def test_without_its_database_it_is_healthy_but_not_ready(
    client: TestClient, server: str, database_url: str
) -> None:
    with away(server, database_url):
        assert client.get("/health").status_code == 200
        answer = client.get("/ready")
        gauges = figures(client)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "database: doesn't answer" in answer.json()["detail"]
    assert "queue: doesn't answer" in answer.json()["detail"]
    assert answer.json()["parts"]["storage"] == "ok"
    assert gauges["ridealong_database_up",] == 0
    assert client.get("/ready").status_code == 200
    assert figures(client)["ridealong_database_up",] == 1


def test_a_request_while_the_database_is_away_is_told_to_come_again(
    people: People, server: str, database_url: str
) -> None:
    team = people.team()
    rep = people.signed_in(people.person("Rita", rep=team))
    with away(server, database_url):
        for answer in (
            rep.get(f"{API}/calls"),
            rep.post(f"{API}/calls", files={"file": ("a.txt", b"rep: Hello.")}, data={"consent": "contract"}),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert "Try again" in answer.json()["detail"]
    assert rep.get(f"{API}/calls").json()["items"] == []


def test_a_request_that_the_disk_has_no_room_for_is_told_so(people: People) -> None:
    team = people.team()
    rep = people.signed_in(people.person("Rita", rep=team))

    def send() -> Any:
        files = {"file": ("a.wav", wav(seconds=100))}
        return rep.post(f"{API}/calls", files=files, data={"consent": "contract"})

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What is set aside while a form comes can't be written: as on a full disk, with another number.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20 + 2**16, hard))
    try:
        answer = send()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert answer.status_code == 507, answer.text
    assert "no room" in answer.json()["detail"]
    assert people.sql("select count(*) from call") == [(0,)]
    assert send().status_code == 201


def test_without_its_storage_it_is_not_ready(client: TestClient, settings: Settings) -> None:
    folder = settings.data / "recordings"
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("storage: doesn't answer.")
    assert str(settings.data) not in answer.text


def test_tables_of_another_version_are_told(client: TestClient, people: People) -> None:
    people.sql("update alembic_version set version_num = '0000'")
    assert "database: has tables of revision 0000" in client.get("/ready").json()["detail"]


def test_metrics_count_requests_calls_and_jobs(client: TestClient, people: People) -> None:
    team = people.team()
    rep = people.person("Rita", rep=team)
    for state in ("done", "done", "failed"):
        people.call(team, rep, state=state, title="A secret deal")
    people.sql(
        "select procrastinate_defer_jobs_v1(array[row('default', task, 0, null, null, '{}', at)"
        "::procrastinate_job_to_defer_v1]) from (values ('analyse', null::timestamptz),"
        " ('analyse', now() - interval '90 seconds'), ('deliver', now() + interval '1 hour')) as t (task, at)"
    )
    call = people.call(team, rep)
    looks = ("http_requests_total", f"{API}/calls/{{call_id}}", "GET", "2xx")
    before = figures(client).get(looks, 0)
    people.signed_in(rep).get(f"{API}/calls/{call}")
    found = figures(client)
    assert found["ridealong_calls", "done"] == 3
    assert found["ridealong_calls", "failed"] == 1
    assert found["ridealong_calls", "queued"] == 0
    assert found["ridealong_jobs_waiting", "analyse"] == 2
    assert found["ridealong_jobs_waiting", "deliver"] == 1
    assert 90 <= found["ridealong_oldest_job_seconds",] < 600
    assert found["ridealong_workers",] == 0
    assert found[looks] == before + 1
    text = client.get("/metrics").text
    assert "secret" not in text
    assert "Rita" not in text
    assert str(call) not in text


def test_a_state_that_no_call_is_in_any_more_counts_none(client: TestClient, people: People) -> None:
    team = people.team()
    call = people.call(team, people.person("Rita", rep=team), state="failed")
    assert figures(client)["ridealong_calls", "failed"] == 1
    people.sql("update call set state = 'done' where id = %s", call)
    assert figures(client)["ridealong_calls", "failed"] == 0


def test_metrics_can_be_turned_off(settings: Settings, database_url: str) -> None:
    silent = settings.model_copy(update={"metrics": False})
    with TestClient(create_app(silent, database_url), raise_server_exceptions=False) as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/ready").status_code == 200
