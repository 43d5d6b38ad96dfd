import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.call import Transcript, Turn, Word
from models.errors import UnreadableTranscript
from models.transcripts import call_date, read_transcript, transcript_to_json

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(folder: Path, content: str | bytes, name: str = "call.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableTranscript) as caught:
        read_transcript(path)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    return message


# JSON


def test_turns_are_kept_as_they_are_even_empty_and_adjacent_ones(tmp_path: Path) -> None:
    turns = [("rep", "Good  morning."), ("rep", "Hello?"), ("buyer", ""), ("buyer", "Hi")]
    values = {"turns": [{"speaker": speaker, "text": text} for speaker, text in turns]}
    transcript = read_transcript(written(tmp_path, json.dumps(values)))
    assert said(transcript) == [("rep", "Good morning."), ("rep", "Hello?"), ("buyer", ""), ("buyer", "Hi")]
    assert transcript.turns[0].words == (Word(None, None, "Good"), Word(None, None, "morning."))


def test_times_of_a_turn_are_shared_among_its_words_by_their_characters(tmp_path: Path) -> None:
    values = {"turns": [{"speaker": "rep", "text": "ab cdef", "start": 1.0, "end": 4.0}], "language": "en"}
    transcript = read_transcript(written(tmp_path, json.dumps(values)))
    assert transcript.language == "en"
    assert transcript.turns[0].words == (Word(1.0, 2.0, "ab"), Word(2.0, 4.0, "cdef"))


def test_a_result_of_ours_is_read_for_its_transcript_and_its_date(tmp_path: Path) -> None:
    word = {"start": 0.5, "end": 0.75, "text": "Hello", "probability": 0.5}
    inner = {"duration": 9.5, "turns": [{"speaker": "rep", "text": "Hello", "words": [word]}]}
    path = written(tmp_path, json.dumps({"schema": 1, "date": "2025-03-31T10:00:00", "transcript": inner}))
    assert read_transcript(path) == Transcript(None, 9.5, (Turn("rep", (Word(0.5, 0.75, "Hello", 0.5),)),))
    assert call_date(path) == date(2025, 3, 31)


def test_a_date_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTranscript, match="date"):
        call_date(written(tmp_path, '{"date": "yesterday", "turns": []}'))
    assert call_date(written(tmp_path, "Anna: Hi", "call.txt")) is None


word_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda t: t.split() == [t]
)


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    texts = draw(st.lists(word_texts, max_size=5))
    speaker = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
    if draw(st.booleans()):
        return Turn(speaker, tuple(Word(None, None, text) for text in texts))
    times = sorted(draw(st.lists(st.floats(0, 99_999), min_size=2 * len(texts), max_size=2 * len(texts))))
    probabilities = draw(st.lists(st.none() | st.floats(0, 1), min_size=len(texts), max_size=len(texts)))
    return Turn(
        speaker,
        tuple(
            Word(times[2 * at], times[2 * at + 1], text, probability)
            for at, (text, probability) in enumerate(zip(texts, probabilities, strict=True))
        ),
    )


@relaxed
@given(
    st.none() | st.sampled_from(["en", "de"]),
    st.none() | st.floats(0, 1e5),
    st.lists(turns(), min_size=1, max_size=4),
)
def test_what_is_written_is_read_again(
    tmp_path: Path, language: str | None, duration: float | None, spoken: list[Turn]
) -> None:
    transcript = Transcript(language, duration, tuple(spoken))
    assert read_transcript(written(tmp_path, json.dumps(transcript_to_json(transcript)))) == transcript


