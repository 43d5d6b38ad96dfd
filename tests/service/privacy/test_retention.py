"""What is due by age goes, is told, and nothing else goes: not what is on hold, not what is younger."""

import datetime as dt
import json
import uuid
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import DBAPIError

from service.app import API
from service.privacy import retention
from service.settings import Settings
from tests.service.calls.house import House, furnished, stored_files
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People, shown

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
ANY = {"If-Match": "*"}


def keep(people: People, **days: object) -> None:
    for name, value in days.items():
        people.sql("insert into setting (name, value) values (%s, %s)", name, json.dumps(value))


def applied(client: TestClient) -> retention.Deleted:
    app: Any = client.app
    assert client.portal is not None
    found: retention.Deleted = client.portal.call(retention.apply, app.state.parts)
    return found


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def uploaded(house: House, **more: str) -> uuid.UUID:
    answer = house.as_("rep").post(f"{API}/calls", files=sending(wav()), data={**WHAT, **more})
    assert answer.status_code == 201, shown(answer)
    return uuid.UUID(answer.json()["call"]["id"])


def aged(people: People, call: uuid.UUID, state: str = "done") -> None:
    people.sql("update call set created_at = %s, state = %s where id = %s", LONG_AGO, state, call)


def test_nothing_goes_unless_the_settings_say_so(house: House, client: TestClient, people: People) -> None:
    aged(people, uploaded(house))
    assert applied(client) == retention.Deleted()


def test_old_sound_goes_and_the_rest_stays(
    house: House, client: TestClient, people: People, settings: Settings
) -> None:
    call = uploaded(house)
    keep(people, keep_recordings_days=30)
    assert applied(client) == retention.Deleted()  # it came today
    aged(people, call)
    assert applied(client) == retention.Deleted(recordings=1)
    assert stored_files(settings) == []
    rep = house.as_("rep")
    assert rep.get(f"{API}/calls/{call}").json()["sound_deleted_at"] is not None
    gone = rep.get(f"{API}/calls/{call}/audio")
    assert gone.status_code == 404
    assert "retention" in gone.json()["detail"]
    again = rep.post(f"{API}/calls/{call}/stages/recognise")
    assert (again.status_code, "sound" in again.json()["detail"]) == (409, True)
    assert rep.post(f"{API}/calls/{call}/stages/score").status_code == 202
    actions = [item["action"] for item in rep.get(f"{API}/audit").json()["items"]]
    assert "call.sound_deleted_by_age" in actions
    assert applied(client) == retention.Deleted()


def test_what_is_being_analysed_or_on_hold_stays(house: House, client: TestClient, people: People) -> None:
    call = uploaded(house)
    keep(people, keep_transcripts_days=30)
    aged(people, call, state="running")
    assert applied(client) == retention.Deleted()
    aged(people, call)
    manager = house.as_("manager")
    assert manager.put(f"{API}/calls/{call}/hold", json={"reason": "A dispute."}).status_code == 200
    assert applied(client) == retention.Deleted()
    refused = manager.delete(f"{API}/calls/{call}")
    assert (refused.status_code, "hold" in refused.json()["detail"]) == (409, True)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        people.sql("delete from call where id = %s", call)
    assert house.as_("rep").get(f"{API}/calls/{call}/hold").json()["reason"] == "A dispute."
    assert manager.delete(f"{API}/calls/{call}/hold").status_code == 204
    assert applied(client) == retention.Deleted(calls=1)
    assert manager.get(f"{API}/calls/{call}").status_code == 404


@pytest.mark.parametrize("numbers", [True, False])
def test_numbers_of_reviews_outlive_their_call_if_set_so(
    client: TestClient, people: People, *, numbers: bool
) -> None:
    keep(people, keep_transcripts_days=30, keep_numbers=numbers, blind_share=0)
    team = people.team()
    manager = people.signed_in(mara := people.person("Mara", manager=team))
    call = people.call(team, people.person("Rita", rep=team), created_at=LONG_AGO)
    scoring = people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    body = {"scoring": str(scoring), "scores": [{"dimension": DIMENSIONS[0], "value": 2, "reason": "Hm."}]}
    assert manager.post(f"{API}/calls/{call}/reviews", json=body, headers=ANY).status_code == 201
    assert applied(client) == retention.Deleted(calls=1)
    lines = manager.get(f"{API}/teams/{team}/reviews.jsonl").text.splitlines()
    kept = [json.loads(line) for line in lines]
    assert [(row["draft"], row["value"]) for row in kept] == ([(4, 2)] if numbers else [])
    assert str(mara) not in json.dumps(kept)
    assert str(call) not in json.dumps(kept)
    assert "Hm." not in json.dumps(people.sql("select row_to_json(kept_review)::text from kept_review"))


def test_the_log_lets_go_of_old_entries_only(client: TestClient, people: People) -> None:
    team = people.team()
    rep = people.person("Rita", rep=team)
    held = people.call(team, rep)
    people.sql("insert into legal_hold (call_id, reason, set_by) values (%s, 'A dispute.', %s)", held, rep)
    for at, call in ((LONG_AGO, None), (LONG_AGO, held), (dt.datetime.now(dt.UTC), None)):
        people.sql(
            "insert into audit (at, actor, action, about_id, call_id, detail)"
            " values (%s, 'Ann', 'call.viewed', %s, %s, '{}')",
            at,
            rep,
            call,
        )
    keep(people, keep_audit_days=90)
    assert applied(client) == retention.Deleted(entries=1)
    left = people.sql("select action, detail from audit order by id")
    assert [action for action, _ in left] == ["call.viewed", "call.viewed", "audit.deleted_by_age"]
    assert left[-1][1] == {"days": 90, "entries": 1}


def test_nobody_empties_the_log_by_hand(people: People) -> None:
    people.sql(
        "insert into audit (at, actor, action, detail) values (now() - interval '80 days', 'A', 'b', '{}')"
    )
    people.sql("select set_config('ridealong.audit_before', now()::text, false)")
    for query in ("delete from audit", "update audit set actor = 'B'", "truncate audit"):
        with pytest.raises(psycopg.errors.RaiseException):
            people.sql(query)


def test_an_administrator_sees_what_is_due_but_no_private_practice(
    client: TestClient, people: People
) -> None:
    team = people.team()
    rep = people.person("Rita", rep=team)
    people.call(team, rep, created_at=LONG_AGO)
    people.call(team, rep, created_at=LONG_AGO, practice=True)
    keep(people, keep_transcripts_days=30)
    admin = people.signed_in(people.person("Ada", administrator=True))
    admin.patch(f"{API}/settings", json={"keep_transcripts_days": 31}, headers=ANY)
    seen = admin.get(f"{API}/retention").json()
    assert seen["due"] == {"recordings": 0, "calls": 1}
    assert applied(client) == retention.Deleted(calls=2)


def test_a_fault_of_the_database_is_no_silent_success(client: TestClient, people: People) -> None:
    keep(people, keep_transcripts_days=30)
    people.sql("alter table audit rename to elsewhere")
    call = people.call(team := people.team(), people.person("Rita", rep=team), created_at=LONG_AGO)
    with pytest.raises(DBAPIError):
        applied(client)
    assert people.sql("select count(*) from call where id = %s", call) == [(1,)]
