"""Correcting a transcript: times stay with words, roles follow labels, only what depends is made again."""

import uuid

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from models.call import Transcript, Turn, Word
from service.calls import stored
from service.calls.edits import Said, edited, relabelled, rep_after
from service.calls.stages import STAGES
from service.problems import Unusable
from service.settings import Settings
from tests.factories import words
from tests.service.calls.working import drain, scorings, stages, state, written
from tests.service.people import People

CALL = Transcript(
    "en",
    20.0,
    (
        Turn("left", words("How do you book patients today", 0.0)),
        Turn("right", words("By hand mostly", 6.0)),
    ),
)


def said(transcript: Transcript) -> list[Said]:
    return [Said(turn.speaker, turn.text) for turn in transcript.turns]


def spoken(transcript: Transcript) -> list[Word]:
    return [word for turn in transcript.turns for word in turn.words]


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    texts = draw(
        st.lists(st.lists(st.sampled_from(["a", "b", "c", "dd"]), min_size=1, max_size=6), min_size=1)
    )
    at, turns = 0.0, []
    for number, text in enumerate(texts):
        made = []
        for word in text:
            made.append(Word(at, at + 0.25, word, 0.5))
            at += 0.5
        turns.append(Turn(("left", "right")[number % 2], tuple(made)))
    return Transcript("en", at, tuple(turns))


@given(transcripts())
def test_writing_a_transcript_down_again_changes_nothing(before: Transcript) -> None:
    assert edited(before, said(before)) == before


@given(transcripts(), transcripts())
def test_any_edit_says_what_was_written_in_order_of_time(before: Transcript, other: Transcript) -> None:
    after = edited(before, said(other))
    assert [(turn.speaker, turn.text) for turn in after.turns] == [
        (turn.speaker, turn.text) for turn in other.turns
    ]
    starts = [word.start for word in spoken(after)]
    assert all(start is not None and 0 <= start <= (before.duration or 0) for start in starts)
    assert starts == sorted(starts, key=lambda start: start or 0.0)


@given(transcripts(), st.data())
def test_a_word_moved_to_the_next_turn_keeps_its_time(before: Transcript, data: st.DataObject) -> None:
    everything = [word.text for word in spoken(before)]
    cut = data.draw(st.integers(1, len(everything)))
    after = edited(
        before, [Said("left", " ".join(everything[:cut])), Said("right", " ".join(everything[cut:]))]
    )
    assert spoken(after) == spoken(before)


def test_a_corrected_word_takes_the_place_of_the_misheard_one() -> None:
    after = edited(CALL, [Said("left", "How do you look patients today"), Said("right", "By hand mostly")])
    was, now = spoken(CALL)[3], spoken(after)[3]
    assert (now.text, now.start, now.end, now.probability) == ("look", was.start, was.end, None)
    assert [word for at, word in enumerate(spoken(after)) if at != 3] == [
        word for at, word in enumerate(spoken(CALL)) if at != 3
    ]


def test_words_put_in_stand_in_the_gap() -> None:
    after = edited(CALL, [Said("left", "How do you book patients today please Tom"), *said(CALL)[1:]])
    gap = spoken(after)[6:8]
    assert [word.text for word in gap] == ["please", "Tom"]
    assert spoken(CALL)[5].end == gap[0].start
    assert gap[1].end == pytest.approx(6.0)


def test_times_that_are_not_known_are_not_made_up() -> None:
    plain = Transcript("en", None, (Turn("A", (Word(None, None, "Hello"),)),))
    assert all(word.start is None for word in spoken(edited(plain, [Said("A", "Well hello there")])))


@pytest.mark.parametrize("turns", [[], [Said("left", "  ")], [Said(" ", "word")], [Said("left", "x" * 500)]])
def test_what_no_call_is_like_is_refused(turns: list[Said]) -> None:
    with pytest.raises(Unusable):
        edited(CALL, turns)


def test_swapping_labels_swaps_the_roles_and_renaming_keeps_them() -> None:
    swapped = relabelled(CALL, {"left": "right", "right": "left"})
    assert [turn.speaker for turn in swapped.turns] == ["right", "left"]
    assert rep_after(CALL, swapped, "left", None) == "left"
    renamed = relabelled(CALL, {"left": "Anna"})
    assert rep_after(CALL, renamed, "left", None) == "Anna"
    assert rep_after(CALL, renamed, None, None) is None
    assert rep_after(CALL, renamed, "left", "right") == "right"
    for wrong in ({"nobody": "Anna"}, {"left": ""}):
        with pytest.raises(Unusable):
            relabelled(CALL, wrong)
    with pytest.raises(Unusable, match="nobody is called 'left'"):
        rep_after(CALL, renamed, None, "left")


@pytest.fixture
def call(people: People, settings: Settings, database_url: str) -> tuple[uuid.UUID, TestClient]:
    """An analysed call and its rep's client."""
    made, rep = written(people)
    drain(settings, database_url)
    return made, people.signed_in(rep)