TURN = {"speaker": "rep", "text": "Hi"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[]", "turns"),
        ('"text"', "turns"),
        ("{}", "turns"),
        ('{"turns": []}', "no turns"),
        ('{"turns": 5}', "turns"),
        ('{"transcript": 5}', "transcript"),
        ('{"turns": [\n{"speaker": "rep",,}]}', "line 2"),
        ({"turns": [TURN, "Hi"]}, "turn 1"),
        ({"turns": [TURN, {"speaker": "rep"}]}, "turn 1, text"),
        ({"turns": [TURN, {"text": "Hi"}]}, "turn 1, speaker"),
        ({"turns": [{**TURN, "speaker": " "}]}, "turn 0, speaker"),
        ({"turns": [{**TURN, "start": 2.0, "end": 1.0}]}, "turn 0"),
        ({"turns": [{**TURN, "start": 2.0}]}, "only one of start and end"),
        ({"turns": [{**TURN, "start": -1, "end": 1}]}, "turn 0, start"),
        ({"turns": [{**TURN, "start": True, "end": 1}]}, "turn 0, start"),
        ({"turns": [{**TURN, "start": "0:01", "end": 1}]}, "turn 0, start"),
        ({"turns": [{**TURN, "words": [{"text": "Hi", "probability": 2}]}]}, "word 0, probability"),
        ({"turns": [{**TURN, "words": [{"text": 5}]}]}, "turn 0, word 0"),
        ({"turns": [{**TURN, "words": "Hi"}]}, "turn 0, words"),
        ({"turns": [TURN], "language": 5}, "language"),
        ({"turns": [TURN], "duration": -5}, "duration"),
        ('{"turns": [{"speaker": "rep", "text": "Hi", "start": NaN, "end": 1}]}', "NaN"),
        ('{"turns": [{"speaker": "rep", "text": "Hi", "start": 0, "end": 1e999}]}', "turn 0, end"),
        ('{"duration": ' + "9" * 9000 + ', "turns": []}', "too long"),
        ('{"turns": [], "turns": []}', "twice"),
        ('{"turns": ' + "[" * 100_000, "nested"),
        ('{"turns": ' + '{"a":' * 100_000, "nested"),
    ],
)
def test_json_that_is_wrong_is_refused_with_the_place(tmp_path: Path, content: object, expected: str) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    message = refusal(written(tmp_path, text))
    assert message.startswith("call.json: ")
    assert expected in message


def test_words_out_of_order_are_refused(tmp_path: Path) -> None:
    words = [{"text": "a", "start": 2, "end": 3}, {"text": "b", "start": 1, "end": 3}]
    values: dict[str, Any] = {"turns": [{"speaker": "rep", "words": words}]}
    assert "turn 0, word 1" in refusal(written(tmp_path, json.dumps(values)))


def test_half_a_character_becomes_a_whole_one_that_can_be_written(tmp_path: Path) -> None:
    path = written(tmp_path, '{"turns": [{"speaker": "rep", "text": "Hi \\ud800"}]}')
    assert read_transcript(path).turns[0].text.encode() == b"Hi ?"


# Captions

