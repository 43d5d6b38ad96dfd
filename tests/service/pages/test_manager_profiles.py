"""Profiles of reps and the overview of a team: what is shown, to whom, of what."""

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service.pages.profile_figures import FEWEST, LAST, Point, figure, moments
from service.pages.team_reasons import NO_CALL_DAYS, NO_REVIEW_DAYS, reasons
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People

TODAY = dt.date(2026, 6, 1)


def points(values: list[int], confirmed: bool = True) -> list[Point]:
    return [
        Point(uuid.uuid4(), "A call", TODAY + dt.timedelta(at), value, confirmed)
        for at, value in enumerate(values)
    ]


def test_below_the_minimum_nothing_is_said() -> None:
    one = figure("discovery", "Discovery", points([2, 3]))
    assert (one.count, one.middle, one.low, one.high, one.trend) == (2, None, None, None, None)


def test_peoples_scores_push_drafts_aside_once_there_are_enough() -> None:
    few = figure("discovery", "Discovery", [*points([1, 1]), *points([5, 5, 5], confirmed=False)])
    assert (few.count, few.drafts, few.middle) == (5, 3, 5)
    enough = figure("discovery", "Discovery", [*points([1, 1, 2]), *points([5, 5, 5], confirmed=False)])
    assert (enough.count, enough.drafts, enough.middle) == (3, 0, 1)
    assert len(enough.points) == 6


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ([4, 4, 4, 2, 2, 2], "falling"),
        ([2, 2, 3, 4, 4, 4], "rising"),
        ([3, 3, 3, 3, 4, 3], "steady"),
        ([1, 2, 3, 4, 5], None),
    ],
)
def test_a_trend_takes_six_calls_and_a_point(values: list[int], trend: str | None) -> None:
    assert figure("value", "Value", points(values)).trend == trend


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=LAST))
def test_a_figure_stays_within_its_values(given_values: list[tuple[int, bool]]) -> None:
    all_points = [one for value, confirmed in given_values for one in points([value], confirmed)]
    one = figure("value", "Value", all_points)
    assert (one.middle is None) == (one.count < FEWEST)
    if one.middle is not None and one.low is not None and one.high is not None:
        assert 1 <= one.low <= one.middle <= one.high <= 5


def test_moments_are_peoples_first_and_far_from_the_middle() -> None:
    found = figure("value", "Value", [*points([5], confirmed=False), *points([4, 1, 2, 3])])
    best, weakest = moments([found], 2)
    assert [(point.value, point.confirmed) for _, point in best] == [(4, True), (5, False)]
    assert [point.value for _, point in weakest] == [1, 2]


def test_reasons_to_look_are_told_in_words() -> None:
    fine: dict[str, Any] = {"contested": 0, "last_call": TODAY, "last_review": TODAY, "today": TODAY}
    assert reasons([figure("value", "Value", points([4, 4, 4]))], **fine) == []
    low = figure("value", "Value", points([5, 5, 5, 2, 2, 2], confirmed=False))
    found = reasons(
        [low, figure("presence", "Presence", points([2, 2, 2]))],
        contested=2,
        last_call=TODAY - dt.timedelta(NO_CALL_DAYS + 1),
        last_review=TODAY - dt.timedelta(NO_REVIEW_DAYS + 1),
        today=TODAY,
    )
    assert found == [
        "2 contested scores to decide.",
        "Value is falling (6 of 6 are drafts).",
        "Presence: 2 in the middle of 3 calls.",
        f"No call for {NO_CALL_DAYS + 1} days.",
        f"Nobody has scored a call for {NO_REVIEW_DAYS + 1} days.",
    ]


@pytest.fixture
def sales(people: People) -> dict[str, uuid.UUID]:
    """Rita with four analysed calls and practice that she keeps to herself, and who is around her."""
    team = people.team("Sales")
    found = {"team": team, "elsewhere": people.team("Elsewhere")}
    for name, role, where in (
        ("mara", "manager", team),
        ("carl", "coach", team),
        ("cora", "coach", team),
        ("rita", "rep", team),
        ("rolf", "rep", team),
        ("omar", "manager", found["elsewhere"]),
    ):
        found[name] = people.person(name.capitalize(), **{role: where})  # type: ignore[arg-type]  # a part, by its name
    people.assign(found["carl"], found["rita"])
    for number, value in enumerate((2, 2, 4, 5)):
        call = people.call(
            team, found["rita"], title=f"Call {number}", happened_on=TODAY - dt.timedelta(9 - number)
        )
        people.scoring(call, dict.fromkeys(DIMENSIONS, value), document())
        found[f"call{number}"] = call
    hidden = people.call(team, found["rita"], title="Rehearsal", practice=True)
    people.scoring(hidden, dict.fromkeys(DIMENSIONS, 1), document())
    for reviewer, number in itertools.product(("mara", "carl"), range(4)):
        pick(people, found[f"call{number}"], found[reviewer], blind=False)
    return found


