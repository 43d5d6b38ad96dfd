"""What a manager's pages answer: corrected words, tokens, found words; without a browser."""

import json
import re
import uuid

from fastapi.testclient import TestClient

from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.documents import document
from tests.service.pages.test_pages import forms_token
from tests.service.people import People

STAGES = ("decode", "recognise", "diarise", "annotate", "score")


def scored(people: People, team: uuid.UUID, rep: uuid.UUID) -> uuid.UUID:
    """An analysed call with its transcript, every stage done."""
    found = document()
    call = people.call(team, rep, title="Routes")
    turns = [{"speaker": turn["speaker"], "words": turn["words"]} for turn in found["transcript"]["turns"]]
    body = {"language": "en", "duration": found["transcript"]["duration"], "turns": turns}
    people.sql(
        "insert into transcript_revision (call_id, revision, note, body) values (%s, 1, '', %s::jsonb)",
        call,
        json.dumps(body),
    )
    for name in STAGES:
        people.sql(
            "insert into stage (call_id, name, state, share, attempts, finished_at)"
            " values (%s, %s, 'done', 1, 0, now())",
            call,
            name,
        )
    people.scoring(call, {one["dimension"]: one["value"] for one in found["scorecard"]["scores"]}, found)
    return call


def test_a_corrected_turn_is_shown_and_scored_again(client: TestClient, people: People) -> None:
    team = people.team()
    rep, mara = people.person("Rita", rep=team), people.person("Mara", manager=team)
    call = scored(people, team, rep)
    manager = people.signed_in(mara)
    page = manager.get(f"/calls/{call}?correct=1").text
    assert "By hand, on a whiteboard, and it goes wrong every week.</textarea>" in page
    fields = {"words": "By hand, on a <whiteboard>.", "revision": "1", "turns": "10"}
    answer = manager.post(f"/calls/{call}/turns/1", data=fields)
    assert answer.status_code == 200
    assert "By hand, on a &lt;whiteboard&gt;." in answer.text
    assert "On its way" in answer.text
    states = dict(people.sql("select name, state from stage where call_id = %s", call))
    assert [name for name in STAGES if states[name] == "stale"] == ["annotate", "score"]
    stale = manager.post(f"/calls/{call}/turns/1", data=fields)
    assert stale.status_code == 412
    gone = manager.post(f"/calls/{call}/turns/99", data={**fields, "revision": "2"})
    assert gone.status_code == 404
    assert people.sql("select max(revision) from transcript_revision") == [(2,)]


def test_who_may_not_edit_is_offered_no_correction(client: TestClient, people: People) -> None:
    team = people.team()
    rep, carl = people.person("Rita", rep=team), people.person("Carl", coach=team)
    people.assign(carl, rep)
    call = scored(people, team, rep)
    coach = people.signed_in(carl)
    assert "correct=" not in coach.get(f"/calls/{call}?correct=1").text
    fields = {"words": "Nothing.", "revision": "1", "turns": "10"}
    assert coach.post(f"/calls/{call}/turns/1", data=fields).status_code == 403


def test_a_token_is_shown_once_works_and_ends(client: TestClient, people: People) -> None:
    person = people.signed_in(people.person("Ann", manager=people.team()))
    page = person.get("/account/tokens").text
    fields = {"name": "CRM", "days": "30", "scopes": ["calls:read"], "csrf_token": forms_token(page)}
    found = re.search(r'value="(ride_\S+)"', person.post("/account/tokens", data=fields).text)
    assert found
    headers = {"Authorization": f"Bearer {found[1]}"}
    assert client.get("/api/v1/calls", headers=headers).status_code == 200
    shown = person.get("/account/tokens").text
    assert found[1] not in shown
    assert "<strong>CRM</strong> may read calls." in shown
    token = people.sql("select id from token")[0][0]
    assert "Removed." in person.post(f"/account/tokens/{token}/revoke").text
    assert client.get("/api/v1/calls", headers=headers).status_code == 401
    without = person.post("/account/tokens", data={**fields, "scopes": []})
    assert (without.status_code, "scopes" in without.text) == (422, True)


