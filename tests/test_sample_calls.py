"""The sample calls are whole, agree with themselves, and cover what the product has to cope with."""

import itertools
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

ROOT = Path(__file__).parents[1] / "sample_calls"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/script.toml"))
DIMENSIONS = ["discovery", "value", "objection", "next_step", "presence"]
FLAG = (True, False)
TOPICS = {
    *("situation", "pain", "impact", "decision", "stakeholders", "budget", "timeline"),
    *("current_solution", "success_criteria"),
}
OBJECTIONS = {"price", "timing", "authority", "need", "competitor", "trust", "status_quo", "effort"}
MOVES = {"acknowledge", "clarify", "evidence", "confirm", "argue", "ignore", "concede"}
# Allowed values of each label's attributes; None stands for free text, a turn or a date, checked apart.
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "question": {
        "form": {"open", "closed"},
        "discovery": FLAG,
        "topic": {*TOPICS, None},
        "probing": FLAG,
        "impact": FLAG,
    },
    "next_step": {
        "action": None,
        "owner": {"rep", "buyer", "both"},
        "when": None,
        "date": None,
        "agreed": FLAG,
        "vague": FLAG,
    },
    "outcome": {"quantified": FLAG, "link": None},
    "objection": {"kind": OBJECTIONS, "status": {"resolved", "dropped", "open"}},
    "response": {"move": MOVES},
    **{name: {} for name in ("trial_close", "feature", "story", "roi", "stakeholder", "filler", "hedge")},
    **{name: {} for name in ("agenda", "recap")},
}

every_call = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def read(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return content


def script(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "script.toml").read_text(encoding="utf-8"))


def audio_file(folder: Path) -> Path:
    files = list(folder.glob("audio.*"))
    assert len(files) == 1, f"{folder.name} has {len(files)} audio files"
    return files[0]


@cache
def samples(folder: Path) -> npt.NDArray[np.float32]:
    """(channel, sample) at 16 kHz."""
    with av.open(str(audio_file(folder))) as container:
        stream = container.streams.audio[0]
        layout = "stereo" if stream.channels == 2 else "mono"
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=16_000)
        frames = [piece for frame in container.decode(stream) for piece in resampler.resample(frame)]
        frames.extend(resampler.resample(None))
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def loudness(signal: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(signal))))


def marks(folder: Path, label: str) -> list[dict[str, Any]]:
    return [mark for mark in read(folder, "expected.json")["evidence"] if mark["label"] == label]


@every_call
def test_folder_is_complete(folder: Path) -> None:
    source = (folder / "SOURCE.md").read_text(encoding="utf-8")
    for speaker in read(folder, "reference.json")["speakers"].values():
        assert f"`{speaker['voice']}`" in source
    assert "language model" in source
    assert "Apache-2.0" in source
    assert f"`{folder.name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@every_call
def test_reference_is_the_script(folder: Path) -> None:
    reference = read(folder, "reference.json")
    spoken = [(turn["speaker"], turn["text"]) for turn in reference["turns"]]
    assert spoken == [(line["speaker"], line["text"]) for line in script(folder)["line"]]
    assert {speaker for speaker, _ in spoken} == set(reference["speakers"])


@every_call
def test_times_rise_and_lie_inside_the_audio(folder: Path) -> None:
    turns = read(folder, "reference.json")["turns"]
    starts = [turn["start"] for turn in turns]
    assert starts == sorted(starts)
    assert all(turn["start"] < turn["end"] for turn in turns)
    assert max(turn["end"] for turn in turns) <= samples(folder).shape[1] / 16_000
    for speaker in {turn["speaker"] for turn in turns}:
        own = [turn for turn in turns if turn["speaker"] == speaker]
        assert all(before["end"] <= after["start"] for before, after in itertools.pairwise(own))


@every_call
def test_each_turn_is_heard_where_the_reference_puts_it(folder: Path) -> None:
    sound = samples(folder)
    quiet = loudness(sound[:, : int(0.3 * 16_000)])
    for turn in read(folder, "reference.json")["turns"]:
        piece = sound[:, int(turn["start"] * 16_000) : int(turn["end"] * 16_000)]
        own = loudness(piece[turn["channel"] or 0])
        assert own > 2 * quiet, turn["text"]


@every_call
def test_stereo_keeps_the_speakers_apart(folder: Path) -> None:
    sound = samples(folder)
    reference = read(folder, "reference.json")
    channels = {speaker["channel"] for speaker in reference["speakers"].values()}
    assert channels == ({0, 1} if len(sound) == 2 else {None})
    if len(sound) == 1:
        return
    turns = reference["turns"]
    for before, turn, after in zip(turns, turns[1:], turns[2:], strict=False):
        if before["end"] > turn["start"] or after["start"] < turn["end"] or turn["end"] - turn["start"] < 1:
            continue
        piece = sound[:, int(turn["start"] * 16_000) : int(turn["end"] * 16_000)]
        assert loudness(piece[turn["channel"]]) > 5 * loudness(piece[1 - turn["channel"]]), turn["text"]


@every_call
def test_telephone_calls_carry_the_telephone_band_only(folder: Path) -> None:
    spectrum = np.abs(np.fft.rfft(samples(folder)[0])) ** 2
    above = spectrum[int(len(spectrum) * 3_800 / 8_000) :].sum() / spectrum.sum()
    assert (above < 1e-3) == (script(folder)["band"] == "telephone")


