"""The queue: what waits for a coach or manager, by when it is due, and nothing that they may not know of."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.edge import cursor
from tests.service.people import People

NOW = dt.datetime.now(dt.UTC)
FINE = dict.fromkeys(("discovery", "value", "objection", "next_step", "presence"), 5)


@dataclass
class Floor:
    """A team with a manager, a coach of one of two reps, and somebody to put calls in for."""

    people: People
    team: uuid.UUID
    rep: uuid.UUID
    other: uuid.UUID
    coach: uuid.UUID
    manager: TestClient
    coaching: TestClient
    own: TestClient

    def call(
        self, title: str, rep: uuid.UUID, days: int, drafts: Mapping[str, int | None], **more: Any
    ) -> Any:
        at = NOW - dt.timedelta(days=days)
        call = self.people.call(self.team, rep, title=title, created_at=at, **more)
        self.people.scoring(call, drafts)
        return call

    def practice(self, title: str, rep: uuid.UUID, submitted: dt.datetime | None) -> uuid.UUID:
        scenario = self.people.insert(
            "scenario",
            team_id=self.team,
            title="Price",
            skill="objection",
            instructions="Answer.",
            framework="default",
            thresholds={},
            made_by=self.coach,
            version=1,
        )
        call: uuid.UUID = self.call(title, rep, 9, FINE, practice=True, submitted_at=submitted)
        return self.people.insert(
            "attempt",
            scenario_id=scenario,
            rep_id=rep,
            call_id=call,
            number=1,
            scenario_version=1,
            framework_version="1",
            thresholds={},
            submitted_at=submitted,
        )


@pytest.fixture
def floor(people: People) -> Floor:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep, other = people.person("Rita", rep=team), people.person("Rob", rep=team)
    coach = people.person("Carl", coach=team)
    people.assign(coach, rep)
    manager = people.person("Ann", manager=team)
    return Floor(
        people,
        team,
        rep,
        other,
        coach,
        people.signed_in(manager),
        people.signed_in(coach),
        people.signed_in(rep),
    )


def titles(client: TestClient, **query: Any) -> list[str]:
    answer = client.get("/api/v1/queue", params=query)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_it_holds_what_waits_with_why_and_until_when(floor: Floor) -> None:
    floor.call("Fine", floor.rep, 1, FINE)
    low = floor.call("Low", floor.rep, 2, {**FINE, "discovery": 1})
    unsure = floor.call("Unsure", floor.rep, 3, {name: 5 for name in FINE if name != "value"})
    floor.people.sql(
        "insert into draft (scoring_id, dimension, call_id, value, low, high) "
        "select id, 'value', call_id, 4, 3, 5 from scoring where call_id = %s",
        unsure,
    )
    floor.call("Empty", floor.rep, 4, {**dict.fromkeys(FINE), "presence": 5})
    floor.practice("Practice", floor.rep, NOW - dt.timedelta(days=6))
    floor.practice("Secret", floor.rep, None)
    contested = floor.call("Contested", floor.rep, 80, FINE)
    floor.people.insert(
        "contest",
        call_id=contested,
        dimension="value",
        by_id=floor.rep,
        reason="I did.",
        at=NOW - dt.timedelta(days=7),
    )
    floor.call("Long ago", floor.rep, 90, {**FINE, "discovery": 1})
    page = floor.coaching.get("/api/v1/queue").json()
    assert [item["title"] for item in page["items"]] == ["Practice", "Contested", "Empty", "Unsure", "Low"]
    assert [item["overdue"] for item in page["items"]] == [True, True, False, False, False]
    assert "Secret" not in floor.manager.get("/api/v1/queue").text
    assert page["counts"] == {
        "practice": 1,
        "contest": 1,
        "calibration": 0,
        "blind": 0,
        "below_threshold": 1,
        "low_confidence": 2,
    }
    assert "Discovery quality" in next(i["why"] for i in page["items"] if i["title"] == "Low")
    assert titles(floor.coaching, kind="below_threshold") == ["Low"]
    floor.people.insert(
        "review",
        call_id=low,
        scoring_id=floor.people.sql("select id from scoring where call_id = %s", low)[0][0],
        dimension="discovery",
        reviewer_id=floor.coach,
        draft=1,
        value=2,
        blind=False,
        features={},
        reason="",
    )
    assert titles(floor.coaching, kind="below_threshold") == []


def test_each_sees_the_calls_they_look_after(floor: Floor) -> None:
    floor.call("Rita's", floor.rep, 1, {**FINE, "discovery": 1})
    floor.call("Rob's", floor.other, 2, {**FINE, "discovery": 1})
    floor.practice("Rob's practice", floor.other, NOW)
    assert titles(floor.coaching) == ["Rita's"]
    assert titles(floor.manager) == ["Rob's practice", "Rob's", "Rita's"]
    assert titles(floor.own) == []
    items = floor.manager.get("/api/v1/queue").json()["items"]
    assert [item["yours"] for item in items] == [False, True, True]  # a coach decides on practice


def contest(floor: Floor, title: str, at: dt.datetime) -> None:
    call = floor.call(title, floor.rep, 100, FINE)
    floor.people.insert("contest", call_id=call, dimension="value", by_id=floor.rep, reason="I did.", at=at)


def test_what_is_due_first_stands_first_and_ties_by_age(floor: Floor) -> None:
    floor.call("Look, 14 days", floor.rep, 13, {**FINE, "discovery": 1})
    floor.practice("Practice, 3 days", floor.rep, NOW - dt.timedelta(days=2, hours=1))
    contest(floor, "Contest, same moment", NOW - dt.timedelta(days=4))
    contest(floor, "Contest, a day earlier", NOW - dt.timedelta(days=5))
    page = floor.coaching.get("/api/v1/queue").json()["items"]
    assert [item["title"] for item in page] == [
        "Contest, a day earlier",
        "Practice, 3 days",
        "Look, 14 days",
        "Contest, same moment",
    ]
    assert page[2]["due"] == page[3]["due"]
    assert page == sorted(page, key=lambda item: (item["due"], item["since"]))


def test_it_pages_through_all_of_it_once(floor: Floor) -> None:
    for number in range(5):
        floor.call(f"Call {number}", floor.rep, 15 - number, {**FINE, "discovery": 1})
        contest(floor, f"Contest {number}", NOW - dt.timedelta(days=6 - number))  # due with the calls
        floor.practice(f"Practice {number}", floor.rep, NOW - dt.timedelta(days=4 - number))  # and these, too
    whole = titles(floor.coaching)
    assert whole[:4] == ["Call 0", "Contest 0", "Practice 0", "Call 1"]
    assert len(whole) == 15
    for limit in (2, 7):
        assert list(paged(floor.coaching, limit)) == whole


def paged(client: TestClient, limit: int) -> Iterator[str]:
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = client.get("/api/v1/queue", params=query).json()
        yield from (item["title"] for item in page["items"])
        assert (page["counts"] is None) is ("cursor" in query)
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def test_a_cursor_of_another_list_is_refused(floor: Floor) -> None:
    about = str(uuid.UUID(int=1))
    for values in (
        ("1", "2", "3"),
        ("2026-01-01T00:00:00+00:00", "99", about),
        ("2026-01-01T00:00:00", "1", about),
        ("0001-01-01T00:00:00+00:00", "1", about),
        ("9999-12-31T00:00:00+00:00", "1", about),
    ):
        answer = floor.coaching.get("/api/v1/queue", params={"cursor": cursor(*values)})
        assert answer.status_code == 422, values
        assert "leave it out" in answer.json()["detail"]


def test_what_waits_is_of_the_newest_scoring(floor: Floor) -> None:
    call = floor.call("Scored anew", floor.rep, 2, {**FINE, "discovery": 1})
    assert titles(floor.coaching, kind="below_threshold") == ["Scored anew"]
    floor.people.scoring(call, FINE)
    assert titles(floor.coaching) == []
    floor.people.scoring(call, {**FINE, "value": 1})
    assert titles(floor.coaching, kind="below_threshold") == ["Scored anew"]


def test_a_blind_read_is_asked_for_and_nothing_else_tells_of_the_call(floor: Floor) -> None:
    floor.people.sql("update setting set value = '1' where name = 'blind_share'")
    call = floor.call("Drawn", floor.rep, 1, {**FINE, "discovery": 1})
    floor.people.insert("contest", call_id=call, dimension="discovery", by_id=floor.rep, reason="No!", at=NOW)
    page = floor.coaching.get("/api/v1/queue").json()
    assert [item["kind"] for item in page["items"]] == ["blind"]
    assert page["counts"]["contest"] == page["counts"]["below_threshold"] == 0
    path = f"/api/v1/teams/{floor.team}/contests"
    assert floor.coaching.get(path).json()["items"] == []
    assert floor.own.get("/api/v1/me/contests").json()["items"][0]["reason"] == "No!"
    floor.people.sql("update setting set value = '0' where name = 'blind_share'")
    assert [one["reason"] for one in floor.coaching.get(path).json()["items"]] == ["No!"]
