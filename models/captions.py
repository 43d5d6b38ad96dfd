"""Transcripts as people export them: WebVTT, SRT and plain text, with the speakers' names in them."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Caption, Timestamp

from models.call import Transcript, Turn, Word

_TIME = r"(?:\d{1,4}:)?[0-5]?\d:[0-5]?\d[.,]\d{1,3}"
_TIMINGS = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>|</v>")  # the end of a voice gives no name
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|</?\d[\d:.]*>|</?>")
# "Anna Smith: ...", "SPEAKER_00: ...", "[Speaker 1] ...", after a dash or a time of its own.
_LEAD = r"^\s*(?:[-–—]\s+)?(?:[\[(]?\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,3})?[\])]?\s+)?"
_NAME_AND_COLON = re.compile(
    _LEAD + r"(?P<name>[^\W_\d][^:<>\[\]?!\n]{0,60}?)\s*:(?:\s+|$)(?P<rest>.*)$", re.DOTALL
)
_NAME_IN_BRACKETS = re.compile(
    _LEAD + r"\[(?P<name>[^\W_\d][^\[\]\n]{0,60})\]\s*:?\s*(?P<rest>.*)$", re.DOTALL
)
_MOST_WORDS_IN_A_NAME = 6
_SOUNDS = frozenset(
    {
        "applause",
        "background noise",
        "crosstalk",
        "inaudible",
        "laughing",
        "laughs",
        "laughter",
        "music",
        "noise",
    }
    | {"overlapping", "pause", "redacted", "ring", "ringing", "sighs", "silence", "unintelligible"}
)
_NOBODY = "speaker"


class CaptionError(ValueError):
    """The text is no transcript; the message says where and why."""


@dataclass(frozen=True, slots=True)
class _Passage:
    """A piece of one speaker's text; without a name it belongs to the last one who had one."""

    speaker: str | None
    text: str
    start: float | None = None
    end: float | None = None


def parse_captions(text: str, *, srt: bool) -> Transcript:
    """Read WebVTT or SRT: adjacent cues of one speaker become one turn.

    Words get their share of their cue's time, by characters.

    Raises:
        CaptionError: if a time can't be read or there is no cue.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    for number, line in enumerate(lines, start=1):
        if "-->" in line and not _TIMINGS.match(line):
            raise CaptionError(
                f"line {number}: the times around --> can't be read; write them as 00:01:02.500"
            )
    try:
        if srt:
            captions = webvtt.from_string(_srt_as_vtt(lines)).captions
        else:
            captions = webvtt.from_string("\n".join(lines)).captions
    except (MalformedCaptionError, MalformedFileError) as problem:
        raise CaptionError(f"{' '.join(str(problem).split())}; export it again") from None
    passages = [passage for caption in captions for passage in _passages(caption)]
    if not passages:
        raise CaptionError("there are no cues in it; export it with text and times")
    return _transcript(_named(passages))


def parse_text(text: str) -> Transcript:
    """Read lines of "Name: what was said"; a line without a name goes on with the last one's words.

    Raises:
        CaptionError: if no line has a name.
    """
    lines = [_Passage(None, line.strip()) for line in text.splitlines() if line.strip()]
    passages = list(_named(lines))
    if not any(passage.speaker for passage in passages):
        raise CaptionError('no line names who speaks; write lines like "Anna: Good morning."')
    return _transcript(passages)


def spread(
    text: str, start: float | None, end: float | None, probability: float | None = None
) -> tuple[Word, ...]:
    """Split text at white space; each word gets its share of the time (seconds) by its characters."""
    words = text.split()
    if start is None or end is None:
        return tuple(Word(None, None, word, probability) for word in words)
    total = sum(len(word) for word in words)
    timed, before = [], 0
    for word in words:
        begin = start + (end - start) * before / total
        before += len(word)
        # By weights and not by steps, so that the last word ends where the text does.
        timed.append(
            Word(begin, end if before == total else start + (end - start) * before / total, word, probability)
        )
    return tuple(timed)


def _srt_as_vtt(lines: Sequence[str]) -> str:
    """The same cues as WebVTT, which needs no numbers; an empty line inside a cue's text is closed up."""
    out = ["WEBVTT", ""]
    for at, line in enumerate(lines):
        if "-->" in line:
            if out[-1].strip().isdigit():
                out.pop()
            times = _TIMINGS.match(line)
            out += ["", (times.group() if times else line).replace(",", ".").strip()]
        elif line.strip() or at + 1 == len(lines):
            out.append(line)
    return "\n".join(out)


def _passages(caption: Caption) -> Iterator[_Passage]:
    """The pieces of a cue, split where a voice tag or a line's own name begins."""
    start, end = (
        Timestamp.from_string(time).in_milliseconds() / 1000 for time in (caption.start, caption.end)
    )
    end = max(start, end)
    pieces = _VOICE.split(caption.raw_text)  # text, name, text, name, text ...
    spoken: list[_Passage] = []
    for voice, piece in zip([None, *pieces[1::2]], pieces[::2], strict=True):
        for line in piece.split("\n"):
            text = html.unescape(_TAG.sub("", line)).strip()
            if text:
                spoken.append(_Passage(_clean_name(voice) if voice else None, text))
    length = sum(len(passage.text) for passage in spoken)
    before = 0
    for passage in spoken:
        begin = start + (end - start) * before / length
        before += len(passage.text)
        yield replace(passage, start=begin, end=start + (end - start) * before / length)


def _named(passages: Iterable[_Passage]) -> list[_Passage]:
    """Take names from the beginnings of texts where a file makes a habit of it: not every colon has one."""
    passages = list(passages)
    found = [None if passage.speaker else _leading_name(passage.text) for passage in passages]
    times = Counter(name for name, _ in filter(None, found))
    habit = 2 * sum(times.values()) >= len(passages)
    out = []
    for passage, lead in zip(passages, found, strict=True):
        if lead and (habit or (times[lead[0]] > 1 and lead[0][0].isupper())):
            out.append(replace(passage, speaker=lead[0], text=lead[1]))
        else:
            out.append(passage)
    return out


def _leading_name(text: str) -> tuple[str, str] | None:
    """The name that a text begins with, and the rest."""
    match = _NAME_IN_BRACKETS.match(text) or _NAME_AND_COLON.match(text)
    if not match:
        return None
    name = _clean_name(match["name"])
    if not name or len(name.split()) > _MOST_WORDS_IN_A_NAME or name.casefold() in _SOUNDS:
        return None
    return name, match["rest"]


def _clean_name(name: str) -> str:
    return " ".join(html.unescape(name).split())


def _transcript(passages: Iterable[_Passage]) -> Transcript:
    """Turns from passages: those of one speaker in a row are one turn."""
    turns: list[tuple[str, list[Word]]] = []
    speaker = _NOBODY
    for passage in passages:
        speaker = passage.speaker or speaker
        if not turns or turns[-1][0] != speaker:
            turns.append((speaker, []))
        turns[-1][1].extend(spread(passage.text, passage.start, passage.end))
    return Transcript(None, None, tuple(Turn(name, tuple(_rising(words))) for name, words in turns if words))


def _rising(words: Iterable[Word]) -> Iterator[Word]:
    """The words with times that never go back, as those of overlapping cues do."""
    last = 0.0
    for word in words:
        if word.start is None or word.end is None:
            yield word
            continue
        last = max(last, word.start)
        yield replace(word, start=last, end=max(last, word.end))
