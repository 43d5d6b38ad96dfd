"""Transcripts made elsewhere, read from files; and ours, written as JSON."""

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from models.call import Transcript, Turn, Word
from models.captions import CaptionError, parse_captions, parse_text, spread
from models.errors import UnreadableTranscript
from models.files import open_regular, shown

_MOST_BYTES = 50_000_000
# Far longer than any recording: what is beyond is milliseconds taken for seconds, or a mistake.
_LATEST = 1_000_000.0


class _WrongError(ValueError):
    """A value is not what it should be; the message names its place."""


def read_transcript(path: Path) -> Transcript:
    """Read a transcript: our JSON (or a result of ours around it), WebVTT, SRT, or lines of "Name: text".

    The number and the order of turns in JSON are kept as they are, empty turns too.

    Raises:
        UnreadableTranscript: if it is none of these, or something in it is not as it should be.
    """
    text = _read_text(path)
    try:
        if path.suffix.lower() == ".json" or text.lstrip().startswith("{"):
            transcript = _transcript(_parse_json(text))
        elif text.startswith("WEBVTT"):
            transcript = parse_captions(text, srt=False)
        elif "-->" in text:
            transcript = parse_captions(text, srt=True)
        else:
            transcript = parse_text(text)
    except (_WrongError, CaptionError) as problem:
        raise UnreadableTranscript(f"{shown(path)}: {problem}.") from None
    if not transcript.turns:
        raise UnreadableTranscript(f"{shown(path)}: there are no turns in it; export it with the text.")
    return transcript


def call_date(path: Path) -> date | None:
    """The date of the call, if the file is JSON that gives one as `"date": "2025-03-31"`.

    Raises:
        UnreadableTranscript: if the file can't be read, or the date is not one.
    """
    text = _read_text(path)
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = _parse_json(text).get("date")
        if value is None:
            return None
        try:
            return date.fromisoformat(value[:10])
        except (TypeError, ValueError):
            _wrong("date", 'a date like "2025-03-31"', value)
    except _WrongError as problem:
        raise UnreadableTranscript(f"{shown(path)}: {problem}.") from None


def transcript_to_json(transcript: Transcript) -> dict[str, Any]:
    """The transcript as plain values for `json.dumps`; `read_transcript` makes the same of them again."""
    values: dict[str, Any] = {"language": transcript.language, "duration": transcript.duration}
    values["turns"] = [_turn_to_json(turn) for turn in transcript.turns]
    return values


def _turn_to_json(turn: Turn) -> dict[str, Any]:
    values: dict[str, Any] = {"speaker": turn.speaker, "text": turn.text}
    if any(word.start is not None or word.probability is not None for word in turn.words):
        values["words"] = [
            {"start": word.start, "end": word.end, "text": word.text, "probability": word.probability}
            for word in turn.words
        ]
    return values


def _read_text(path: Path) -> str:
    with open_regular(path, UnreadableTranscript) as file:
        try:
            content = file.read(_MOST_BYTES + 1) or b""
        except OSError as problem:
            raise UnreadableTranscript(f"{shown(path)}: reading it failed ({problem.strerror}).") from None
    if len(content) > _MOST_BYTES:
        raise UnreadableTranscript(f"{shown(path)}: it is over 50 MB; give one call's transcript.")
    text = _decode(content)
    if "\0" in text or not text.strip():
        what = "not text" if "\0" in text else "empty"
        raise UnreadableTranscript(
            f"{shown(path)}: the file is {what}; give a json, vtt, srt or txt transcript."
        )
    return text


