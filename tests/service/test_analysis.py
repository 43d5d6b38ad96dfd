"""The path of a call: what is handed on, what is doubted, and what is held back."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.audio import Audio
from models.call import Transcript, Turn, Word
from models.errors import CallError, UnreadableAudio
from models.framework import load_framework
from models.recogniser import Progress, Recognition
from service.analysis import STAGES, analyse, hear
from tests.audio_files import turn_taking, write_recording
from tests.factories import transcript, words

CALL = (
    ("Anna", "Hi Tom, thanks for making time today. How do you book patients at the clinic?"),
    ("Tom", "By hand. It takes us two hours a day and we lose about nine hundred pounds a month."),
    ("Anna", "What happens when the front desk is busy? And who else would decide on this with you?"),
    ("Tom", "It goes to voicemail. My partner Lena would have to agree, and it has to fit the budget."),
    ("Anna", "I'll send you the pricing tomorrow, and let's meet on Friday at ten with Lena."),
    ("Tom", "Friday at ten works."),
)


class Listener:
    """A recogniser that hears the same words in every recording."""

    version = "listener-1"

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.asked: list[str | None] = []

    def recognise(
        self, audio: Audio, *, language: str | None = None, progress: Progress | None = None
    ) -> Recognition:
        self.asked.append(language)
        for share in (0.5, 1.0):
            if progress is not None:
                progress(share)
        said = tuple(replace(word, probability=0.9) for word in words("Good morning how are you", 0.2))
        other = tuple(Word(w.start, w.end, w.text, 0.9) for w in words("Fine thanks", 3.2))
        return Recognition(language or self.language, 0.9, (said, other)[: audio.channels], 2.8)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "call.wav", turn_taking(8.0))


def test_a_recording_becomes_turns_with_all_that_made_them(recording: Path) -> None:
    seen: list[tuple[str, float]] = []
    heard = hear(recording, Listener, progress=lambda stage, share: seen.append((stage, share)))
    assert heard.recording.name == "call.wav"
    assert (heard.recording.layout, heard.recording.channels) == ("stereo", 2)
    assert heard.transcript.duration == heard.recording.duration == pytest.approx(8.0, abs=0.01)
    assert [turn.speaker for turn in heard.transcript.turns] == ["left", "right"]
    assert set(heard.versions) == {"decoder", "recogniser", "diariser"}
    assert heard.versions["recogniser"] == "listener-1"
    assert list(dict.fromkeys(stage for stage, _ in seen)) == list(STAGES[:3])
    for stage in STAGES[:3]:
        shares = [share for name, share in seen if name == stage]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)


def test_a_channel_that_is_not_there_is_refused_before_the_words(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "mono.wav", turn_taking(8.0)[:1])

    def load() -> Listener:
        raise AssertionError("loading takes seconds")

    with pytest.raises(CallError, match=r"mono.wav: the recording is mono, there is no left channel"):
        hear(path, load, rep="left")


def test_a_language_that_is_not_certain_is_marked(recording: Path) -> None:
    class Guessing(Listener):
        def recognise(self, *arguments: Any, **options: Any) -> Recognition:
            return replace(super().recognise(*arguments, **options), language="ja", language_probability=0.3)

    [warning] = hear(recording, Guessing).warnings
    assert "not certain that the language is 'ja'" in warning


def test_the_model_is_loaded_only_for_what_can_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "call.mp3"
    broken.write_text("this is no sound")

    def load() -> Listener:
        raise AssertionError("loading takes seconds")

    with pytest.raises(UnreadableAudio, match=r"call\.mp3"):
        hear(broken, load)


def test_the_language_asked_for_is_the_one_listened_for(recording: Path) -> None:
    listener = Listener()
    assert hear(recording, lambda: listener, language="de").transcript.language == "de"
    assert listener.asked == ["de"]


def test_evidence_is_sorted_and_every_version_is_named() -> None:
    made = analyse(
        transcript(*CALL), load_framework(), versions={"recogniser": "listener-1"}, warnings=("w",)
    )
    places = [(item.turn, item.start) for item in made.evidence]
    assert places == sorted(places)
    assert {"question", "next_step"} <= {item.label for item in made.evidence}
    assert {"ridealong", "recogniser", "roles", "annotators", "language_model", "framework", "scorer"} == set(
        made.versions
    )
    assert made.warnings[0] == "w"
    assert made == analyse(
        transcript(*CALL), load_framework(), versions={"recogniser": "listener-1"}, warnings=("w",)
    )


def test_the_rep_is_who_the_user_says() -> None:
    made = analyse(transcript(*CALL), load_framework(), rep="Tom")
    assert (made.rep.speaker, made.rep.method, made.rep.sure) == ("Tom", "option", True)
    assert [turn.speaker for turn in made.transcript.turns] == ["buyer", "rep"] * 3
    with pytest.raises(CallError, match="'Nobody'; choose one of Anna, Tom"):
        analyse(transcript(*CALL), load_framework(), rep="Nobody")


def test_a_meeting_of_many_is_not_read_as_a_sales_call() -> None:
    lines = [
        ("Ann", "When does the board meet?"),
        ("Ben", "In May."),
        ("Cleo", "Right."),
        ("Dan", "Okay then."),
    ]
    found = analyse(transcript(*lines), load_framework())
    assert [item.attributes["form"] for item in found.evidence if item.label == "question"] == ["open"]
    told = analyse(transcript(*lines), load_framework(), rep="Ann")
    assert [item.attributes["form"] for item in told.evidence if item.label == "question"] == ["closed"]


def test_a_doubt_about_the_rep_is_told_and_withholds_scores() -> None:
    vague = transcript(("A", "Yes. That was nice."), ("B", "Yes. It was. Fine."))
    made = analyse(vague, load_framework())
    assert not made.rep.sure
    assert any("name the rep with --rep" in warning for warning in made.warnings)
    assert all(score.value is None and score.reason for score in made.scorecard.scores)


@pytest.mark.parametrize("language", ["de", "fr", "cy", "enm"])
def test_a_call_in_another_language_has_no_draft(language: str) -> None:
    made = analyse(transcript(*CALL, language=language), load_framework())
    assert all(score.value is None for score in made.scorecard.scores)
    assert all(f"not in English ({language})" in (score.reason or "") for score in made.scorecard.scores)
    assert not {"question", "next_step"} & {item.label for item in made.evidence}


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_us", "English", "eng", ""])
def test_english_goes_by_many_names(language: str) -> None:
    made = analyse(transcript(*CALL, language=language), load_framework())
    assert any(score.value is not None for score in made.scorecard.scores)


def test_dates_are_counted_from_the_day_of_the_call() -> None:
    made = analyse(transcript(*CALL), load_framework(), call_date=dt.date(2026, 3, 2))
    dates = {item.attributes.get("date") for item in made.evidence if item.label == "next_step"}
    assert "2026-03-06" in dates


def test_empty_turns_keep_their_number() -> None:
    call = transcript(*CALL)
    empty = Turn("Tom", ())
    spaced = Transcript(
        "en", None, (empty, *(piece for turn in call.turns for piece in (turn, Turn("Anna", ()))))
    )
    plain, wide = analyse(call, load_framework()), analyse(spaced, load_framework())
    assert len(wide.transcript.turns) == len(spaced.turns)
    found = [(item.label, 1 + 2 * item.turn, item.start, item.stop) for item in plain.evidence]
    assert [(item.label, item.turn, item.start, item.stop) for item in wide.evidence] == found


def test_a_transcript_that_does_not_read_as_english_has_no_draft() -> None:
    said = "Wie machen Sie das heute und was kostet Sie das im Monat? Das ist mir ehrlich gesagt zu teuer."
    call = replace(transcript(("rep", said), ("buyer", said), ("rep", said)), language=None)
    analysis = analyse(call, load_framework())
    assert all(score.value is None for score in analysis.scorecard.scores)
    assert all("not in English" in (score.reason or "") for score in analysis.scorecard.scores)