def test_pages_go_over_the_wire_small_and_sound_as_it_is(client: TestClient, people: People) -> None:
    team = people.team()
    mara = people.signed_in(people.person("Mara", manager=team))
    call = mara.post("/api/v1/calls", files=sending(wav(1.0)), data=WHAT).json()["call"]["id"]
    page = mara.get("/calls")
    assert page.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["vary"]
    assert "content-encoding" not in mara.get("/calls", headers={"Accept-Encoding": "identity"}).headers
    sound = mara.get(f"/api/v1/calls/{call}/audio", headers={"Range": "bytes=0-1999"})
    assert (sound.status_code, len(sound.content)) == (206, 2000)
    assert "content-encoding" not in sound.headers
    assert "content-encoding" not in mara.get(f"/api/v1/calls/{call}/audio").headers


def test_the_token_of_forms_is_another_text_on_each_page(client: TestClient, people: People) -> None:
    person = people.signed_in(people.person("Ann", manager=people.team()))
    person.headers.pop("X-CSRF-Token")
    tokens = [forms_token(person.get("/account").text) for _ in range(2)]
    assert tokens[0] != tokens[1]
    version = 1
    for token in tokens:
        fields = {"name": "Ann", "time_zone": "UTC", "version": str(version), "csrf_token": token}
        assert "Saved." in person.post("/account", data=fields).text
        version += 1
    wrong = tokens[0][:-2] + ("00" if tokens[0][-2:] != "00" else "11")
    for bad in (wrong, tokens[0][2:], "z" * len(tokens[0])):
        fields = {"name": "Eve", "time_zone": "UTC", "version": str(version), "csrf_token": bad}
        assert person.post("/account", data=fields).status_code == 403


def spoken(people: People, call: uuid.UUID) -> None:
    """The index of a call's words and evidence, as its analysis leaves it."""
    found = document()
    for at, turn in enumerate(found["transcript"]["turns"]):
        people.sql(
            "insert into passage (call_id, turn, speaker, starts, ends, words)"
            " values (%s, %s, %s, %s, %s, %s)",
            *(call, at, turn["speaker"], turn["start"], turn["end"], turn["text"]),
        )
    people.sql(
        "insert into finding (call_id, position, label, turn, starts, quote, attributes)"
        " values (%s, 0, 'objection', 5, null, 'expensive', '{}')",
        call,
    )


def test_words_lead_to_their_second(client: TestClient, people: People) -> None:
    team = people.team()
    mara = people.signed_in(people.person("Mara", manager=team))
    call = scored(people, team, people.person("Rita", rep=team))
    spoken(people, call)
    starts = document()["transcript"]["turns"][1]["start"]
    text = mara.get("/calls", params={"words": "whiteboard"}).text
    assert f'href="/calls/{call}#t={starts:g}"' in text
    assert "<mark>whiteboard</mark>" in text
    assert "Nobody said that" in mara.get("/calls", params={"words": "zebra"}).text
    odd = mara.get("/calls", params={"words": "a\x00 <b>", "label": "?", "score": "9", "dimension": "\x00"})
    assert odd.status_code == 200
    assert "<b>" not in odd.text
    other = people.signed_in(people.person("Omar", manager=people.team("Other")))
    assert str(call) not in other.get("/calls", params={"words": "whiteboard"}).text


def test_calls_are_found_by_evidence_and_by_score_unless_read_blind(
    client: TestClient, people: People
) -> None:
    team = people.team()
    manager = people.person("Mara", manager=team)
    mara = people.signed_in(manager)
    call = scored(people, team, people.person("Rita", rep=team))
    spoken(people, call)
    people.sql("insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, false)", call, manager)
    assert str(call) in mara.get("/calls", params={"label": "objection"}).text
    assert str(call) not in mara.get("/calls", params={"label": "story"}).text
    value = next(one["value"] for one in document()["scorecard"]["scores"] if one["dimension"] == "discovery")
    score = {1: "1-2", 2: "1-2", 3: "3-3"}.get(value, "4-5")
    asked = {"dimension": "discovery", "score": score}
    assert str(call) in mara.get("/calls", params=asked).text
    people.sql("update blind_pick set blind = true")
    found = [
        str(call) in mara.get("/calls", params={**asked, "score": one}).text for one in ("1-2", "3-3", "4-5")
    ]
    assert found == [False, False, False]
