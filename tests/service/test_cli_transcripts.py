"""The command line on transcripts made elsewhere."""

import json
from pathlib import Path

import jsonschema
import pytest

from service.result import schema
from tests.conftest import CLINIC
from tests.service.command import Run

REFERENCE = CLINIC / "reference.json"
VTT = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Anna Reed>How do you book patients today?

00:00:05.000 --> 00:00:08.000
<v Tom>By hand, mostly.
"""
SRT = """1
00:00:01,000 --> 00:00:04,000
Anna Reed: How do you book patients today?

2
00:00:05,000 --> 00:00:08,000
Tom: By hand, mostly.
"""
TXT = "Anna Reed: How do you book patients today?\nTom: By hand, mostly.\n"
JSON = json.dumps(
    {
        "turns": [
            {"speaker": "Tom", "text": ""},
            {"speaker": "Anna Reed", "text": "How do you book patients today?"},
            {"speaker": "Anna Reed", "text": " "},
            {"speaker": "Tom", "text": "By hand, mostly."},
        ]
    }
)


@pytest.mark.parametrize(
    ("name", "content"), [("a.vtt", VTT), ("a.srt", SRT), ("a.txt", TXT), ("a.json", JSON)]
)
def test_transcripts_of_every_form_are_scored_and_annotated(
    ridealong: Run, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    scored = ridealong("score", tmp_path, "--rep", "Anna Reed")
    [document] = scored.documents
    jsonschema.validate(document, schema())
    assert (scored.status, scored.err) == (0, "")
    assert document["source"]["kind"] == "transcript"
    assert {speaker["label"] for speaker in document["speakers"]} == {"Anna Reed", "Tom"}
    annotated = ridealong("annotate", tmp_path / name, "--rep", "Anna Reed")
    assert annotated.documents[0]["evidence"] == document["evidence"]
    assert annotated.documents[0]["scorecard"] is None


def test_turns_are_counted_as_they_stand_in_the_file(ridealong: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(JSON)
    [document] = ridealong("annotate", tmp_path / "a.json", "--rep", "Anna Reed").documents
    assert len(document["transcript"]["turns"]) == 4
    assert {item["turn"] for item in document["evidence"] if item["label"] == "question"} == {1}


def test_output_is_json_in_a_pipe_and_text_when_asked_for(ridealong: Run) -> None:
    assert ridealong("score", REFERENCE).documents
    for command in ("score", "annotate"):
        text = ridealong(command, REFERENCE, "--text").out
        assert "reference.json" in text
        assert not text.lstrip().startswith("{")


def test_several_transcripts_are_a_line_each(ridealong: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TXT)
    (tmp_path / "b.json").write_text("{}")
    (tmp_path / "c.srt").write_text(SRT)
    made = ridealong("annotate", tmp_path)
    assert [document["source"]["name"] for document in made.documents] == ["a.txt", "c.srt"]
    [line] = made.complaints
    assert line.startswith("b.json: turns: nothing is there")
    assert made.status == 2


def test_a_call_in_another_language_is_transcribed_and_not_scored(ridealong: Run, tmp_path: Path) -> None:
    turns = [
        {"speaker": "rep", "text": "Wie planen Sie heute die Termine?"},
        {"speaker": "buyer", "text": "Gar nicht."},
    ]
    (tmp_path / "de.json").write_text(json.dumps({"language": "de", "turns": turns}))
    [document] = ridealong("score", tmp_path / "de.json").documents
    assert [turn["text"] for turn in document["transcript"]["turns"]] == [turn["text"] for turn in turns]
    for score in document["scorecard"]["scores"]:
        assert score["value"] is None
        assert "not in English (de)" in score["reason"]


def test_a_guess_at_the_rep_is_marked(ridealong: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One: Yes. Good.\nTwo: Yes. Fine.\n")
    [document] = ridealong("score", tmp_path / "a.txt").documents
    assert document["rep"]["sure"] is False
    assert any("name the rep with --rep" in warning for warning in document["warnings"])
    assert "(unsure)" in ridealong("score", tmp_path / "a.txt", "--text").out


def test_labels_with_control_characters_leave_the_terminal_alone(ridealong: Run, tmp_path: Path) -> None:
    turns = [{"speaker": "Tom\x1b[2J", "text": "Hello there."}, {"speaker": "Anna", "text": "Hello."}]
    (tmp_path / "a.json").write_text(json.dumps({"turns": turns}))
    [line] = ridealong("score", tmp_path / "a.json", "--rep", "nobody").complaints
    assert line.isprintable()