def test_an_edit_is_a_new_revision_and_a_new_scoring_beside_the_old(
    call: tuple[uuid.UUID, TestClient], people: People, settings: Settings, database_url: str
) -> None:
    at, client = call
    place = f"/api/v1/calls/{at}/transcript"
    read = client.get(place)
    assert read.headers["etag"] == '"1"'
    turns = [{"speaker": turn["speaker"], "text": turn["text"]} for turn in read.json()["turns"]]
    turns[0]["text"] = turns[0]["text"].replace("Tom", "Thomas")
    kept = dict(people.sql("select name, finished_at from stage where call_id = %s", at))
    assert client.put(place, json={"turns": turns}).status_code == 428
    assert client.put(place, json={"turns": turns}, headers={"If-Match": '"7"'}).status_code == 412
    answer = client.put(place, json={"turns": turns, "note": "his name"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["revision"], answer.headers["etag"]) == (2, '"2"')
    assert state(people, at) == "queued"
    assert stages(people, at) == {
        "decode": "done",
        "recognise": "done",
        "diarise": "done",
        "annotate": "stale",
        "score": "stale",
    }
    drain(settings, database_url)
    now = dict(people.sql("select name, finished_at from stage where call_id = %s", at))
    assert {name for name in now if now[name] != kept[name]} == {"annotate", "score"}
    assert scorings(people, at) == [(1, 1), (2, 2)]
    assert people.sql("select words from passage where call_id = %s and turn = 0", at)[0][0].startswith(
        "Hi Thomas"
    )
    old = client.get(place, params={"revision": 1}).json()
    assert "Thomas" not in old["turns"][0]["text"]
    assert [one["revision"] for one in client.get(f"{place}/revisions").json()] == [2, 1]
    assert people.sql(
        "select count(*) from audit where call_id = %s and action = 'call.transcript_edited'", at
    ) == [(1,)]


def test_saying_who_the_rep_is_turns_the_roles_round(
    call: tuple[uuid.UUID, TestClient], people: People, settings: Settings, database_url: str
) -> None:
    at, client = call
    place = f"/api/v1/calls/{at}/transcript"
    assert client.put(place, json={"rep": "buyer"}, headers={"If-Match": '"1"'}).status_code == 200
    drain(settings, database_url)
    [(rep,)] = people.sql("select document -> 'rep' from scoring where call_id = %s and number = 2", at)
    assert (rep["label"], rep["method"]) == ("buyer", "option")
    same = client.put(place, json={"rep": "buyer"}, headers={"If-Match": '"2"'})
    assert same.status_code == 422
    assert "Nothing would change" in same.json()["detail"]
    version = client.get(f"/api/v1/calls/{at}").headers["etag"]
    changed = client.patch(f"/api/v1/calls/{at}", json={"rep_speaker": "rep"}, headers={"If-Match": version})
    assert changed.status_code == 200, changed.text
    drain(settings, database_url)
    [(rep,)] = people.sql("select document -> 'rep' from scoring where call_id = %s and number = 3", at)
    assert rep["label"] == "rep"  # whoever spoke last counts


def test_what_a_database_cannot_hold_is_left_out(call: tuple[uuid.UUID, TestClient]) -> None:
    at, client = call
    body = r'{"turns": [{"speaker": "A\u0000", "text": "Hello\u0000 there"}], "note": "\u0000"}'
    answer = client.put(
        f"/api/v1/calls/{at}/transcript",
        content=body,
        headers={"If-Match": "*", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    assert [(turn["speaker"], turn["text"]) for turn in answer.json()["turns"]] == [("A", "Hello there")]


def test_others_can_neither_read_nor_edit(call: tuple[uuid.UUID, TestClient], people: People) -> None:
    at, _ = call
    stranger = people.signed_in(people.person("Stranger", rep=people.team("Elsewhere")))
    place = f"/api/v1/calls/{at}/transcript"
    assert stranger.get(place).status_code == 404
    assert stranger.put(place, json={"rep": "buyer"}, headers={"If-Match": '"1"'}).status_code == 404


def test_an_edit_of_nothing_is_no_revision(people: People) -> None:
    team = people.team()
    rep = people.person("Rae", rep=team)
    call = people.call(team, rep, rep_speaker="left")
    body = stored.transcript_out(CALL)
    people.sql(
        "insert into transcript_revision (call_id, revision, note, body) values (%s, 1, '', %s)",
        call,
        Jsonb(body),
    )
    for name in STAGES:
        people.sql(
            "insert into stage (call_id, name, state, share, attempts) values (%s, %s, 'done', 1, 0)",
            call,
            name,
        )
    place, own = f"/api/v1/calls/{call}/transcript", people.signed_in(rep)
    assert own.put(place, json={}, headers={"If-Match": '"1"'}).status_code == 422
    weak = own.put(place, json={"rep": "right"}, headers={"If-Match": 'W/"1"'})
    assert weak.status_code == 200, "a proxy that compresses weakens the tag"