def pick(people: People, call: uuid.UUID, reviewer: uuid.UUID, *, blind: bool) -> None:
    people.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, %s)"
        " on conflict (call_id, reviewer_id) do update set blind = excluded.blind",
        call,
        reviewer,
        blind,
    )


def test_a_profile_is_for_the_rep_their_manager_and_their_coach(
    people: People, sales: dict[str, uuid.UUID]
) -> None:
    path = f"/reps/{sales['rita']}"
    answers = {name: people.signed_in(sales[name]).get(path) for name in ("mara", "carl", "rita")}
    for answer in answers.values():
        assert answer.status_code == 200
        assert "Call 3" in answer.text
        assert "Rehearsal" not in answer.text
        assert "4 calls" in answer.text
        assert "4 of them drafts" in answer.text
    for name in ("cora", "rolf", "omar"):
        assert people.signed_in(sales[name]).get(path).status_code == 404
    nobody = people.signed_in(sales["mara"]).get(f"/reps/{uuid.uuid4()}")
    assert nobody.status_code == 404
    seen = people.sql(
        "select count(*) from audit where action = 'profile viewed' and about_id = %s", sales["rita"]
    )
    assert seen == [(3,)]


def test_moments_play_from_their_second(people: People, sales: dict[str, uuid.UUID]) -> None:
    text = people.signed_in(sales["mara"]).get(f"/reps/{sales['rita']}").text
    assert f"/calls/{sales['call3']}#t=" in text
    assert f"/calls/{sales['call1']}#t=" in text


def test_a_profile_holds_nothing_of_a_call_that_is_still_read_blind(
    people: People, sales: dict[str, uuid.UUID]
) -> None:
    for number in (2, 3):
        pick(people, sales[f"call{number}"], sales["mara"], blind=True)
    text = people.signed_in(sales["mara"]).get(f"/reps/{sales['rita']}").text
    assert "Not enough calls: 2 of 3." in text
    assert "2 of these calls are yours to score first" in text
    assert "No call has a 4 or 5 yet." in text
    overview = people.signed_in(sales["mara"]).get(f"/teams/{sales['team']}").text
    assert "in the middle of" not in overview
    people.sql("update blind_pick set blind = true where reviewer_id = %s", sales["mara"])
    assert "Profile" in people.signed_in(sales["mara"]).get(f"/reps/{sales['rita']}").text


def test_a_persons_score_replaces_the_draft(people: People, sales: dict[str, uuid.UUID]) -> None:
    for number in range(3):
        scoring = people.sql("select id from scoring where call_id = %s", sales[f"call{number}"])[0][0]
        people.insert(
            "review",
            call_id=sales[f"call{number}"],
            scoring_id=scoring,
            dimension="discovery",
            reviewer_id=sales["carl"],
            draft=2,
            value=5 if number else None,
            blind=False,
            reason="",
            features={},
        )
    text = people.signed_in(sales["mara"]).get(f"/reps/{sales['rita']}").text
    assert text.count("<strong>5</strong></td>") == 2
    assert "1 of them drafts" in text


def test_the_overview_is_by_name_and_only_of_whom_one_looks_after(
    people: People, sales: dict[str, uuid.UUID]
) -> None:
    people.person("Abel", rep=sales["team"])
    text = people.signed_in(sales["mara"]).get("/teams", follow_redirects=True).text
    assert text.index(">Abel<") < text.index(">Rita<") < text.index(">Rolf<")
    assert "No analysed call yet." in text
    assert "Nobody has scored a call yet" in text
    coach = people.signed_in(sales["carl"]).get(f"/teams/{sales['team']}").text
    assert ">Rita<" in coach
    assert ">Rolf<" not in coach
    assert people.signed_in(sales["rita"]).get(f"/teams/{sales['team']}").status_code == 403
    assert people.signed_in(sales["omar"]).get(f"/teams/{sales['team']}").status_code == 404


def test_a_token_that_may_not_read_calls_reads_no_profile(client: TestClient, people: People) -> None:
    team = people.team()
    rita = people.person("Rita", rep=team)
    mara = people.signed_in(people.person("Mara", manager=team))
    made = mara.post("/api/v1/me/tokens", json={"name": "x", "scopes": ["comments:write"]}).json()["secret"]
    headers = {"Authorization": f"Bearer {made}"}
    assert client.get(f"/reps/{rita}", headers=headers).status_code == 404
    assert client.get(f"/teams/{team}", headers=headers).status_code == 403


def test_withheld_drafts_are_no_points(people: People, sales: dict[str, uuid.UUID]) -> None:
    row = {"kappa": 0.1, "low": 0.0, "high": 0.2, "pairs": 40}
    people.insert("people_only", team_id=sales["team"], dimension="value", **row)
    text = people.signed_in(sales["mara"]).get(f"/reps/{sales['rita']}").text
    assert text.count("Not enough calls: 0 of 3.") == 1
