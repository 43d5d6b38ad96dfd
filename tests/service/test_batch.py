"""Which files an argument means, what becomes of one that fails, and results that appear whole."""

import itertools
import json
import os
from pathlib import Path

import pytest

from models.errors import CallError, ModelMissing, NoSpeech
from models.framework import load_framework
from service.analysis import analyse
from service.batch import RECORDINGS, TRANSCRIPTS, Item, OutputError, collect, prepare, process, write
from service.result import Result, SourcePart, result
from tests.factories import transcript

TOO_LONG = "x" * 300


@pytest.fixture(scope="module")
def made() -> Result:
    call = transcript(("rep", "How do you book patients today?"), ("buyer", "By hand, mostly."))
    framework = load_framework()
    source = SourcePart(name="call.txt", kind="transcript", sha256="0" * 64)
    return result(source, analyse(call, framework), call, framework)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")


def collected(*paths: Path, suffixes: frozenset[str] = RECORDINGS) -> list[Item]:
    items = list(collect(paths, suffixes))
    assert not [item for item in items if isinstance(item, CallError)]
    return [item for item in items if isinstance(item, Item)]


def test_a_folder_gives_its_recordings_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP3", "a.wav", "deep/c.opus", "notes.txt", "._a.wav", ".hidden.wav", "folder.wav/x")
    items = collected(tmp_path)
    assert [str(item.path.relative_to(tmp_path)) for item in items] == ["a.wav", "b.MP3", "deep/c.opus"]
    assert [str(item.output) for item in items] == ["a.wav.json", "b.MP3.json", "deep/c.opus.json"]


def test_a_named_file_is_taken_whatever_its_suffix_and_only_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "call.recording")
    items = collected(tmp_path / "call.recording", tmp_path, tmp_path / "a.wav")
    assert [item.path.name for item in items] == ["call.recording", "a.wav"]


def test_files_of_one_name_do_not_overwrite_each_others_results(tmp_path: Path) -> None:
    touch(tmp_path, "mon/call.wav", "tue/call.wav", "wed/call.wav")
    items = collected(tmp_path / "mon", tmp_path / "tue", tmp_path / "wed" / "call.wav")
    assert len({item.output for item in items}) == 3


def test_an_empty_folder_is_one_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    [error] = collect([tmp_path / "calls"], TRANSCRIPTS)
    assert isinstance(error, CallError)
    assert str(error).startswith("calls: no file in this folder ends in one of .json")


def test_a_name_no_file_system_takes_is_left_to_who_opens_it() -> None:
    [item] = collected(Path(TOO_LONG))
    assert item.path == Path(TOO_LONG)


def test_one_failure_keeps_no_other_file_from_its_result(made: Result) -> None:
    items = [Item(Path(name), Path(name)) for name in ("good", "silent", "better", "unnamed", "model")]
    errors = {
        "silent": NoSpeech("silent: nobody speaks in it"),
        "unnamed": CallError("No speaker is called 'left'."),
        "model": ModelMissing("the weights are not installed"),
    }

    def work(path: Path) -> Result:
        if path.name in errors:
            raise errors[path.name]
        return made

    done: list[str] = []
    failed: list[str] = []
    clean = process(
        [*items, CallError("empty: no file")],
        work,
        lambda item, _: done.append(item.path.name),
        failed.append,
    )
    assert not clean
    assert done == ["good", "better"]
    assert failed == [
        "silent: nobody speaks in it",
        "unnamed: No speaker is called 'left'.",
        "the weights are not installed",
        "empty: no file",
    ]
    assert process(items[:1], work, lambda _item, _result: None, failed.append)


def test_a_result_is_written_whole_and_readable(made: Result, tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "call.json"
    write(made, target)
    assert json.loads(target.read_text("utf-8"))["schema"] == "ridealong.analysis/1"
    assert target.stat().st_mode & 0o444 == 0o444
    assert [path.name for path in target.parent.iterdir()] == ["call.json"]


def test_a_write_that_fails_leaves_the_old_result_and_no_rubbish(
    made: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "call.json"
    write(made, target)
    before = target.read_bytes()
    full = OSError(28, "No space left on device")
    for failure in (full, KeyboardInterrupt()):

        def fail(*_: object, problem: BaseException = failure) -> None:
            raise problem

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises((OutputError, KeyboardInterrupt)):
            write(made, target)
        assert target.read_bytes() == before
        assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["taken", "taken/below", TOO_LONG])
def test_a_folder_that_cannot_be_written_to_is_refused(made: Result, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").write_text("a file")
    for attempt in (prepare, lambda folder: write(made, folder / "call.json")):
        with pytest.raises(OutputError, match="choose another --out") as error:
            attempt(tmp_path / name)
        assert "\n" not in str(error.value)


def test_the_suffixes_looked_for_do_not_overlap() -> None:
    for one, other in itertools.combinations((RECORDINGS, TRANSCRIPTS), 2):
        assert not one & other
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in one | other)


def test_a_fault_of_ours_on_one_file_costs_no_other(tmp_path: Path, made: Result) -> None:
    items = [Item(tmp_path / name, Path(f"{name}.json")) for name in ("bad.wav", "good.wav")]
    done: list[str] = []
    failed: list[str] = []

    def work(path: Path) -> Result:
        if path.name == "bad.wav":
            raise ZeroDivisionError("of nothing")
        return made

    assert not process(items, work, lambda item, _: done.append(item.path.name), failed.append)
    assert done == ["good.wav"]
    [problem] = failed
    assert "bad.wav: not analysed because of a fault in Ridealong" in problem
    assert "ZeroDivisionError in test_batch.py" in problem
    assert "\n" not in problem
