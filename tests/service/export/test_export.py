"""Calls as files: subtitles that players read, sheets that run no formulas, reports that don't break."""

import csv
import io
import uuid
from typing import Any

import pytest
import webvtt
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from service.export import report, subtitles
from service.export.tables_of_calls import line
from service.result import Result, TranscriptPart
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People


def transcript(*turns: tuple[str, list[tuple[float | None, float | None, str]]]) -> TranscriptPart:
    return TranscriptPart.model_validate(
        {
            "language": "en",
            "duration": None,
            "turns": [
                {
                    "speaker": speaker,
                    "start": None,
                    "end": None,
                    "text": " ".join(text for *_, text in words),
                    "words": [
                        {"start": start, "end": end, "text": text, "probability": None}
                        for start, end, text in words
                    ],
                }
                for speaker, words in turns
            ],
        }
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)


@st.composite
def spoken(draw: st.DrawFn) -> TranscriptPart:
    clock, turns = 0.0, []
    for speaker in draw(st.lists(st.sampled_from(["rep", "buyer", "a <b> & c"]), min_size=1, max_size=5)):
        words: list[tuple[float | None, float | None, str]] = []
        for pause, length, text in draw(
            st.lists(st.tuples(st.floats(0, 4), st.floats(0.01, 2), TEXTS), min_size=1, max_size=25)
        ):
            words.append((clock + pause, clock + pause + length, text))
            clock += pause + length
        turns.append((speaker, words))
    return transcript(*turns)


@given(spoken())
def test_subtitles_hold_every_word_in_order_and_fit_the_screen(call: TranscriptPart) -> None:
    found = list(subtitles.cues(call))
    said = [word.text for turn in call.turns for word in turn.words]
    assert [word for cue in found for line in cue.lines for word in line.split(" ")] == said
    assert all(len(cue.lines) <= subtitles.LINES for cue in found)
    assert all(cue.end - cue.start > 0 for cue in found)


@given(spoken())
def test_other_programs_read_the_subtitles(call: TranscriptPart) -> None:
    count = len(list(subtitles.cues(call)))
    assert len(webvtt.from_string(subtitles.vtt(call)).captions) == count
    assert len(webvtt.from_buffer(io.StringIO(subtitles.srt(call)), format="srt").captions) == count


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_cells_come_back_and_none_is_a_formula(values: list[str]) -> None:
    [row] = csv.reader(io.StringIO(line(values), newline=""))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert [cell.removeprefix("'") for cell in row] == [value.removeprefix("'") for value in values]


@given(st.text(max_size=200))
@settings(max_examples=10, deadline=None)  # fonts are cut for every page
def test_any_words_can_be_printed(words: str) -> None:
    raw = document()
    raw = {
        **raw,
        "transcript": {**raw["transcript"], "turns": [{**raw["transcript"]["turns"][0], "text": words}]},
    }
    heading = report.Heading(words or "x", [("Account", words)])
    given_scores = {"value": report.Given(4, words, "2026-01-02", words)}
    assert report.pdf(heading, Result.model_validate(raw), given_scores).startswith(b"%PDF")


class Floor:
    def __init__(self, people: People, blind: str = "0") -> None:
        self.people = people
        people.sql("insert into setting (name, value) values ('blind_share', %s)", blind)
        self.team = people.team()
        self.rep = people.person("Rae", rep=self.team)
        self.manager = people.signed_in(people.person("Max", manager=self.team))
        self.own = people.signed_in(self.rep)
        self.call = people.call(self.team, self.rep, title="=cmd|' /c calc'!A0")
        people.scoring(self.call, dict.fromkeys(DIMENSIONS, 3), document())

    def get(self, form: str, client: TestClient | None = None, call: uuid.UUID | None = None) -> Any:
        return (client or self.manager).get(f"/api/v1/calls/{call or self.call}/export.{form}")


@pytest.mark.parametrize("form", ["json", "srt", "vtt", "pdf"])
def test_every_form_of_a_call_leaves_and_is_logged(people: People, form: str) -> None:
    floor = Floor(people)
    answer = floor.get(form)
    assert answer.status_code == 200, answer.text
    assert answer.content
    assert (form,) in people.sql("select detail->>'form' from audit where action = 'exported'")
    stranger = people.signed_in(people.person("Ann", manager=people.team("Other")))
    assert floor.get(form, stranger).status_code == 404


def test_a_blind_reader_exports_words_but_no_scores(people: People) -> None:
    floor = Floor(people, blind="1")
    assert [floor.get(form).status_code for form in ("json", "pdf", "srt", "vtt")] == [409, 409, 200, 200]
    [sheet] = list(csv.DictReader(io.StringIO(floor.manager.get("/api/v1/export/calls.csv").text)))
    assert (sheet["blind"], sheet["value_draft"]) == ("True", "")
    [own] = list(csv.DictReader(io.StringIO(floor.own.get("/api/v1/export/calls.csv").text)))
    assert (own["blind"], own["value_draft"]) == ("False", "3")


def test_the_sheet_has_what_people_gave_beside_the_draft(people: People) -> None:
    floor = Floor(people)
    body = {
        "scoring": str(people.sql("select id from scoring")[0][0]),
        "scores": [{"dimension": "value", "value": 5}],
    }
    floor.manager.post(f"/api/v1/calls/{floor.call}/reviews", json=body, headers={"If-Match": "*"})
    people.call(floor.team, floor.rep, practice=True, source="practice")
    [row] = list(csv.DictReader(io.StringIO(floor.manager.get("/api/v1/export/calls.csv").text)))
    assert (row["value_score"], row["value_score_by"], row["value_draft"]) == ("5", "Max", "3")
    assert row["discovery_score"] == ""
    assert row["title"].startswith("'=")
    assert len(list(csv.DictReader(io.StringIO(floor.own.get("/api/v1/export/calls.csv").text)))) == 2


def test_a_transcript_without_times_has_no_subtitles(people: People) -> None:
    floor = Floor(people)
    raw = document()
    turns = [
        {**turn, "words": [{**word, "start": None, "end": None} for word in turn["words"]]}
        for turn in raw["transcript"]["turns"]
    ]
    call = people.call(floor.team, floor.rep)
    people.scoring(call, {"value": 3}, {**raw, "transcript": {**raw["transcript"], "turns": turns}})
    answer = floor.get("srt", call=call)
    assert answer.status_code == 409
    assert "export it as JSON" in answer.json()["detail"]
