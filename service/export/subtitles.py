"""A transcript as subtitles: SRT and WebVTT, cues that can be read while they are heard."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import webvtt

from service.result import TranscriptPart, TurnPart, WordPart

WIDEST = 42  # characters a line, and
LINES = 2  # lines a cue: what broadcasters keep to (Netflix Timed Text Style Guide, BBC Subtitle Guidelines)
LONGEST = 7.0  # seconds a cue
PAUSE = 1.5  # seconds of silence after which a new cue begins
SHORTEST = 0.5  # seconds: a cue is shown at least so long


@dataclass(frozen=True, slots=True)
class Cue:
    """Words of one speaker, shown from `start` to `end` seconds."""

    start: float
    end: float
    speaker: str
    lines: tuple[str, ...]


def cues(transcript: TranscriptPart) -> Iterator[Cue]:
    """The cues of a transcript, in order; words without times are left out."""
    for turn in transcript.turns:
        yield from _of_turn(turn)


def _of_turn(turn: TurnPart) -> Iterator[Cue]:
    held: list[tuple[float, float, str]] = []
    for word in turn.words:
        timed = _timed(word)
        if timed is None:
            continue
        if held and not _fits(held, timed):
            yield _cue(turn.speaker, held)
            held = []
        held.append(timed)
    if held:
        yield _cue(turn.speaker, held)


def _timed(word: WordPart) -> tuple[float, float, str] | None:
    return None if word.start is None or word.end is None else (word.start, word.end, word.text)


def _fits(held: list[tuple[float, float, str]], word: tuple[float, float, str]) -> bool:
    near = word[0] - held[-1][1] <= PAUSE and word[1] - held[0][0] <= LONGEST
    return near and len(_lines([*(text for _, _, text in held), word[2]])) <= LINES


def _lines(words: list[str]) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= WIDEST:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cue(speaker: str, held: list[tuple[float, float, str]]) -> Cue:
    start, lines = held[0][0], _lines([text for _, _, text in held])
    return Cue(start, max(held[-1][1], start + SHORTEST), speaker, tuple(lines))


def srt(transcript: TranscriptPart) -> str:
    """SubRip text; the speaker stands before the words where it changes."""
    file, before = webvtt.WebVTT(), ""
    for cue in cues(transcript):
        head = f"{cue.speaker}: " if cue.speaker != before else ""
        before = cue.speaker
        file.captions.append(
            webvtt.Caption(_clock(cue.start), _clock(cue.end), _safe(head + "\n".join(cue.lines)))
        )
    return _written(file, "srt")


def vtt(transcript: TranscriptPart) -> str:
    """WebVTT text; speakers are voice tags."""
    file = webvtt.WebVTT()
    for cue in cues(transcript):
        text = html.escape("\n".join(cue.lines), quote=False)
        voice = html.escape(cue.speaker, quote=False).replace("\n", " ")
        file.captions.append(
            webvtt.Caption(_clock(cue.start), _clock(cue.end), _safe(f"<v {voice}>{text}</v>"))
        )
    return _written(file, "vtt")


def _safe(text: str) -> str:
    """An arrow in a line would read as the times of a new cue."""
    return text.replace("-->", "→")


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _written(file: webvtt.WebVTT, form: str) -> str:
    text = StringIO()
    file.write(text, format=form)
    return text.getvalue()