@every_call
def test_quotes_are_the_words_of_their_turn(folder: Path) -> None:
    turns = read(folder, "reference.json")["turns"]
    evidence = read(folder, "expected.json")["evidence"]
    assert evidence
    for mark in evidence:
        text = turns[mark["turn"]]["text"]
        same = [other for other in evidence if other == mark]
        assert mark["quote"]
        assert text.count(mark["quote"]) >= len(same), f"{mark['quote']!r} is not in {text!r}"


@every_call
def test_marks_use_the_annotators_vocabulary(folder: Path) -> None:
    reference = read(folder, "reference.json")
    for mark in read(folder, "expected.json")["evidence"]:
        allowed = ATTRIBUTES[mark["label"]]
        assert set(mark) == {"label", "turn", "quote", "attributes"}
        assert set(mark["attributes"]) == set(allowed)
        for name, value in mark["attributes"].items():
            assert allowed[name] is None or value in allowed[name], mark
        said_by_rep = reference["turns"][mark["turn"]]["speaker"] == "rep"
        if mark["label"] in {"feature", "outcome", "story", "roi", "response", "hedge", "agenda"}:
            assert said_by_rep, mark
        if mark["label"] == "objection":
            assert not said_by_rep, mark
        if mark["label"] == "question" and mark["attributes"]["discovery"]:
            assert said_by_rep, mark
            assert mark["attributes"]["topic"], mark


@every_call
def test_outcomes_link_to_something_the_buyer_said_before(folder: Path) -> None:
    turns = read(folder, "reference.json")["turns"]
    for mark in marks(folder, "outcome"):
        link = mark["attributes"]["link"]
        assert link is None or (link < mark["turn"] and turns[link]["speaker"] != "rep")


@every_call
def test_next_steps_say_who_and_when_unless_vague(folder: Path) -> None:
    day_of_call = read(folder, "reference.json")["date"]
    for mark in marks(folder, "next_step"):
        step = mark["attributes"]
        assert step["action"]
        assert step["date"] is None or day_of_call <= step["date"] <= "2026-12-31"
        assert not (step["vague"] and step["date"])


@every_call
def test_scores_are_whole_numbers_or_not_observed_with_a_reason(folder: Path) -> None:
    scores = read(folder, "expected.json")["scores"]
    assert list(scores) == DIMENSIONS
    for score in scores.values():
        assert score["value"] in (None, 1, 2, 3, 4, 5)
        assert len(score["reason"]) > 30


@every_call
def test_scores_meet_the_must_haves_of_the_rubric(folder: Path) -> None:
    value = {name: score["value"] for name, score in read(folder, "expected.json")["scores"].items()}
    steps = [mark["attributes"] for mark in marks(folder, "next_step")]
    outcomes = [mark["attributes"] for mark in marks(folder, "outcome")]
    questions = [mark for mark in marks(folder, "question") if mark["attributes"]["discovery"]]
    assert (value["objection"] is None) == (not marks(folder, "objection"))
    if (value["next_step"] or 0) >= 4:
        assert any(step["agreed"] and step["date"] and not step["vague"] for step in steps)
    if value["next_step"] == 1:
        assert not steps
    if (value["discovery"] or 0) >= 4:
        assert sum(mark["attributes"]["probing"] for mark in questions) >= 5
    if value["discovery"] in (None, 1):
        assert len(questions) <= 1
    if value["value"] == 5:
        assert any(outcome["quantified"] and outcome["link"] is not None for outcome in outcomes)
    if value["objection"] == 5:
        assert any(mark["attributes"]["move"] == "confirm" for mark in marks(folder, "response"))


def test_the_set_fits_in_a_repository() -> None:
    assert sum(audio_file(folder).stat().st_size for folder in FOLDERS) < 12_000_000


def test_the_set_covers_what_calls_come_as() -> None:
    scripts = {folder.name: script(folder) for folder in FOLDERS}
    lengths = {folder.name: samples(folder).shape[1] / 16_000 for folder in FOLDERS}
    assert len(scripts) >= 8
    assert all(115 <= seconds <= 300 for seconds in lengths.values()), lengths
    forms = {(content["layout"], content["band"]) for content in scripts.values()}
    assert forms == {(layout, band) for layout in ("stereo", "mono") for band in ("wide", "telephone")}
    stereo = [content for content in scripts.values() if content["layout"] == "stereo"]
    assert {content["speakers"]["rep"]["channel"] for content in stereo} == {0, 1}
    assert {audio_file(folder).suffix for folder in FOLDERS} == {".opus", ".flac", ".wav"}
    assert any(len(content["speakers"]) == 3 for content in scripts.values())
    assert any(content["kind"] == "practice" for content in scripts.values())
    assert any(not marks(folder, "objection") for folder in FOLDERS)
    assert any(not marks(folder, "next_step") for folder in FOLDERS)


def test_the_set_holds_enough_fillers_and_overlaps_to_measure_them() -> None:
    assert sum(len(marks(folder, "filler")) >= 8 for folder in FOLDERS) >= 4
    turns = {folder.name: read(folder, "reference.json")["turns"] for folder in FOLDERS}
    overlapping = {
        name
        for name, call in turns.items()
        for before, after in itertools.pairwise(call)
        if after["start"] < before["end"]
    }
    assert len(overlapping) >= 4


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_quality_varies_within_each_dimension(dimension: str) -> None:
    values = {read(folder, "expected.json")["scores"][dimension]["value"] for folder in FOLDERS} - {None}
    assert min(values) <= 2
    assert max(values) >= 4
    assert len(values) >= 4
