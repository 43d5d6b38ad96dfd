"""A scorecard for people: it fits their terminal, says what is missing, and prints text as text."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from models.call import Transcript, Turn, Word
from models.framework import load_framework
from models.transcripts import read_transcript
from service.analysis import analyse
from service.result import Result, SourcePart, result
from service.view import clock, show_evidence, show_scorecard
from tests.conftest import ROOT
from tests.factories import transcript, words


def made(call: Transcript, *, name: str = "call.wav", rep: str | None = None, scored: bool = True) -> Result:
    framework = load_framework()
    source = SourcePart(name=name, kind="transcript", sha256="0" * 64, duration=call.duration)
    return result(source, analyse(call, framework, rep=rep), call, framework, scored=scored)


def shown(document: Result, width: int = 80, *, evidence: bool = False) -> str:
    out = io.StringIO()
    (show_evidence if evidence else show_scorecard)(Console(file=out, width=width, highlight=False), document)
    return out.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def sample() -> Result:
    return made(read_transcript(ROOT / "sample_calls" / "discovery-clinic" / "reference.json"))


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("evidence", [False, True])
def test_no_line_is_wider_than_the_terminal(sample: Result, width: int, evidence: bool) -> None:
    lines = shown(sample, width, evidence=evidence).splitlines()
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("width", [40, 80])
def test_every_dimension_and_figure_is_there_whatever_the_width(sample: Result, width: int) -> None:
    text = flat(shown(sample, width))
    assert sample.scorecard is not None
    for score in sample.scorecard.scores:
        assert score.title in text
        if score.value is not None:
            assert "●" * score.value + "○" * (5 - score.value) in text
        if score.advice:
            assert len(score.advice.split()) > 2
    assert "Rep's share of talk" in text
    assert "a person decides" in text


def test_quotes_carry_who_said_them_and_when(sample: Result) -> None:
    text = flat(shown(sample, 200))
    assert sample.scorecard is not None
    quoted = next(score for score in sample.scorecard.scores if score.value is not None and score.evidence)
    item = sample.evidence[quoted.evidence[0]]
    first = " ".join(item.quote.split()[:5])
    assert f"{clock(item.start_time)} {item.speaker}: “{first}" in text


def test_what_was_not_observed_says_so_and_why() -> None:
    document = made(transcript(("rep", "Good morning."), ("buyer", "Good morning to you.")))
    assert document.scorecard is not None
    text = flat(shown(document))
    for score in document.scorecard.scores:
        assert score.value is None
        assert flat(f"{score.title} not scored {score.reason}") in text


def test_warnings_and_doubts_are_shown() -> None:
    document = made(transcript(("A", "Yes. That was nice."), ("B", "Yes. It was. Fine.")))
    for evidence in (False, True):
        text = flat(shown(document, evidence=evidence))
        assert "(unsure)" in text
        assert "! Unsure which speaker is the rep" in text


def test_evidence_without_times_says_which_turn() -> None:
    call = read_transcript(ROOT / "sample_calls" / "discovery-clinic" / "reference.json")
    untimed = transcript(*((turn.speaker, turn.text) for turn in call.turns))
    text = flat(shown(made(untimed)))
    assert re.search(r" turn \d+ rep: “", text)
    assert "0:00" not in text


@pytest.mark.parametrize("evidence", [False, True])
def test_markup_and_control_characters_are_text(evidence: bool) -> None:
    question = "How do you book [bold]patients[/bold] <script>alert(1)</script> \x1b[31mtoday\x1b[0m \x9b2J ?"
    call = Transcript(
        "en",
        60.0,
        (
            Turn("[red]Anna\x1b]0;x\x07", words(f"{question} {question}", 0.0)),
            Turn("Tom", words("By hand, [/] mostly.", 30.0)),
        ),
    )
    document = made(call, name="[link]call\x1b[2J\n.wav", rep="[red]Anna\x1b]0;x\x07")
    text = shown(document, 300, evidence=evidence)
    assert "[red]Anna" in text
    assert "[link]call" in text
    assert not {"\x1b", "\x9b", "\x07"} & set(text)
    if evidence:
        assert "[bold]patients[/bold] <script>alert(1)</script>" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0, "0:00"), (59.99, "0:59"), (61, "1:01"), (3600, "1:00:00"), (36061, "10:01:01")],
)
def test_times_read_like_a_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


def test_a_word_longer_than_the_line_does_no_harm() -> None:
    long = Turn("rep", (Word(None, None, "How"), Word(None, None, "w" * 300), Word(None, None, "today?")))
    for width in (20, 40):
        assert shown(made(Transcript("en", None, (long,))), width)
