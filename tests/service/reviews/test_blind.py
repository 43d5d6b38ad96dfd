"""Blind reads: until a reviewer's own scores are in, no route tells them anybody's."""

import uuid

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from service.auth.permissions import Who
from service.auth.store import key_of
from service.calls.tables import Call
from service.database import Database
from service.reviews import blind
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People


@pytest.fixture
def everything_blind(people: People) -> None:
    people.sql("insert into setting (name, value) values ('blind_share', '1')")


def floor(people: People) -> tuple[uuid.UUID, TestClient, TestClient, TestClient]:
    team = people.team()
    rep, coach = people.person("Rae", rep=team), people.person("Cleo", coach=team)
    people.assign(coach, rep)
    call = people.call(team, rep)
    people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    manager = people.person("Max", manager=team)
    return call, people.signed_in(rep), people.signed_in(coach), people.signed_in(manager)


def test_no_score_is_sent_before_ones_own_are_in(everything_blind: None, people: People) -> None:
    call, rep, coach, manager = floor(people)
    path = f"/api/v1/calls/{call}"
    read = coach.get(f"{path}/analysis").json()
    assert read["blind"] is True
    assert read["document"]["scorecard"] is None
    assert read["document"]["features"] is None
    assert read["document"]["transcript"]["turns"]
    assert rep.get(f"{path}/analysis").json()["document"]["scorecard"]

    scores = [{"dimension": name, "value": 2} for name in DIMENSIONS]
    body = {"scoring": read["scoring"]["id"], "scores": scores}
    partly = coach.post(f"{path}/reviews", json={**body, "scores": scores[:2]}, headers={"If-Match": "*"})
    assert partly.status_code == 422
    assert "objection" in partly.json()["detail"]
    assert coach.post(f"{path}/reviews", json=body, headers={"If-Match": "*"}).status_code == 201

    assert manager.get(f"{path}/reviews").json() == {"blind": True, "reviews": [], "confirmed": {}}
    after = coach.get(f"{path}/analysis").json()
    assert after["blind"] is False
    assert after["document"]["scorecard"]["scores"]
    given_reviews = coach.get(f"{path}/reviews").json()["reviews"]
    assert len(given_reviews) == len(DIMENSIONS)
    assert all(row["blind"] for row in given_reviews)
    # Whoever has seen the draft since isn't blind any more.
    again = coach.post(f"{path}/reviews", json={**body, "scores": scores[:1]}, headers={"If-Match": "*"})
    assert again.json()["reviews"][-1]["blind"] is False


def test_a_token_for_reading_shows_no_more_than_its_reviewer_may_see(
    everything_blind: None, people: People, client: TestClient
) -> None:
    call, _, _, _ = floor(people)
    [(coach,)] = people.sql("select id from person where name = 'Cleo'")
    people.insert("token", person_id=coach, key=key_of("s3cret"), name="reader", scopes=["calls:read"])
    answer = client.get(f"/api/v1/calls/{call}/analysis", headers={"Authorization": "Bearer s3cret"})
    assert answer.json()["blind"] is True
    assert answer.json()["document"]["scorecard"] is None


def test_the_draw_is_kept(people: People) -> None:
    call, _, coach, _ = floor(people)
    people.sql("insert into setting (name, value) values ('blind_share', '1')")
    assert coach.get(f"/api/v1/calls/{call}/analysis").json()["blind"] is True
    people.sql("update setting set value = '0' where name = 'blind_share'")
    assert coach.get(f"/api/v1/calls/{call}/analysis").json()["blind"] is True


@given(st.uuids(), st.uuids(), st.text("abcdef0123456789", min_size=1, max_size=32))
def test_a_draw_is_a_share_and_always_the_same(call: uuid.UUID, reviewer: uuid.UUID, seed: str) -> None:
    assert 0 <= blind.draw(seed, call, reviewer) < 1
    assert blind.draw(seed, call, reviewer) == blind.draw(seed, call, reviewer)


def test_about_the_share_that_is_set_is_drawn() -> None:
    reviewer = uuid.UUID(int=7)
    drawn = [blind.draw("seed", uuid.UUID(int=number), reviewer) < 0.2 for number in range(5000)]
    assert 0.18 < sum(drawn) / len(drawn) < 0.22


async def the_two_agree(url: str, who: Who, calls: list[uuid.UUID]) -> None:
    database = Database(url)
    try:
        async with database.transaction() as session:
            condition = await blind.open_to(session, who, 0.5)
            open_in_sql = set(await session.scalars(select(Call.id).where(condition)))
            for one in calls:
                call = await session.get_one(Call, one)
                assert (one in open_in_sql) is not await blind.pending(session, who, call, 0.5)
    finally:
        await database.close()


def test_lists_hide_the_same_calls_as_single_calls_do(people: People, database_url: str) -> None:
    import asyncio  # noqa: PLC0415

    team = people.team()
    rep, coach = people.person("Rae", rep=team), people.person("Cleo", coach=team)
    people.assign(coach, rep)
    people.sql("insert into membership (person_id, team_id, role) values (%s, %s, 'rep')", coach, team)
    calls = [people.call(team, rep) for _ in range(30)] + [people.call(team, coach) for _ in range(5)]
    who = Who(
        coach,
        "Cleo",
        "cleo@example.com",
        administrator=False,
        teams={team: frozenset({"coach", "rep"})},
        coached=frozenset({rep}),
        scopes=frozenset({"calls:read"}),
    )
    asyncio.run(the_two_agree(database_url, who, calls))
