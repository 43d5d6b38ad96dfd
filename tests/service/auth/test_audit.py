"""People read what was done that is about them, and nothing else."""

import uuid

import psycopg
import pytest
from fastapi.testclient import TestClient

from tests.service.auth.accounts import API
from tests.service.people import People


def entry(
    people: People, about: uuid.UUID, call: uuid.UUID | None = None, action: str = "call.viewed"
) -> None:
    people.sql(
        "insert into audit (actor, action, about_id, call_id, detail) values ('Maria', %s, %s, %s, '{}')",
        action,
        about,
        call,
    )


def test_a_rep_reads_the_log_in_pages(people: People) -> None:
    ann, bob = people.person("Ann"), people.person("Bob")
    for number in range(7):
        entry(people, ann, action=f"act.{number}")
        entry(people, bob)
    client = people.signed_in(ann)
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get(
            f"{API}/audit", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [row["action"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [f"act.{number}" for number in reversed(range(7))]


def test_a_cursor_of_another_list_is_refused(people: People) -> None:
    client = people.signed_in(people.person("Ann"))
    # The cursors of -1, of 2 to the 63rd, of "²", of two values, and none at all.
    for cursor in ("WyItMSJd", "WyI5MjIzMzcyMDM2ODU0Nzc1ODA4Il0", "WyJcdTAwYjIiXQ", "WyIxIiwgIjIiXQ", "%%%"):
        assert client.get(f"{API}/audit", params={"cursor": cursor}).status_code == 422, cursor


def test_the_log_of_a_call_is_for_its_rep_and_who_manages_them(people: People) -> None:
    team = people.team()
    ann, boss = people.person("Ann", rep=team), people.person("Boss", manager=team)
    coach = people.person("Carl", coach=team)
    people.assign(coach, ann)
    call, other = people.call(team, ann), people.call(team, people.person("Bob", rep=team))
    entry(people, ann, call)
    rows = people.signed_in(ann).get(f"{API}/calls/{call}/audit").json()["items"]
    assert [(row["actor"], row["call_id"]) for row in rows] == [("Maria", str(call))]
    assert people.signed_in(ann).get(f"{API}/calls/{other}/audit").status_code == 404
    rows = people.signed_in(boss).get(f"{API}/calls/{call}/audit").json()["items"]
    assert [row["actor"] for row in rows] == ["Maria"]
    assert people.signed_in(coach).get(f"{API}/calls/{call}/audit").status_code == 403


def test_the_log_can_t_be_changed(client: TestClient, people: People) -> None:
    ann = people.person("Ann")
    entry(people, ann)
    for change in ("update audit set actor = 'x'", "delete from audit", "truncate audit"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
            people.sql(change)
