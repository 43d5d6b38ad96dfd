"""A coach's decision: the moment it rests on, and two coaches who decide at once."""

from typing import Any

import pytest

from tests.service.documents import document
from tests.service.people import People
from tests.service.practice.test_practice import Gym

NOT_YET = {"passed": False, "reason": "You argued first."}
PASSED = {"passed": True, "reason": "You asked first."}


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def submitted(gym: Gym) -> str:
    """The path of an attempt that is submitted and scored by its coach."""
    call = gym.recording()
    path = f"/api/v1/attempts/{gym.begin(call, self_scores={}).json()['id']}"
    gym.own.post(f"{path}/submit")
    gym.review(call, 3)
    return path


def decide(gym: Gym, path: str, body: Any, tag: str | None = None) -> Any:
    return gym.coach.post(f"{path}/decisions", json=body, headers={"If-Match": tag} if tag else {})


def test_the_moment_that_decided_it_is_words_of_the_recording(gym: Gym) -> None:
    path = submitted(gym)
    evidence = document()["evidence"]
    at = next(n for n, item in enumerate(evidence) if item["label"] == "question")
    answer = decide(gym, path, {**NOT_YET, "evidence": at})
    assert answer.status_code == 201, answer.text
    decision = gym.own.get(path).json()["decision"]
    assert decision["coach"] == "Cleo"
    assert decision["moment"]["quote"] == evidence[at]["quote"]
    assert decision["moment"]["start"] == evidence[at]["start_time"]


def test_a_moment_that_is_not_there_decides_nothing(gym: Gym) -> None:
    path = submitted(gym)
    answer = decide(gym, path, {**NOT_YET, "evidence": 100_000})
    assert answer.status_code == 422
    assert "newest analysis" in answer.json()["detail"]
    assert gym.own.get(path).json()["decision"] is None


def test_a_second_decision_says_which_it_replaces(gym: Gym) -> None:
    path = submitted(gym)
    read = gym.coach.get(path).headers["ETag"]
    assert decide(gym, path, NOT_YET, read).status_code == 201
    assert decide(gym, path, PASSED).status_code == 428
    assert decide(gym, path, PASSED, read).status_code == 412
    assert gym.own.get(path).json()["decision"]["passed"] is False
    now = gym.coach.get(path).headers["ETag"]
    assert decide(gym, path, PASSED, now).status_code == 201
    assert gym.own.get(path).json()["decision"]["passed"] is True


def test_not_observed_is_a_persons_score_to_decide_by(gym: Gym) -> None:
    call = gym.recording()
    path = f"/api/v1/attempts/{gym.begin(call, self_scores={}).json()['id']}"
    gym.own.post(f"{path}/submit")
    assert gym.coach.get(path).json()["standing"][0]["scored"] is False
    gym.review(call, None)
    [standing] = gym.coach.get(path).json()["standing"]
    assert (standing["scored"], standing["confirmed"], standing["missing"]) == (True, None, None)
    assert decide(gym, path, NOT_YET).status_code == 201


def test_a_decision_is_kept_from_who_reads_blind(gym: Gym) -> None:
    path = submitted(gym)
    decide(gym, path, NOT_YET)
    call = gym.own.get(path).json()["call_id"]
    manager = gym.people.sql("select id from person where name = 'Max'")[0][0]
    gym.people.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)", call, manager
    )
    seen = gym.manager.get(path).json()
    assert seen["blind"] is True
    assert seen["decision"] is None