def _decode(content: bytes) -> str:
    """Text in whatever encoding exporters use: UTF-8, UTF-16, else what Windows writes in the West."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for mark, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Without a byte order mark, the zero byte of each plain letter gives UTF-16 away.
        if len(content) > 4 and not any(content[mark:40:2]) and all(content[1 - mark : 40 : 2]):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _parse_json(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as problem:
        raise _WrongError(
            f"line {problem.lineno}: it is not valid JSON ({problem.msg}); mend it there"
        ) from None
    except RecursionError:
        raise _WrongError("it is nested too deeply for a transcript") from None
    except _WrongError:
        raise
    except ValueError:  # a number of thousands of digits
        raise _WrongError("a number in it is too long to be read; times are in seconds") from None
    if not isinstance(value, dict):
        _wrong("the file", 'an object with "turns"', value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise _WrongError(f"{name} is not a number; leave a time out that is not known")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _WrongError(f"{_quoted(double)} is given twice in one object; keep one")
    return values


def _transcript(values: Mapping[str, Any]) -> Transcript:
    # A result file keeps its transcript beside the scores.
    inner = values.get("transcript", values)
    if not isinstance(inner, dict):
        _wrong("transcript", 'an object with "turns"', inner)
    turns = inner.get("turns")
    if not isinstance(turns, list):
        _wrong("turns", 'a list of turns like {"speaker": "rep", "text": "Good morning."}', turns)
    language = inner.get("language")
    if language is not None and not isinstance(language, str):
        _wrong("language", 'text like "en"', language)
    return Transcript(
        None if language is None else _clean(language),
        _number(inner.get("duration"), "duration", _LATEST),
        tuple(_turn(turn, f"turn {number}") for number, turn in enumerate(turns)),
    )


def _turn(values: object, place: str) -> Turn:
    if not isinstance(values, dict):
        _wrong(place, 'an object like {"speaker": "rep", "text": "Good morning."}', values)
    speaker = values.get("speaker")
    if not isinstance(speaker, str) or not speaker.strip():
        _wrong(f"{place}, speaker", "a name", speaker)
    words = values.get("words")
    if words is not None:
        if not isinstance(words, list):
            _wrong(f"{place}, words", "a list", words)
        return Turn(_clean(speaker), _words(words, place))
    text = values.get("text")
    if not isinstance(text, str):
        _wrong(f"{place}, text", "text", text)
    return Turn(_clean(speaker), spread(_clean(text), *_times(values, place)))


def _words(values: list[object], place: str) -> tuple[Word, ...]:
    words: list[Word] = []
    last = 0.0
    for number, value in enumerate(values):
        here = f"{place}, word {number}"
        if not isinstance(value, dict):
            _wrong(here, 'an object like {"text": "Good", "start": 0.5, "end": 0.8}', value)
        text = value.get("text")
        if not isinstance(text, str):
            _wrong(f"{here}, text", "text", text)
        start, end = _times(value, here)
        if start is not None:
            if start < last:
                raise _WrongError(f"{here}: it starts before the word before it; sort the words by time")
            last = start
        words += spread(
            _clean(text), start, end, _number(value.get("probability"), f"{here}, probability", 1.0)
        )
    return tuple(words)


def _times(values: Mapping[str, Any], place: str) -> tuple[float | None, float | None]:
    start = _number(values.get("start"), f"{place}, start", _LATEST)
    end = _number(values.get("end"), f"{place}, end", _LATEST)
    if (start is None) != (end is None):
        raise _WrongError(f"{place}: it has only one of start and end; give both or none")
    if start is not None and end is not None and end < start:
        raise _WrongError(
            f"{place}: it ends at {end:g} s, before it starts at {start:g} s; correct the times"
        )
    return start, end


def _number(value: object, place: str, most: float) -> float | None:
    if value is None:
        return None
    # True is an int to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        _wrong(place, f"a number from 0 to {most:g}", value)
    number = float(value)
    if not math.isfinite(number):
        _wrong(place, "a number", value)
    return number


def _clean(text: str) -> str:
    """The text without halves of characters (lone surrogates), which can't be written to a file."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _wrong(place: str, wanted: str, value: object) -> NoReturn:
    found = "nothing" if value is None else _quoted(value)
    raise _WrongError(f"{place}: {found} is there where {wanted} should be; correct it")


def _quoted(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
