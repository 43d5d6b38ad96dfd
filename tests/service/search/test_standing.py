"""The score that counts for search follows every draft and every person's word, whatever comes first."""

import uuid

from tests.service.people import People


def counting(people: People, call: uuid.UUID) -> dict[str, tuple[int | None, bool]]:
    rows = people.sql("select dimension, value, by_person from standing where call_id = %s", call)
    return {dimension: (value, by_person) for dimension, value, by_person in rows}


def said(people: People, call: uuid.UUID, scoring: uuid.UUID, reviewer: uuid.UUID, value: int | None) -> None:
    people.insert(
        "review",
        call_id=call,
        scoring_id=scoring,
        dimension="discovery",
        reviewer_id=reviewer,
        value=value,
        blind=False,
        reason="",
        features={},
    )


def test_a_person_s_word_outlives_new_drafts_and_yields_to_a_newer_one(people: People) -> None:
    team = people.team()
    mara, call = people.person("Mara", manager=team), people.call(team, people.person("Rita", rep=team))
    first = people.scoring(call, {"discovery": 3, "value": 2})
    assert counting(people, call) == {"discovery": (3, False), "value": (2, False)}
    said(people, call, first, mara, 5)
    assert counting(people, call)["discovery"] == (5, True)
    second = people.scoring(call, {"discovery": 1})
    assert counting(people, call) == {"discovery": (5, True)}, (
        "a dimension that is scored no more is not found"
    )
    said(people, call, second, mara, None)
    assert counting(people, call) == {"discovery": (None, True)}
    people.sql("delete from call where id = %s", call)
    assert counting(people, call) == {}
