"""The shipped calls hold together: readable, read twice, split by writer, as their card says."""

import json
import re
from collections import Counter

from models.transcripts import read_transcript
from training.datasets import (
    DATA,
    HELD_OUT_WRITERS,
    labelled_calls,
    scored_calls,
    stripped,
    without_punctuation,
)


def test_every_call_was_scored_by_two_readers_and_marked_by_one_at_least() -> None:
    calls = scored_calls()
    assert len(calls) >= 200
    for call in calls:
        readers = {reading.reader for reading in call.readings}
        assert len(readers) == len(call.readings) >= 2, call.name
    marked = labelled_calls()
    assert [call.name for call in marked] == [call.name for call in calls]
    assert sum(len(call.readings) >= 2 for call in marked) >= 120
    assert all(len(call.readings) >= 2 for call in marked if call.held_out and not call.is_long)


def test_every_file_is_in_the_index_and_the_other_way_round() -> None:
    names = [entry["id"] for entry in json.loads((DATA / "index.json").read_text("utf-8"))]
    assert len(set(names)) == len(names)
    assert {path.stem for path in (DATA / "calls").glob("*.json")} == set(names)
    assert {path.stem for path in (DATA / "marks").glob("*/*.txt")} == set(names)
    assert set(json.loads((DATA / "intents.json").read_text("utf-8"))) == set(names)


def test_calls_differ_as_their_card_says() -> None:
    calls = labelled_calls()
    assert len({call.industry for call in calls}) >= 12
    styles = Counter(call.style for call in calls)
    assert styles["unpunctuated"] >= len(calls) / 4
    assert {call.writer for call in calls if call.held_out} == set(HELD_OUT_WRITERS)
    assert len({call.writer for call in calls}) >= 8
    texts = [" ".join(turn.text for turn in call.transcript.turns) for call in calls]
    for call, text in zip(calls, texts, strict=True):
        least, most = (2500, 6000) if call.is_long else (400, 2200 if call.sort != "varied" else 2500)
        assert least <= len(text.split()) <= most, call.name
    assert len([call for call in calls if call.is_long]) == 81
    for call, text in zip(calls, texts, strict=True):
        if call.style == "unpunctuated":
            assert not set(re.sub(r"(?<=\d)[.,](?=\d)", "", text)) & set(".,?!"), call.name


def test_a_call_without_punctuation_keeps_its_words_in_their_places() -> None:
    for call in labelled_calls()[:12]:
        plain = without_punctuation(call.transcript)
        for before, after in zip(call.transcript.turns, plain.turns, strict=True):
            assert len(before.words) == len(after.words)
            assert stripped(after.text).replace("-", "") == stripped(before.text).replace("-", "").replace(
                "  ", " "
            ) or before.text.count("-")


def test_a_call_is_a_file_that_the_product_reads() -> None:
    path = sorted((DATA / "calls").glob("*.json"))[0]
    transcript = read_transcript(path)
    assert {"rep", "buyer"} <= set(transcript.speakers)
