"""A worker on real calls: what is stored, what survives faults, cancelling and deletion."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models.audio import NoSpace
from models.transcripts import read_transcript
from service.analysis import analyse, hear
from service.calls import perform, tasks
from service.calls.perform import Made, Models, Sound, Task, Tell
from service.cli import _framework
from service.result import SourcePart, recording_source, result
from service.settings import Settings
from tests.service.calls.working import TEXT, drain, recorded, scorings, stages, state, written
from tests.service.people import People

DONE = dict.fromkeys(("decode", "recognise", "diarise", "annotate", "score"), "done")
Perform = Callable[[str, Task, Sound, Models, Tell], Made]


def test_a_written_call_becomes_what_the_command_line_makes_of_it(
    people: People, settings: Settings, database_url: str, tmp_path: Path
) -> None:

    call, _ = written(people)
    drain(settings, database_url)
    assert state(people, call) == "done"
    assert stages(people, call) == DONE
    [(document, number)] = people.sql("select document, number from scoring where call_id = %s", call)
    path = tmp_path / "call.txt"
    path.write_text(TEXT)
    transcript = read_transcript(path)
    framework = _framework("default")
    source = SourcePart(
        name="call.txt", kind="transcript", sha256=document["source"]["sha256"], duration=transcript.duration
    )
    expected = result(source, analyse(transcript, framework), transcript, framework)
    assert number == 1
    assert document == json.loads(json.dumps(expected.model_dump(mode="json", by_alias=True)))
    drafts = dict(people.sql("select dimension, value from draft where call_id = %s", call))
    assert drafts == {score["dimension"]: score["value"] for score in document["scorecard"]["scores"]}
    assert people.sql("select count(*) from passage where call_id = %s", call) == [(6,)]
    found = people.sql("select label, quote from finding where call_id = %s order by position", call)
    assert found == [(item["label"], item["quote"]) for item in document["evidence"]]


def test_a_recorded_call_keeps_every_stage_with_its_version_and_cost(
    people: People, settings: Settings, database_url: str, clinic: Path
) -> None:

    call, _ = recorded(people, settings, clinic)
    drain(settings, database_url)
    rows = people.sql(
        "select name, state, version, clock_seconds, processor_seconds from stage where call_id = %s", call
    )
    assert {name for name, *_ in rows} == set(DONE)
    assert all(state == "done" and version and clock >= 0 for _, state, version, clock, _ in rows)
    [(document,)] = people.sql("select document from scoring where call_id = %s", call)
    models = Models(settings)
    heard = hear(clinic, models.recogniser)
    framework = _framework("default")
    analysis = analyse(heard.transcript, framework, versions=heard.versions, warnings=heard.warnings)
    expected = result(recording_source(heard.recording), analysis, heard.transcript, framework)
    assert document == json.loads(json.dumps(expected.model_dump(mode="json", by_alias=True)))
    [(seconds,)] = people.sql("select seconds from call where id = %s", call)
    assert seconds == pytest.approx(33.0, abs=0.1)
    assert list((settings.data / "work").iterdir()) == []


def test_what_is_wrong_with_a_file_is_told_at_once(
    people: People, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    broken = tmp_path / "call.wav"
    broken.write_bytes(b"this is no sound" * 100)
    call, _ = recorded(people, settings, broken)
    drain(settings, database_url)
    [(found, reason)] = people.sql("select state, reason from call where id = %s", call)
    assert found == "failed"
    assert reason.startswith("call.wav: ")
    assert people.sql("select attempts from stage where call_id = %s and name = 'decode'", call) == [(1,)]


def test_a_passing_fault_is_tried_again_and_then_told(
    people: People, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = perform.perform, [0]

    def full(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
        if stage == "annotate":
            faults[0] += 1
            raise NoSpace("the disk is full; make room")
        return real(stage, task, sound, models, tell)

    monkeypatch.setattr(tasks, "perform", full)
    monkeypatch.setattr(tasks, "FIRST_WAIT", 0)
    call, _ = written(people)
    drain(settings, database_url)
    [(found, reason)] = people.sql("select state, reason from call where id = %s", call)
    assert (found, reason) == ("failed", "the disk is full; make room")
    assert faults[0] == settings.job_attempts
    assert stages(people, call) == {**DONE, "annotate": "failed", "score": "waiting"}


def test_a_fault_that_passes_costs_nothing_that_was_done(
    people: People, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = perform.perform, list[str]()

    def once(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
        done.append(stage)
        if done.count("annotate") == 1 and stage == "annotate":
            raise ZeroDivisionError("our own fault")
        return real(stage, task, sound, models, tell)

    monkeypatch.setattr(tasks, "perform", once)
    monkeypatch.setattr(tasks, "FIRST_WAIT", 0)
    call, _ = written(people)
    drain(settings, database_url)
    assert state(people, call) == "done"
    assert done == ["decode", "recognise", "diarise", "annotate", "annotate", "score"]
    assert scorings(people, call) == [(1, 1)]


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_cancelling_and_deleting_stop_a_job_that_is_on_its_way(
    people: People, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    real, reached = perform.perform, list[str]()

    def slow(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
        reached.append(stage)
        if stage == "annotate":
            if how == "cancelled":
                people.sql("update call set state = 'cancelled' where id = %s", call)
            else:
                people.sql("delete from call where id = %s", call)
            while True:
                tell(0.5)
        return real(stage, task, sound, models, tell)

    monkeypatch.setattr(tasks, "perform", slow)
    monkeypatch.setattr(tasks, "TELL_EVERY", 0.01)
    call, _ = written(people)
    drain(settings, database_url, seconds=30)
    assert reached[-1] == "annotate"
    assert scorings(people, call) == []
    assert people.sql("select state from call where id = %s", call) == (
        [("cancelled",)] if how == "cancelled" else []
    )


def test_a_worker_that_stops_leaves_its_stage_to_the_next_without_a_strike(
    people: People, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reached = perform.perform, list[str]()

    def slow(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
        reached.append(stage)
        while stage == "annotate":
            tell(0.5)
        return real(stage, task, sound, models, tell)

    monkeypatch.setattr(tasks, "perform", slow)
    call, _ = written(people)
    drain(settings, database_url, until=lambda: "annotate" in reached)
    assert people.sql("select state, attempts from stage where call_id = %s and name = 'annotate'", call) == [
        ("waiting", 0)
    ]
    assert state(people, call) == "queued"
    monkeypatch.setattr(tasks, "perform", real)
    drain(settings, database_url)
    assert scorings(people, call) == [(1, 1)]


def test_a_worker_that_was_taken_for_dead_stores_nothing(
    people: People, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = perform.perform, [0]

    def overtaken(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
        made = real(stage, task, sound, models, tell)
        if stage == "score":
            times[0] += 1
            people.sql("update stage set started_at = now() where call_id = %s and name = 'score'", call)
        return made

    monkeypatch.setattr(tasks, "perform", overtaken)
    call, _ = written(people)
    drain(settings, database_url)
    assert times == [1]
    assert scorings(people, call) == []
    assert stages(people, call)["score"] == "running"
