"""What becomes of a file that is sent: the call, its stages and job, or nothing at all."""

import hashlib

import pytest

from service.settings import Settings
from tests.service.calls.house import House, furnished, jobs_of, stored_files
from tests.service.calls.recordings import TRANSCRIPTS, WHAT, sending, wav
from tests.service.people import People


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def test_a_recording_becomes_a_call_with_stages_and_one_job(house: House, settings: Settings) -> None:
    content = wav()
    answer = house.as_("rep").post("/api/v1/calls", files=sending(content), data=WHAT)
    assert answer.status_code == 201, answer.text
    call = answer.json()["call"]
    assert (call["state"], call["title"], call["rep"]["name"]) == ("queued", "northwind", "Ines")
    assert [stage["name"] for stage in call["stages"]] == [
        "decode",
        "recognise",
        "diarise",
        "annotate",
        "score",
    ]
    assert {stage["state"] for stage in call["stages"]} == {"waiting"}
    assert jobs_of(house.people, call["id"]) == ["todo"]
    assert call["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert [path.read_bytes() for path in stored_files(settings)] == [content]


def test_without_consent_a_call_is_kept_but_not_analysed_until_it_is_given(house: House) -> None:
    rep = house.as_("rep")
    call = rep.post("/api/v1/calls", files=sending(wav())).json()["call"]
    assert call["state"] == "quarantined"
    assert "consent" in call["reason"]
    assert jobs_of(house.people, call["id"]) == []
    place = f"/api/v1/calls/{call['id']}"
    given = rep.patch(place, json={"consent": "one_party"}, headers={"If-Match": '"1"'})
    assert (given.status_code, given.json()["state"], given.headers["etag"]) == (200, "queued", '"2"')
    assert jobs_of(house.people, call["id"]) == ["todo"]
    taken_back = rep.patch(place, json={"consent": None}, headers={"If-Match": '"2"'})
    assert taken_back.json()["state"] == "quarantined", taken_back.text
    assert jobs_of(house.people, call["id"]) == []


def test_consent_can_be_withdrawn_from_a_call_that_is_done(house: House) -> None:
    call = house.people.call(house.team, house.rep)
    answer = house.as_("rep").patch(
        f"/api/v1/calls/{call}", json={"consent": None}, headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "quarantined")


def test_the_same_recording_is_recognised_and_kept_once(house: House, settings: Settings) -> None:
    rep = house.as_("rep")
    first = rep.post("/api/v1/calls", files=sending(wav()), data=WHAT).json()
    second = rep.post("/api/v1/calls", files=sending(wav(), "renamed.wav"), data=WHAT)
    assert second.status_code == 200
    assert second.json()["call"]["id"] == second.json()["duplicate_of"] == first["call"]["id"]
    third = rep.post("/api/v1/calls", files=sending(wav()), data={**WHAT, "again": "true"})
    assert third.status_code == 201
    assert third.json()["duplicate_of"] == first["call"]["id"] != third.json()["call"]["id"]
    assert len(stored_files(settings)) == 1
    assert house.people.sql("select count(*) from recording")[0][0] == 1


def test_the_same_transcript_under_another_name_is_recognised(house: House) -> None:
    rep = house.as_("rep")
    words = b"rep: hello\nbuyer: hello"
    first = rep.post("/api/v1/calls", files={"file": ("call.txt", words)}, data=WHAT)
    other = rep.post("/api/v1/calls", files={"file": ("copy of call.txt", words)}, data=WHAT)
    assert (first.status_code, other.status_code) == (201, 200), other.text
    assert other.json()["call"]["id"] == first.json()["call"]["id"]


def test_a_duplicate_of_a_call_one_may_not_see_tells_nothing(house: House) -> None:
    mine = house.as_("rep").post("/api/v1/calls", files=sending(wav()), data=WHAT).json()
    theirs = house.as_("other").post("/api/v1/calls", files=sending(wav()), data=WHAT)
    assert theirs.status_code == 201
    assert theirs.json()["duplicate_of"] is None
    assert theirs.json()["call"]["id"] != mine["call"]["id"]


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_needs_no_sound(house: House, name: str) -> None:
    rep = house.as_("rep")
    answer = rep.post("/api/v1/calls", files=sending(TRANSCRIPTS[name], name), data=WHAT)
    assert answer.status_code == 201, answer.text
    call = answer.json()["call"]
    assert (call["source"], call["state"], call["file"]["name"]) == ("transcript", "queued", name)
    assert call["happened_on"] == ("2026-03-31" if name == "call.json" else None)
    words = house.people.sql("select transcript from call where id = %s", call["id"])[0][0]
    assert "Good morning to you." in words.replace('", "', " ") or "morning" in words
    again = rep.post("/api/v1/calls", files=sending(TRANSCRIPTS[name], name), data=WHAT)
    assert again.json()["duplicate_of"] == call["id"]
    assert rep.get(f"/api/v1/calls/{call['id']}/audio").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("tool.wav", b"MZ\x90\x00" + b"\0" * 5000, "WAV, MP3, M4A, MP4, FLAC, OGG or WebM"),
        ("empty.wav", b"", "0 bytes"),
        ("broken.json", b'{"turns": [{"speaker": 3}]}', "speaker"),
        ("broken.vtt", b"WEBVTT\n\nnothing here\n", "broken.vtt"),
        ("nul.json", b'{"turns": [{"speaker": "A", "text": "a\\u0000b"}]}', "zero character"),
    ],
)
def test_what_cant_be_used_is_refused_with_what_to_do(
    house: House, settings: Settings, name: str, content: bytes, says: str
) -> None:
    answer = house.as_("rep").post("/api/v1/calls", files=sending(content, name), data=WHAT)
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored_files(settings) == []
    assert house.people.sql("select count(*) from call")[0][0] == 0


