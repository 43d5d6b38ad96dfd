"""Attempts at scenarios: by which framework they are scored, how they are numbered and scored by oneself."""

from pathlib import Path

from tests.service.people import People
from tests.service.practice.test_practice import Gym


def test_a_scenario_names_a_framework_and_no_file_of_the_server(people: People, tmp_path: Path) -> None:
    gym = Gym(people)
    secret = tmp_path / "secret.toml"
    secret.write_text('password = "hunter2"\n')
    task = {"title": "Price", "skill": "price", "instructions": "Go.", "framework": str(secret)}
    answers = [
        gym.coach.post(f"/api/v1/teams/{gym.team}/scenarios", json=task),
        gym.coach.put(f"/api/v1/scenarios/{gym.scenario['id']}", json=task, headers={"If-Match": '"1"'}),
        gym.coach.post(
            f"/api/v1/teams/{gym.team}/scenarios", json={**task, "framework": str(tmp_path / "none.toml")}
        ),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.json()["detail"] for answer in answers}) == 1, "a file that is there shows"


def test_an_attempt_is_scored_by_its_scenarios_framework(people: People) -> None:
    gym = Gym(people)
    answer = gym.begin(gym.recording(framework="donor"))
    assert answer.status_code == 422
    assert "framework" in answer.json()["detail"]
    assert "default" in answer.json()["detail"]
    assert gym.begin(gym.recording()).status_code == 201


def test_attempts_are_numbered_on_when_one_was_deleted(people: People) -> None:
    gym = Gym(people)
    first, second = gym.recording(), gym.recording()
    assert [gym.begin(call).json()["number"] for call in (first, second)] == [1, 2]
    assert gym.own.delete(f"/api/v1/calls/{first}").status_code == 204
    assert gym.begin(gym.recording()).json()["number"] == 3


def test_a_score_is_a_number_and_no_yes(people: People) -> None:
    gym = Gym(people)
    assert gym.begin(gym.recording(), self_scores={"objection": True}).status_code == 422
