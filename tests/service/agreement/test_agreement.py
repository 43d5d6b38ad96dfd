"""Agreement over the API: counted on blind reads, and what it withholds is withheld everywhere."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.agreement.people_only import REASON
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

NOW = dt.datetime.now(dt.UTC)


@dataclass
class Team:
    """A team with blind pairs of discovery that disagree."""

    people: People
    id: uuid.UUID
    rep: uuid.UUID
    coach: uuid.UUID
    manager: TestClient
    own: TestClient

    def pairs(self, count: int, *, flip: bool, start: int = 0) -> None:
        for number in range(count):
            call = self.people.call(self.id, self.rep)
            value = 1 + number % 5
            self.people.insert(
                "review",
                call_id=call,
                scoring_id=self.people.scoring(call, {}),
                dimension="discovery",
                reviewer_id=self.coach,
                draft=6 - value if flip else value,
                value=value,
                blind=True,
                features={},
                reason="",
                at=NOW + dt.timedelta(minutes=start + number),
            )

    def agreement(self) -> dict[str, Any]:
        answer = self.manager.get(f"/api/v1/teams/{self.id}/agreement")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = next(
            one for one in answer.json()["dimensions"] if one["dimension"] == "discovery"
        )
        return found


@pytest.fixture
def team(people: People) -> Team:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    rep, coach = people.person("Rita", rep=team), people.person("Carl", coach=team)
    people.assign(coach, rep)
    manager = people.signed_in(people.person("Ann", manager=team))
    return Team(people, team, rep, coach, manager, people.signed_in(rep))


def test_too_few_blind_reads_are_told_as_such(team: Team) -> None:
    team.pairs(12, flip=True)
    found = team.agreement()
    assert found["figures"] is None
    assert found["says"] == "Not enough blind reads: 12 of 30."
    assert found["people_only"] is False


def test_what_is_withheld_is_withheld_on_every_way_out_and_comes_back(team: Team) -> None:
    call = team.people.call(team.id, team.rep)
    scoring = team.people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    path = f"/api/v1/calls/{call}"
    team.pairs(40, flip=True)
    found = team.agreement()
    assert found["people_only"] is True
    assert found["figures"]["high"] < 0.4
    assert found["figures"]["pairs"] == 40

    for ask in (team.manager, team.own):
        for answer in (ask.get(f"{path}/analysis").json()["document"], ask.get(f"{path}/export.json").json()):
            scores = {one["dimension"]: one for one in answer["scorecard"]["scores"]}
            assert scores["discovery"]["value"] is None
            assert scores["discovery"]["reason"] == REASON
            assert scores["discovery"]["contributions"] == []
            assert scores["discovery"]["advice"] is None
            assert scores["next_step"]["value"] is not None
            assert "discovery" not in answer["scorecard"]["coach_first"]
    header, *rows = team.manager.get("/api/v1/export/calls.csv").text.splitlines()
    place = header.split(",").index("discovery_draft")
    assert {row.split(",")[place] for row in rows} == {""}
    query: dict[str, str | int] = {"dimension": "discovery", "least": 1}
    assert team.manager.get("/api/v1/search", params=query).json()["hits"] == []

    body = {"scoring": str(scoring), "scores": [{"dimension": "discovery", "value": 2}]}
    given = team.manager.post(f"{path}/reviews", json=body, headers={"If-Match": "*"})
    assert given.status_code == 201, given.text
    assert given.json()["reviews"][0]["draft"] is None
    assert given.json()["reviews"][0]["accepted"] is None
    exported = team.manager.get(f"/api/v1/teams/{team.id}/reviews.jsonl").text
    assert '"draft": 4' not in exported

    team.pairs(300, flip=False, start=100)
    assert team.agreement()["people_only"] is False
    score = team.own.get(f"{path}/analysis").json()["document"]["scorecard"]["scores"][0]
    assert score["value"] is not None
    log = team.people.sql("select action from audit where actor = 'Ridealong' order by id")
    assert log == [("drafts withheld",), ("drafts shown again",)]


def test_a_blind_read_is_enough_to_turn_it(team: Team) -> None:
    team.pairs(39, flip=True)
    call = team.people.call(team.id, team.rep)
    scoring = team.people.scoring(call, {"discovery": 5}, document())
    team.people.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)", call, team.coach
    )
    coach = team.people.signed_in(team.coach)
    body = {"scoring": str(scoring), "scores": [{"dimension": "discovery", "value": 1}]}
    answer = coach.post(f"/api/v1/calls/{call}/reviews", json=body, headers={"If-Match": "*"})
    assert answer.status_code == 201, answer.text
    assert team.people.sql("select dimension, pairs from people_only") == [("discovery", 40)]


def test_reviewing_is_told_to_oneself_first_and_nobody_is_ranked(team: Team) -> None:
    call = team.people.call(team.id, team.rep)
    scoring = team.people.scoring(call, {"discovery": 3}, document())
    for number in range(40):
        team.people.insert(
            "review",
            call_id=call,
            scoring_id=scoring,
            dimension=DIMENSIONS[number % 5],
            reviewer_id=team.coach,
            draft=3,
            value=3,
            blind=False,
            features={},
            reason="",
        )
    path = f"/api/v1/teams/{team.id}/agreement"
    assert team.manager.get(path).json()["reviewers"] == []
    coach = team.people.signed_in(team.coach)
    own = coach.get("/api/v1/me/acceptance").json()
    assert own == [{"team": str(team.id), "given": 40, "accepted": 40, "colleagues": None}]
    assert team.manager.get(path).json()["reviewers"] == []
    team.people.sql("update acceptance_note set told_at = now() - interval '8 days'")
    assert [one["name"] for one in team.manager.get(path).json()["reviewers"]] == ["Carl"]
    assert coach.get(path).json()["reviewers"] == []
    assert team.own.get(path).status_code == 403