@pytest.mark.parametrize(
    ("who", "for_whom", "status"),
    [
        ("manager", "rep", 201),
        ("manager", "other", 201),
        ("coach", "rep", 201),
        ("coach", "other", 403),
        ("rep", "rep", 201),
        ("rep", "other", 403),
    ],
)
def test_who_may_upload_for_whom(house: House, who: str, for_whom: str, status: int) -> None:
    data = {**WHAT, "rep": str(getattr(house, for_whom))}
    assert house.as_(who).post("/api/v1/calls", files=sending(wav()), data=data).status_code == status


def test_strangers_and_administrators_upload_nothing(house: House) -> None:
    outsider = house.people.person("Ute", rep=house.people.team("Elsewhere"))
    admin = house.people.person("Adam", administrator=True)
    for person in (outsider, admin):
        client = house.people.signed_in(person)
        answer = client.post("/api/v1/calls", files=sending(wav()), data={**WHAT, "team": str(house.team)})
        assert answer.status_code == 404
    nobody = house.people.client.post("/api/v1/calls", files=sending(wav()), data=WHAT)
    assert nobody.status_code == 401
    without_token = house.as_("rep")
    del without_token.headers["X-CSRF-Token"]
    assert without_token.post("/api/v1/calls", files=sending(wav()), data=WHAT).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("consent", "surely"),
        ("happened_on", "31.3.2026"),
        ("happened_on", "2999-01-01"),
        ("language", "English"),
        ("framework", "../../etc/passwd"),
        ("context", "nowhere"),
        ("rep", "nobody@example.com"),
        ("colour", "red"),
        ("title", "x" * 500),
    ],
)
def test_a_wrong_detail_is_named(house: House, field: str, value: str) -> None:
    answer = house.as_("manager").post("/api/v1/calls", files=sending(wav()), data={**WHAT, field: value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].startswith(f"{field}: ")


def test_the_same_key_does_the_same_request_once(house: House) -> None:
    rep = house.as_("rep")
    key = {"Idempotency-Key": "k-1"}
    first = rep.post("/api/v1/calls", files=sending(TRANSCRIPTS["call.txt"], "a.txt"), data=WHAT, headers=key)
    again = {**WHAT, "again": "true"}
    same = rep.post("/api/v1/calls", files=sending(TRANSCRIPTS["call.txt"], "a.txt"), data=WHAT, headers=key)
    other = rep.post(
        "/api/v1/calls", files=sending(TRANSCRIPTS["call.txt"], "a.txt"), data=again, headers=key
    )
    assert (first.status_code, same.status_code, other.status_code) == (201, 201, 409)
    assert same.json() == first.json()
    assert house.people.sql("select count(*) from call")[0][0] == 1


def test_an_edit_has_what_depends_on_it_made_again(house: House) -> None:
    call = house.people.call(house.team, house.rep)
    for stage in ("decode", "recognise", "diarise", "annotate", "score"):
        house.people.sql(
            "insert into stage (call_id, name, state, share, attempts, finished_at) "
            "values (%s, %s, 'done', 1, 0, now())",
            call,
            stage,
        )
    rep, place = house.as_("rep"), f"/api/v1/calls/{call}"
    title = rep.patch(place, json={"title": "Other"}, headers={"If-Match": '"1"'}).json()
    assert (title["title"], title["state"]) == ("Other", "done")
    donor = rep.patch(place, json={"framework": "donor"}, headers={"If-Match": '"2"'}).json()
    assert [stage["state"] for stage in donor["stages"]] == ["done"] * 4 + ["stale"]
    assert donor["state"] == "queued"
    day = rep.patch(place, json={"happened_on": "2026-03-31"}, headers={"If-Match": '"3"'}).json()
    assert [stage["state"] for stage in day["stages"]] == ["done"] * 3 + ["stale"] * 2
    assert jobs_of(house.people, str(call))


def test_edits_dont_overwrite_each_other(house: House) -> None:
    call = house.people.call(house.team, house.rep)
    rep, place = house.as_("rep"), f"/api/v1/calls/{call}"
    assert rep.patch(place, json={"title": "One"}).status_code == 428
    assert rep.patch(place, json={"title": "One"}, headers={"If-Match": '"1"'}).status_code == 200
    assert rep.patch(place, json={"title": "Two"}, headers={"If-Match": '"1"'}).status_code == 412
    assert rep.get(place).json()["title"] == "One"
    assert house.as_("coach").patch(place, json={"title": "x"}).status_code == 403
    assert house.as_("other").patch(place, json={"title": "x"}).status_code == 404
    handed_on = rep.patch(place, json={"rep": str(house.other)}, headers={"If-Match": '"2"'})
    assert handed_on.status_code == 403


def test_every_change_is_in_the_audit_log(house: House) -> None:
    rep = house.as_("rep")
    call = rep.post("/api/v1/calls", files=sending(wav()), data=WHAT).json()["call"]
    place = f"/api/v1/calls/{call['id']}"
    rep.patch(place, json={"title": "Secret words"}, headers={"If-Match": '"1"'})
    house.as_("manager").delete(place)
    rows = house.people.sql(
        "select actor, action, about_id, detail::text from audit where call_id = %s order by id", call["id"]
    )
    assert [(row[0], row[1]) for row in rows] == [
        ("Ines", "call.uploaded"),
        ("Ines", "call.edited"),
        ("Mona", "call.deleted"),
    ]
    assert {row[2] for row in rows} == {house.rep}
    assert not any("Secret" in row[3] for row in rows)


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed", "quarantined"])
def test_deletion_always_works_and_leaves_nothing(house: House, settings: Settings, state: str) -> None:
    manager = house.as_("manager")
    call = manager.post("/api/v1/calls", files=sending(wav()), data=WHAT).json()["call"]
    house.people.sql("update call set state = %s where id = %s", state, call["id"])
    assert manager.delete(f"/api/v1/calls/{call['id']}").status_code == 204
    assert manager.get(f"/api/v1/calls/{call['id']}").status_code == 404
    assert house.people.sql("select count(*) from recording")[0][0] == 0
    assert stored_files(settings) == []
    assert jobs_of(house.people, call["id"]) == []
    once_more = manager.post("/api/v1/calls", files=sending(wav()), data=WHAT)
    assert once_more.status_code == 201


def test_a_recording_stays_as_long_as_a_call_has_it(house: House, settings: Settings) -> None:
    manager = house.as_("manager")
    first = manager.post("/api/v1/calls", files=sending(wav()), data=WHAT).json()["call"]
    second = manager.post("/api/v1/calls", files=sending(wav()), data={**WHAT, "again": "1"}).json()["call"]
    manager.delete(f"/api/v1/calls/{first['id']}")
    assert manager.get(f"/api/v1/calls/{second['id']}/audio").content == wav()
    manager.delete(f"/api/v1/calls/{second['id']}")
    assert stored_files(settings) == []


def test_a_rep_deletes_own_practice_only_until_it_is_submitted(house: House) -> None:
    rep = house.as_("rep")
    real = house.people.call(house.team, house.rep)
    practice = house.people.call(house.team, house.rep, practice=True)
    assert rep.delete(f"/api/v1/calls/{real}").status_code == 403
    assert house.as_("manager").delete(f"/api/v1/calls/{practice}").status_code == 404
    assert rep.delete(f"/api/v1/calls/{practice}").status_code == 204


def test_what_was_said_can_be_taken_back(house: House) -> None:
    call = house.people.call(house.team, house.rep, account="Acme", language="en", call_type="demo")
    emptied = house.as_("rep").patch(
        f"/api/v1/calls/{call}",
        json={"account": None, "language": None, "call_type": "", "happened_on": None},
        headers={"If-Match": '"1"'},
    )
    assert emptied.status_code == 200, emptied.text
    told = emptied.json()
    assert (told["account"], told["language"], told["call_type"], told["happened_on"]) == (None,) * 4


@pytest.mark.parametrize("day", [5, 1.5, True, "", "2026-02-30"])
def test_a_day_is_a_day(house: House, day: object) -> None:
    call = house.people.call(house.team, house.rep)
    answer = house.as_("rep").patch(
        f"/api/v1/calls/{call}", json={"happened_on": day}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == (200 if day == "" else 422), answer.text


def test_practice_is_its_reps_alone_and_every_go_counts(house: House, settings: Settings) -> None:
    rep, data = house.as_("rep"), {"practice": "true"}
    goes = [rep.post("/api/v1/calls", files=sending(wav()), data=data) for _ in range(2)]
    assert [go.status_code for go in goes] == [201, 201], goes[0].text
    calls = [go.json()["call"] for go in goes]
    assert {(c["practice"], c["source"], c["consent"], c["state"]) for c in calls} == {
        (True, "practice", "role_play", "queued")
    }
    assert calls[0]["id"] != calls[1]["id"]
    assert len(stored_files(settings)) == 1
    assert house.as_("manager").get(f"/api/v1/calls/{calls[0]['id']}").status_code == 404
    for who in ("manager", "coach"):
        of_another = house.as_(who).post(
            "/api/v1/calls", files=sending(wav()), data={**data, "rep": str(house.rep)}
        )
        assert of_another.status_code == 422
        assert of_another.json()["detail"].startswith("practice: ")
