"""A rep's pages without a browser: what is on them, and what isn't before it may be."""

import re
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.service.documents import document
from tests.service.people import People
from tests.service.practice.test_practice import TASK, Gym


@pytest.fixture
def gym(people: People) -> Gym:
    return Gym(people)


def attempt(gym: Gym, **more: Any) -> tuple[uuid.UUID, str]:
    """A practice recording with its draft, and the path of its attempt's page."""
    call = gym.recording()
    made = gym.begin(call, **more).json()
    return call, f"/practice/attempts/{made['id']}"


def telling() -> list[str]:
    """Words that only a draft says."""
    return [score["advice"] for score in document()["scorecard"]["scores"] if score["advice"]]


def text_of(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_the_draft_is_on_no_page_before_the_rep_has_scored_themselves(gym: Gym) -> None:
    names = [one["dimension"] for one in document()["scorecard"]["scores"] if one["advice"]]
    task = {**TASK, "thresholds": dict.fromkeys(names, 4)}
    gym.coach.put(f"/api/v1/scenarios/{gym.scenario['id']}", json=task, headers={"If-Match": "*"})
    call, path = attempt(gym)
    assert telling()
    before = [text_of(gym.own, one) for one in (path, "/practice", f"/mine/calls/{call}", f"/calls/{call}")]
    before.append(text_of(gym.own, f"/practice/scenarios/{gym.scenario['id']}"))
    for words in [*telling(), "The draft is"]:
        assert not any(words in text for text in before), words
    assert "Score yourself before you see the draft" in before[0]
    odd = gym.own.post(f"{path}/self-scores", data={f"value-{names[0]}": "9"})
    assert odd.status_code == 422
    after = gym.own.post(f"{path}/self-scores", data={f"value-{names[0]}": "4"})
    assert "What would raise it" in after.text
    assert "The draft is" in after.text
    assert "fail" not in re.sub(r"<[^>]*>", " ", after.text).lower()


def test_a_submitted_attempt_waits_for_a_person(gym: Gym) -> None:
    call, path = attempt(gym, self_scores={})
    waiting = gym.own.post(f"{path}/submit").text
    assert "waiting for your coach" in waiting
    assert "Passed" not in waiting
    gym.review(call, 3)
    moment = next(n for n, one in enumerate(document()["evidence"]) if one["label"] == "question")
    body = {"passed": False, "reason": "Ask before you answer.", "evidence": moment}
    decided = gym.coach.post(f"/api/v1/attempts/{path.rsplit('/')[-1]}/decisions", json=body)
    assert decided.status_code == 201, decided.text
    seen = text_of(gym.own, path)
    for words in ("Not yet", "Ask before you answer.", "1 below the 4", "the moment your coach named"):
        assert words in seen, words
    assert document()["evidence"][moment]["quote"].split()[0] in seen
    assert "1 of 1 reached" not in text_of(gym.own, "/practice")


def test_where_no_moment_was_named_the_page_shows_what_weighed_most(gym: Gym) -> None:
    gym.coach.put(
        f"/api/v1/scenarios/{gym.scenario['id']}",
        json={**TASK, "thresholds": {"discovery": 4, "objection": 2}},
        headers={"If-Match": "*"},
    )
    call, path = attempt(gym, self_scores={})
    gym.own.post(f"{path}/submit")
    [(scoring,)] = gym.people.sql("select id from scoring where call_id = %s", call)
    scores = [{"dimension": "discovery", "value": 2}, {"dimension": "objection", "value": 4}]
    given = {"scoring": str(scoring), "scores": scores}
    gym.coach.post(f"/api/v1/calls/{call}/reviews", json=given, headers={"If-Match": "*"})
    body = {"passed": False, "reason": "More questions."}
    gym.coach.post(f"/api/v1/attempts/{path.rsplit('/')[-1]}/decisions", json=body)
    seen = text_of(gym.own, path)
    assert "what weighed most in Discovery quality" in seen
    assert "2 below the 4" in seen
    assert "2 above the 2" in seen


def test_attempts_stand_side_by_side(gym: Gym) -> None:
    paths = [attempt(gym, self_scores={"objection": 2})[1], attempt(gym)[1]]
    ids = [path.rsplit("/")[-1] for path in paths]
    seen = text_of(gym.own, f"/practice/compare?attempt={ids[1]}&attempt={ids[0]}")
    assert seen.index("Attempt 1") < seen.index("Attempt 2")
    assert "you 2" in seen
    assert re.search(r"score yourself first</span>\s+<span", seen)
    assert gym.own.get(f"/practice/compare?attempt={ids[0]}").status_code == 422
    assert gym.coach.get(f"/practice/compare?attempt={ids[1]}&attempt={ids[0]}").status_code == 404


def test_a_coach_reads_of_the_rep_and_not_of_themselves(gym: Gym) -> None:
    paths = [attempt(gym, self_scores={"objection": value})[1] for value in (2, 3)]
    for path in paths:
        gym.own.post(f"{path}/submit")
    ids = [path.rsplit("/")[-1] for path in paths]
    compared = text_of(gym.coach, f"/practice/compare?attempt={ids[0]}&attempt={ids[1]}")
    assert "Attempts side by side, Rae" in compared
    for seen, words in ((compared, "rep 2"), (text_of(gym.coach, paths[0]), "the rep gave 2")):
        assert words in seen
        assert "you 2" not in seen
        assert "you gave" not in seen


def test_what_a_person_did_not_observe_is_no_draft_any_more(gym: Gym) -> None:
    call, path = attempt(gym, self_scores={"objection": 3})
    gym.own.post(f"{path}/submit")
    assert "not scored by a person yet" in text_of(gym.own, "/practice")
    gym.review(call, None)
    seen = text_of(gym.own, path)
    assert "A person found nothing of it to score." in seen
    assert "The draft is" not in seen
    assert "0 of 1 reached" in text_of(gym.own, "/practice")


def test_practice_comes_in_by_a_plain_form(gym: Gym) -> None:
    path = f"/practice/scenarios/{gym.scenario['id']}"
    token = re.search(r'name="csrf_token" value="(\w+)"', text_of(gym.own, path))
    assert token
    gym.own.headers.pop("X-CSRF-Token")
    form = {"csrf_token": token[1]}
    none = gym.own.post(f"{path}/upload", data=form, files={"file": ("", b"")})
    assert none.status_code == 422
    assert "Choose a recording first" in none.text
    file = {"file": ("price.txt", b"rep: What does it cost you today?\nbuyer: Two hundred a week.")}
    assert gym.own.post(f"{path}/upload", data={"csrf_token": "no"}, files=file).status_code == 403
    made = gym.own.post(f"{path}/upload", data=form, files=file)
    assert "/practice/attempts/" in str(made.url), made.text
    [(practice, consent, title)] = gym.people.sql("select practice, consent, title from call")
    assert (practice, consent, title) == (True, "role_play", "Price")
    gym.people.sql("update scenario set most_attempts = 1")
    refused = gym.own.post(f"{path}/upload", data=form, files=file)
    assert refused.status_code == 409
    assert gym.people.sql("select count(*) from call") == [(1,)], (
        "a recording that can't be an attempt is kept"
    )


def test_managers_and_coaches_make_and_change_scenarios(gym: Gym) -> None:
    example = gym.people.call(gym.team, gym.rep, consent="synthetic", title="Asked well")
    secret = gym.people.call(gym.team, gym.rep, consent="all_parties", title="A real call")
    form = text_of(gym.coach, f"/practice/new?team={gym.team}")
    assert str(example) in form
    assert str(secret) not in form
    fields = {
        "team": str(gym.team),
        "framework": "default",
        "title": "Find the pain <b>",
        "skill": "discovery",
        "instructions": "Ask.\nAsk again.",
        "threshold-discovery": "4",
        "threshold-value": "",
        "most_attempts": "",
        "example_call_id": str(example),
    }
    made = gym.coach.post("/practice/new", data=fields)
    assert "Find the pain &lt;b&gt;" in made.text
    page = str(made.url).split("?")[0].replace("http://testserver", "")
    assert "Asked well" in text_of(gym.own, page)
    changed = gym.coach.post(f"{page}/edit", data={**fields, "version": "1", "title": "Find the cost"})
    assert "Saved." in changed.text
    stale = gym.coach.post(f"{page}/edit", data={**fields, "version": "1"})
    assert stale.status_code == 412
    wrong = gym.coach.post("/practice/new", data={**fields, "example_call_id": str(secret)})
    assert wrong.status_code == 422
    assert gym.own.get(f"/practice/new?team={gym.team}").status_code == 403
    assert gym.own.post("/practice/new", data=fields).status_code == 403
    assert "The scenario is retired." in gym.coach.post(f"{page}/retire").text
    assert "Find the cost" not in text_of(gym.own, "/practice")


def test_mine_shows_scores_versions_and_who_looked(gym: Gym) -> None:
    call = gym.people.call(gym.team, gym.rep, title="Depot")
    drafts = {one["dimension"]: one["value"] for one in document()["scorecard"]["scores"]}
    gym.people.scoring(call, drafts, document())
    gym.coach.get(f"/api/v1/calls/{call}/analysis")
    gym.review(call, 2)
    assert "Objection response <b>2</b>" in text_of(gym.own, "/mine")
    seen = text_of(gym.own, f"/mine/calls/{call}")
    for words in (
        "<strong>2</strong> by Cleo",
        "prior-1",
        "looked at the transcript and drafts",
        "Contest this score",
    ):
        assert words in seen, words
    fields = {"dimension": "objection", "reason": "I asked first, at 0:40."}
    assert "I asked first, at 0:40." in gym.own.post(f"/mine/calls/{call}/contest", data=fields).text
    assert "1 contested" in text_of(gym.own, "/mine")
    again = gym.own.post(f"/mine/calls/{call}/contest", data=fields)
    assert again.status_code == 409
    for client in (gym.coach, gym.manager, gym.other):
        assert client.get(f"/mine/calls/{call}").status_code == 404
    assert "gave a score: objection" in text_of(gym.own, "/mine/log")


def test_the_notice_is_acknowledged_as_it_was_read(gym: Gym) -> None:
    assert "Read what is done" in text_of(gym.own, "/mine")
    page = text_of(gym.own, "/notice")
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    assert gym.own.post("/notice", data={"version": "0" * 12}).status_code == 412
    assert "You acknowledged this text" in gym.own.post("/notice", data={"version": version[1]}).text
    assert "Read what is done" not in text_of(gym.own, "/mine")


def test_no_script_or_style_is_inline(gym: Gym) -> None:
    call, path = attempt(gym, self_scores={})
    own = (
        "/practice",
        f"/practice/scenarios/{gym.scenario['id']}",
        path,
        "/mine",
        f"/mine/calls/{call}",
        "/notice",
    )
    pages = [(gym.own, one) for one in (*own, "/mine/log")]
    pages += [(gym.coach, f"/practice/new?team={gym.team}"), (gym.coach, own[1])]
    for client, one in pages:
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text_of(client, one)), one
