"""The command line, as people and scripts meet it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import jsonschema
import numpy as np
import pytest

from service.result import schema
from tests.audio_files import write_recording
from tests.conftest import CLINIC, ROOT, sample_sound
from tests.fakes import SAMPLE_RATE
from tests.service.command import Outcome, Run

COMMAND = Path(sys.executable).with_name("ridealong")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two voices, one a channel, in four seconds."""
    sound = sample_sound(CLINIC.name, 17.5)[:, round(13.5 * SAMPLE_RATE) :]
    return write_recording(tmp_path_factory.mktemp("short") / "short.wav", sound)


class Analysed(NamedTuple):
    outcome: Outcome
    folder: Path


@pytest.fixture(scope="module")
def analysed(clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """A good recording between two bad ones, through the installed command."""
    folder = tmp_path_factory.mktemp("analysed")
    text = folder / "letter.mp3"
    text.write_text("Dear Sir or Madam")
    silent = write_recording(folder / "silent.wav", np.zeros(3 * SAMPLE_RATE))
    ran = subprocess.run(
        [COMMAND, "analyze", text, clinic, silent, "--json", "--out", folder / "out", "--date", "2026-03-03"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Analysed(Outcome(ran.returncode, ran.stdout, ran.stderr), folder)


def test_a_recording_becomes_a_valid_document(analysed: Analysed) -> None:
    [document] = analysed.outcome.documents
    jsonschema.validate(document, schema())
    assert document["source"]["name"] == "clinic.wav"
    assert document["source"]["layout"] == "stereo"
    assert [speaker["label"] for speaker in document["speakers"]] == ["left", "right"]
    assert document["transcript"]["language"] == "en"
    assert "front desk" in " ".join(turn["text"] for turn in document["transcript"]["turns"])


def test_quotes_and_times_are_those_of_the_words(analysed: Analysed) -> None:
    [document] = analysed.outcome.documents
    assert document["evidence"]
    for item in document["evidence"]:
        words = document["transcript"]["turns"][item["turn"]]["words"][item["start"] : item["stop"]]
        assert item["quote"] == " ".join(word["text"] for word in words)
        assert (item["start_time"], item["end_time"]) == (words[0]["start"], words[-1]["end"])
        assert 0 <= item["start_time"] <= item["end_time"] <= document["source"]["duration"]


def test_bad_files_are_one_line_each_and_keep_no_good_one_back(analysed: Analysed) -> None:
    assert analysed.outcome.status == 2
    letter, silent = analysed.outcome.complaints
    assert letter.startswith("letter.mp3: ")
    assert silent == "silent.wav: nobody speaks in it; check that it is the right recording"


def test_results_are_written_beside_being_printed(analysed: Analysed) -> None:
    [written] = (analysed.folder / "out").iterdir()
    assert written.name == "clinic.wav.json"
    assert [json.loads(written.read_text("utf-8"))] == analysed.outcome.documents


def test_the_same_recording_gives_the_same_bytes(analysed: Analysed, ridealong: Run, clinic: Path) -> None:
    again = ridealong("analyze", clinic, "--json", "--date", "2026-03-03")
    assert again == Outcome(0, analysed.outcome.out, "")


def test_a_result_can_be_scored_again(analysed: Analysed, ridealong: Run) -> None:
    before = analysed.outcome.documents[0]
    [after] = ridealong("score", analysed.folder / "out", "--date", "2026-03-03").documents
    values = [[score["value"] for score in made["scorecard"]["scores"]] for made in (before, after)]
    assert values[0] == values[1]
    assert [item["quote"] for item in before["evidence"]] == [item["quote"] for item in after["evidence"]]


@pytest.mark.parametrize(("rep", "words"), [("left", "work?"), ("right", "fine.")])
def test_the_rep_is_the_channel_named(ridealong: Run, short: Path, rep: str, words: str) -> None:
    [document] = ridealong("analyze", short, "--json", "--model", "tiny.en", "--rep", rep).documents
    assert document["rep"] == {"label": rep, "confidence": 1.0, "method": "option", "sure": True}
    said = " ".join(turn["text"] for turn in document["transcript"]["turns"] if turn["speaker"] == "rep")
    assert words in said


def test_a_scorecard_is_printed_for_people(ridealong: Run, short: Path) -> None:
    made = ridealong("analyze", short, "--model", "tiny.en", "--device", "cpu", "--threads", "1")
    assert made.status == 0
    assert "short.wav" in made.out
    assert made.out.count("not scored") == made.out.count("The rep says too little to be judged") == 5
    assert made.err == ""


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--rep", "nonsense"), "short.wav: No speaker is called 'nonsense'; choose one of left, right."),
        (("--model", "nonsense"), "no Whisper model named 'nonsense'"),
        (("--framework", "nonsense"), "No framework 'nonsense': give one of default, donor"),
        (("--language", "nonsense"), "does not know the language 'nonsense'"),
    ],
)
def test_a_wrong_option_is_one_line(
    ridealong: Run, short: Path, options: tuple[str, str], complaint: str
) -> None:
    refused = ridealong("analyze", short, "--model", "tiny.en", *options)
    assert refused.status == 2
    [line] = refused.complaints
    assert complaint in line


@pytest.mark.parametrize(
    "options", [("--date", "03/03/2026"), ("--device", "gpu"), ("--threads", "0"), ("--nonsense",)]
)
def test_an_option_that_is_none_is_explained(ridealong: Run, short: Path, options: tuple[str, ...]) -> None:
    refused = ridealong("analyze", short, *options)
    assert refused.status == 2
    assert options[0] in refused.err
    assert "Traceback" not in refused.err


def test_an_output_folder_that_cannot_be_is_refused_before_the_work(
    ridealong: Run, short: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    refused = ridealong("analyze", short, "--model", "not-even-loaded", "--out", tmp_path / "taken")
    assert refused.status == 2
    assert refused.complaints == ["taken: can't be written (File exists); choose another --out"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gone.wav", "there is no such file"),
        ("empty", "no file in this folder"),
        ("x" * 300, "can't be opened"),
        ("two\nlines\x1b[2J.wav", "there is no such file"),
        ("\udcff.wav", "there is no such file"),
    ],
)
def test_what_is_not_there_is_one_line(ridealong: Run, tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    refused = ridealong("analyze", tmp_path / name)
    assert refused.status == 2
    [line] = refused.complaints
    assert problem in line
    assert line.isprintable()


def test_help_and_version(ridealong: Run) -> None:
    assert ridealong("--version").out.startswith("ridealong 0.")
    for command in ("analyze", "score", "annotate", "doctor", "schema"):
        assert command in ridealong("--help").out
        assert ridealong(command, "--help").status == 0
    assert json.loads(ridealong("schema").out) == schema()


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, check=False, env={**os.environ, **environment}
    )


def test_json_is_utf_8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    name = tmp_path / os.fsdecode("café\udcff.txt".encode("utf-8", "surrogateescape"))
    name.write_text("Zoë: How do you book patients — today?\nTom: By hand…\n", "utf-8")
    made = command("annotate", name, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert made.returncode == 0, made.stderr
    document = json.loads(made.stdout.decode("utf-8"))
    assert {speaker["label"] for speaker in document["speakers"]} == {"Zoë", "Tom"}


def test_help_needs_no_model() -> None:
    probe = (
        "import sys\nfrom service.cli import main\nsys.argv = ['ridealong', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'faster_whisper', 'ctranslate2', 'spacy', 'onnxruntime', 'sklearn', 'av'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr


def test_ctrl_c_stops_with_a_word_and_leaves_nothing_behind(tmp_path: Path) -> None:
    [call] = CLINIC.glob("audio.*")
    # A shell's background job ignores Ctrl-C, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [COMMAND, "analyze", call, call.parent, "--json", "--out", tmp_path / "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    signal.signal(signal.SIGINT, before)
    limit = time.monotonic() + 30
    while not (tmp_path / "out").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(1.0)  # into the work
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert (out, err.splitlines()[-1]) == ("", "ridealong: stopped")
    assert "Traceback" not in err
    assert list((tmp_path / "out").iterdir()) == []


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Anna: How do you book patients?\nTom: By hand.\n")
    with subprocess.Popen(
        [COMMAND, "score", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert isinstance(running.stdout, io.BufferedReader)
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read().decode() == ""
