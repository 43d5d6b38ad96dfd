"""The document keeps to its schema, and points at what it quotes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.call import Transcript, Turn, Word
from models.framework import load_framework
from models.transcripts import read_transcript
from service.analysis import analyse
from service.result import Result, SourcePart, result, schema, to_json
from tests.conftest import ROOT
from tests.factories import transcript

PUBLISHED = ROOT / "docs" / "result.schema.json"
CALLS = sorted((ROOT / "sample_calls").glob("*/reference.json"))


def document(call: Transcript, framework: str = "default", *, scored: bool = True) -> dict[str, Any]:
    source = SourcePart(name="call.json", kind="transcript", sha256="0" * 64)
    chosen = load_framework(framework)
    made: dict[str, Any] = json.loads(
        to_json(result(source, analyse(call, chosen), call, chosen, scored=scored))
    )
    return made


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == schema(), (
        "write it anew: ridealong schema > docs/result.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_says_what_is_allowed() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            document(transcript(("rep", "Hello."))) | {"schema": "ridealong.analysis/2"}, schema()
        )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document(transcript(("rep", "Hello."))) | {"more": 1}, schema())


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.parent.name)
def test_sample_calls_give_valid_documents_whose_quotes_are_their_words(path: Path) -> None:
    made = document(read_transcript(path))
    jsonschema.validate(made, schema())
    turns = made["transcript"]["turns"]
    assert made["evidence"]
    for item in made["evidence"]:
        turn = turns[item["turn"]]
        pointed = turn["words"][item["start"] : item["stop"]]
        assert item["quote"] == " ".join(word["text"] for word in pointed)
        assert item["quote"] in turn["text"]
        assert item["speaker"] == turn["speaker"]
        assert (item["start_time"], item["end_time"]) == (pointed[0]["start"], pointed[-1]["end"])
    for score in made["scorecard"]["scores"]:
        assert all(0 <= at < len(made["evidence"]) for at in score["evidence"])
        assert (score["value"] is None) == (score["reason"] is not None)
        if score["value"] is not None:
            low, high = score["interval"]
            assert low <= score["value"] <= high
            assert sum(score["probabilities"]) == pytest.approx(1, abs=0.001)


def test_annotations_alone_have_no_scores() -> None:
    made = document(transcript(("rep", "How do you book patients today?")), scored=False)
    jsonschema.validate(made, schema())
    assert made["features"] is None
    assert made["scorecard"] is None


def test_speakers_keep_the_names_they_came_with() -> None:
    made = document(
        transcript(("Anna (seller)", "one two three"), ("Tom", "four"), ("Lena", "five six")), scored=False
    )
    speakers = {speaker["name"]: (speaker["label"], speaker["words"]) for speaker in made["speakers"]}
    assert speakers == {"rep": ("Anna (seller)", 3), "buyer": ("Lena", 2), "buyer 2": ("Tom", 1)}
    assert made["speakers"][0]["name"] == "rep"


def test_the_donor_framework_gives_its_own_dimensions() -> None:
    call = transcript(("rep", "Why did you give last year?"), ("buyer", "My mother was helped there."))
    titles = [score["title"] for score in document(call, "donor")["scorecard"]["scores"]]
    assert titles == [dimension.title for dimension in load_framework("donor").dimensions]


def test_a_call_of_empty_turns_is_a_document_too() -> None:
    made = document(Transcript("en", 10.0, (Turn("rep", ()), Turn("buyer", ()))))
    jsonschema.validate(made, schema())
    assert [turn["text"] for turn in made["transcript"]["turns"]] == ["", ""]


def test_text_of_any_script_stays_as_it_is_on_one_line() -> None:
    call = Transcript(
        "en", None, (Turn("rep", tuple(Word(None, None, w) for w in ("naïve", "☎", "会", "a\x1bb"))),)
    )
    source = SourcePart(name="call.json", kind="transcript", sha256="0" * 64)
    framework = load_framework()
    made = to_json(result(source, analyse(call, framework), call, framework))
    assert "naïve ☎ 会" in made
    assert "\n" not in made
    assert json.loads(made)["transcript"]["turns"][0]["words"][3]["text"] == "a\x1bb"


def test_results_are_frozen() -> None:
    assert Result.model_config["frozen"]