ZOOM = """WEBVTT

1
00:00:01.000 --> 00:00:03.000
Anna Smith: Good morning, Bob.

2
00:00:03.000 --> 00:00:04.000
Anna Smith: How are you?

3
00:00:05.500 --> 00:00:07.000
Bob: Fine: thanks.
"""
TEAMS = """WEBVTT

f7a2c1de-6d4e-4a34-9b0f-0a1b2c3d4e5f/12-0
00:00:01.000 --> 00:00:03.000
<v Anna Smith>Good <i>morning</i>,
Bob.</v>

f7a2c1de-6d4e-4a34-9b0f-0a1b2c3d4e5f/13-0
00:00:03.000 --> 00:00:04.000
<v Anna Smith>How <00:00:03.500><c.loud>are</c> you?</v>

f7a2c1de-6d4e-4a34-9b0f-0a1b2c3d4e5f/14-0
00:00:05.500 --> 00:00:07.000
<v.first Bob>Fine: thanks.</v>
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
[Speaker 1] Good morning,
Bob.

2
00:00:03,000 --> 00:00:04,000
How are you?

3
00:00:05,500 --> 00:00:07,000
[Speaker 2] Fine: thanks."""
UNNUMBERED_SRT = """00:00:01,000 --> 00:00:03,000
SPEAKER_00: Good morning, Bob.

00:00:03,000 --> 00:00:04,000
How are you?

00:00:05,500 --> 00:00:07,000
SPEAKER_01: Fine: thanks.
"""


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("zoom.vtt", ZOOM, ("Anna Smith", "Bob")),
        ("teams.vtt", TEAMS, ("Anna Smith", "Bob")),
        ("call.srt", SRT, ("Speaker 1", "Speaker 2")),
        ("unnumbered.srt", UNNUMBERED_SRT, ("SPEAKER_00", "SPEAKER_01")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_exports_of_every_kind_give_the_same_turns(  # noqa: PLR0917
    tmp_path: Path, name: str, text: str, names: tuple[str, str], encoding: str, newline: str
) -> None:
    path = written(tmp_path, text.replace("\n", newline).encode(encoding), name)
    transcript = read_transcript(path)
    assert said(transcript) == [(names[0], "Good morning, Bob. How are you?"), (names[1], "Fine: thanks.")]
    words = [word for turn in transcript.turns for word in turn.words]
    assert words[0].start == 1.0
    assert words[-1].start is not None
    assert words[-1].start >= 5.5
    assert words[-1].end == pytest.approx(7.0)


def test_a_colon_in_a_sentence_makes_no_speaker(tmp_path: Path) -> None:
    cues = ["<v Anna>Price: forty.", "So it is.", "<v Bob>[laughter] I see.", "Well: no."]
    text = "WEBVTT\n\n" + "".join(f"00:0{at}.000 --> 00:0{at}.900\n{cue}\n\n" for at, cue in enumerate(cues))
    expected = [("Anna", "Price: forty. So it is."), ("Bob", "[laughter] I see. Well: no.")]
    assert said(read_transcript(written(tmp_path, text, "call.vtt"))) == expected


def test_several_voices_in_a_cue_are_several_turns(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Anna>Right?</v> <v Bob>Right!</v>\n- Eve: Fine.\n- Eve: So."
    transcript = read_transcript(written(tmp_path, text, "call.vtt"))
    assert said(transcript) == [("Anna", "Right?"), ("Bob", "Right!"), ("Eve", "Fine. So.")]
    assert transcript.turns[-1].end == 4.0


def test_overlapping_cues_and_long_calls_give_rising_times(tmp_path: Path) -> None:
    cues = ["00.000 --> 100:00:09.000\nA: one two", "01.000 --> 100:00:02.000\nA: three &amp; four"]
    text = "WEBVTT\n\n" + "".join(f"100:00:{cue}\n\n" for cue in cues)
    words = read_transcript(written(tmp_path, text, "call.vtt")).turns[0].words
    assert [word.text for word in words] == ["one", "two", "three", "&", "four"]
    starts = [word.start for word in words if word.start is not None]
    assert starts == sorted(starts)
    assert starts[0] == 360_000.0


def test_letters_of_an_old_windows_program_are_read(tmp_path: Path) -> None:
    assert said(
        read_transcript(written(tmp_path, "René: Ça va\r\nAnna: Oui".encode("cp1252"), "call.txt"))
    ) == [
        ("René", "Ça va"),
        ("Anna", "Oui"),
    ]


def test_plain_text_with_names_is_read(tmp_path: Path) -> None:
    text = "[00:01] Anna: Good morning.\nIs this a good time?\n\n[00:09] Bob: It is.\n"
    expected = [("Anna", "Good morning. Is this a good time?"), ("Bob", "It is.")]
    assert said(read_transcript(written(tmp_path, text, "call.txt"))) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("call.vtt", "WEBVTT\n\n00:00:01.000 --> soon\nHi", "line 3"),
        ("call.vtt", "WEBVTT\n\n00:99:99.000 --> 00:99:99.500\nHi", "line 3"),
        ("call.vtt", "WEBVTT\n", "no cues"),
        ("call.txt", "just some words", "names who speaks"),
        ("call.txt", "", "empty"),
        ("call.txt", "  \n", "empty"),
        ("call.mp3", b"\xff\xfb\x90\x00" * 100, "not text"),
    ],
)
def test_what_is_no_transcript_is_refused(
    tmp_path: Path, name: str, content: str | bytes, expected: str
) -> None:
    message = refusal(written(tmp_path, content, name))
    assert message.startswith(name)
    assert expected in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nothing.json")
    assert "folder" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.json")
    assert "pipe" in refusal(tmp_path / "pipe.json")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    assert "50 MB" in refusal(path)


@relaxed
@given(st.binary(max_size=300), st.sampled_from(["call.json", "call.vtt", "call.srt", "call.txt"]))
def test_random_bytes_raise_nothing_else(tmp_path: Path, content: bytes, name: str) -> None:
    try:
        read_transcript(written(tmp_path, content, name))
    except UnreadableTranscript as problem:
        assert str(problem).isprintable()  # noqa: PT017


PIECES = """
WEBVTT\n|\n|\n\n|1\n|00:01.000 --> 00:02.000\n|00:00:02,5 --> 00:00:01,0\n|<v Anna>|</v>|Anna: Hi|[Bob] No
|<|>|-->|&lt;|NOTE x\n|STYLE\n|REGION\n|99:99:99.999|{"turns": [|{"speaker": "a", "text": "b"}|]}
|,|\ufeff|\x1c|\u2028|:| """
pieces = st.sampled_from(PIECES.split("|"))


@relaxed
@given(st.lists(pieces, max_size=12), st.sampled_from(["call.json", "call.vtt", "call.srt", "call.txt"]))
def test_scrambled_transcripts_raise_nothing_else(tmp_path: Path, parts: list[str], name: str) -> None:
    try:
        transcript = read_transcript(written(tmp_path, "".join(parts), name))
    except UnreadableTranscript as problem:
        assert str(problem).isprintable()  # noqa: PT017
    else:
        for turn in transcript.turns:
            assert turn.speaker.strip()
            assert all(word.text.split() == [word.text] for word in turn.words)
