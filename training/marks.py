"""Marks of a reader: which words of a call are evidence of what; read from lines a person can write.

A file of marks holds the reader's scores and then a mark a line, `turn|label|quote|attributes`:

    score discovery=3 value=2 objection=- next_step=4 presence=3
    4|question|how do you ... on a Friday|open d situation probing
    9|next_step|I'll send ... by Friday|owner=rep; when=by Friday; date=2026-03-06; agreed

The quote is copied from that turn; ` ... ` stands for the words between. A line that begins with # is a note.
training/data/README.md lists the labels and their attributes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.call import AttributeValue, Transcript

DIMENSIONS = ("discovery", "value", "objection", "next_step", "presence")
TOPICS = (
    "situation", "pain", "impact", "decision", "stakeholders", "budget", "timeline", "current_solution",
    "success_criteria",
)  # fmt: skip
KINDS = ("price", "timing", "authority", "need", "competitor", "trust", "status_quo", "effort")
STATUSES = ("resolved", "dropped", "open")
MOVES = ("acknowledge", "clarify", "evidence", "confirm", "argue", "concede", "ignore")
OWNERS = ("rep", "buyer", "both")
BARE = ("trial_close", "feature", "story", "roi", "agenda", "recap")

Attributes = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on the words `start` to `stop` (half-open) of a turn, with its attributes."""

    turn: int
    start: int
    stop: int
    label: str
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of one call: marks, and scores by dimension, None for "not observed"."""

    reader: str
    call: str
    scores: Mapping[str, int | None]
    marks: tuple[Mark, ...]


class MarkError(ValueError):
    """A line of marks can't be understood; the message names the line and what is wrong with it."""


def parse_marks(text: str, transcript: Transcript) -> tuple[dict[str, int | None], tuple[Mark, ...]]:
    """Scores and marks, in the order of the file; raises MarkError at the first line that is none."""
    scores, marks = parse_lines(text, transcript)
    if not scores:
        raise MarkError("line 1: the scores are missing (score discovery=3 value=2 ...)")
    return scores, marks


def parse_lines(text: str, transcript: Transcript) -> tuple[dict[str, int | None], tuple[Mark, ...]]:
    """The same of lines that need not begin with scores; without them the table is empty."""
    scores: dict[str, int | None] = {}
    marks: list[Mark] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.startswith("score "):
                scores = _scores(line)
            elif line.strip() and not line.startswith("#"):
                marks.append(_mark(line, transcript))
        except ValueError as problem:
            raise MarkError(f"line {number}: {problem}: {line}") from None
    return scores, tuple(marks)


def _scores(line: str) -> dict[str, int | None]:
    found = dict(re.findall(r"(\w+)=(\S+)", line))
    if set(found) != set(DIMENSIONS):
        raise ValueError("a score for each of " + ", ".join(DIMENSIONS))
    if any(value not in {"-", "1", "2", "3", "4", "5"} for value in found.values()):
        raise ValueError("scores are 1 to 5, or - where nothing could be observed")
    return {name: None if found[name] == "-" else int(found[name]) for name in DIMENSIONS}


def _mark(line: str, transcript: Transcript) -> Mark:
    parts = line.split("|", 3)
    if len(parts) < 3:
        raise ValueError("not turn|label|quote|attributes")
    place, label, quote = parts[0].strip("[] "), parts[1].strip(), parts[2]
    if not place.isdigit() or int(place) >= len(transcript.turns):
        raise ValueError("no such turn")
    found = locate([word.text for word in transcript.turns[int(place)].words], quote)
    if found is None:
        raise ValueError("the quote is not in the turn")
    attributes = _attributes(label, parts[3].strip() if len(parts) > 3 else "")
    return Mark(int(place), *found, label, attributes)


def locate(words: Sequence[str], quote: str) -> tuple[int, int] | None:
    """The half-open word range of a quote, case and punctuation aside; ` ... ` skips words."""
    plain = [(_plain(word), index) for index, word in enumerate(words)]
    plain = [(word, index) for word, index in plain if word]
    pieces = [
        [_plain(word) for word in piece.split() if _plain(word)] for piece in re.split(r"\.\.\.|…", quote)
    ]
    start = stop = -1
    place = 0
    for piece in filter(None, pieces):
        size = len(piece)
        hits = range(place, len(plain) - size + 1)
        hit = next((at for at in hits if [word for word, _ in plain[at : at + size]] == piece), None)
        if hit is None:
            return None
        start = plain[hit][1] if start < 0 else start
        stop = plain[hit + size - 1][1] + 1
        place = hit + size
    return (start, stop) if start >= 0 else None


def _plain(word: str) -> str:
    return re.sub(r"[^\w$£€%]", "", word.lower())


def _attributes(label: str, text: str) -> Attributes:
    if label in BARE:
        return {}
    readers: dict[str, Callable[[str], Attributes]] = {
        "question": _question,
        "next_step": _next_step,
        "outcome": _outcome,
        "stakeholder": _stakeholder,
        "objection": lambda text: {"kind": _one(text, KINDS), "status": _one(text, STATUSES)},
        "response": lambda text: {"move": _one(text, MOVES)},
    }
    if label not in readers:
        raise ValueError("no such label")
    return readers[label](text)


def _tokens(text: str) -> list[str]:
    return re.split(r"[;,\s]+", text)


def _one(text: str, choices: Sequence[str]) -> str:
    found = [token for token in _tokens(text) if token in choices]
    if not found:
        raise ValueError("one of " + ", ".join(choices))
    return found[0]


def _question(text: str) -> Attributes:
    tokens = _tokens(text)
    discovery = "d" in tokens
    return {
        "form": _one(text, ("open", "closed")),
        "discovery": discovery,
        "topic": _one(text, TOPICS) if discovery else None,
        "probing": discovery and "probing" in tokens,
        "impact": discovery and "impact" in tokens,
    }


def _fields(text: str) -> dict[str, str]:
    """`owner=rep; agreed; when=by Friday` as a dictionary; a word alone is "yes"."""
    fields: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = part.partition("=")
        if equals:
            fields[name.strip()] = value.strip()
        else:
            fields.update(dict.fromkeys(part.split(), "yes"))
    return fields


def _next_step(text: str) -> Attributes:
    fields = _fields(text)
    day = fields.get("date") or None
    return {
        "action": fields.get("action"),
        "owner": _one(fields.get("owner", ""), OWNERS),
        "when": fields.get("when") or None,
        "date": date.fromisoformat(day).isoformat() if day else None,
        "agreed": "agreed" in fields,
        "vague": "vague" in fields,
    }


def _outcome(text: str) -> Attributes:
    link = re.search(r"link=(\d+)", text)
    return {"quantified": "quantified" in _tokens(text), "link": int(link[1]) if link else None}


def _stakeholder(text: str) -> Attributes:
    fields = _fields(text)
    return {"role": fields.get("role"), "name": fields.get("name")}
