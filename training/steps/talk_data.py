"""The rep's clauses with what readers, and we, say they are: what the model of the rep's talk learns from."""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotators.document import layout
from annotators.scoring import covered
from annotators.talk import rep_turns
from annotators.talk_cues import Clause
from annotators.utterances import by_turn
from models.call import REP, Transcript
from training.datasets import LabelledCall, as_transcript, without_punctuation
from training.heard import heard
from training.marks import Mark

LINES = Path(__file__).parent / "talk_examples.toml"
LABELS = ("feature", "outcome", "story")
_MARKS = {"f": "feature", "o": "outcome", "s": "story"}
_BRACKET = re.compile(r"\[([fos]) |\]")


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of the rep: its clauses, their cues, and what each reading says of each."""

    writer: str
    stripped: bool
    call: str
    clauses: list[Clause]
    cues: list[list[str]]
    readings: list[list[frozenset[str]]]


def kind(labels: Collection[str]) -> str:
    """The model's class of a clause that has these labels."""
    if "story" in labels:
        return "told" if "outcome" in labels else "story"
    return next((name for name in ("outcome", "feature") if name in labels), "neither")


def turns_of(calls: Sequence[LabelledCall]) -> Iterator[Turn]:
    """The rep's turns of every call, as written and stripped."""
    for call in calls:
        readings = [reading.marks for reading in call.readings]
        for stripped in (False, True):
            transcript = without_punctuation(call.transcript) if stripped else call.transcript
            yield from _turns(transcript, readings, call.writer, call.name, stripped=stripped)


def written() -> Iterator[Turn]:
    """The turns written for training in `talk_examples.toml`, in both variants."""
    for number, example in enumerate(tomllib.loads(LINES.read_text(encoding="utf-8"))["turn"]):
        said, marks = unmarked(example["rep"])
        lines = [("buyer", example["buyer"])] if "buyer" in example else []
        place = len(lines)
        placed = [Mark(place, mark.start, mark.stop, mark.label, {}) for mark in marks]
        plain = as_transcript([*lines, (REP, said), ("buyer", "okay")])
        for stripped in (False, True):
            transcript = without_punctuation(plain) if stripped else plain
            yield from _turns(transcript, [placed], "", f"example {number}", stripped=stripped)


def unmarked(text: str) -> tuple[str, list[Mark]]:
    """Text without its brackets, and the marks they stand for; `[o so you [f ...] ...]` may nest."""
    words: list[str] = []
    marks: list[Mark] = []
    opened: list[tuple[str, int]] = []
    last = 0
    for found in _BRACKET.finditer(text):
        words += text[last : found.start()].split()
        last = found.end()
        if found[1]:
            opened.append((found[1], len(words)))
        else:
            name, start = opened.pop()
            marks.append(Mark(0, start, len(words), _MARKS[name], {}))
    return " ".join([*words, *text[last:].split()]), marks


def _turns(
    transcript: Transcript, readings: Sequence[Sequence[Mark]], writer: str, name: str, *, stripped: bool
) -> Iterator[Turn]:
    doc = heard(transcript)
    for number, clauses, cues in rep_turns(layout(doc), by_turn(doc)):
        judged = [
            [
                frozenset(label for label in LABELS if _lies_in(marks, label, number, clause))
                for clause in clauses
            ]
            for marks in ([mark for mark in reading if mark.turn == number] for reading in readings)
        ]
        yield Turn(writer, stripped, name, clauses, cues, judged)


def _lies_in(marks: Sequence[Mark], label: str, number: int, clause: Clause) -> bool:
    spans = [mark for mark in marks if mark.label == label]
    return bool(spans) and covered(spans, number, *clause.words()) >= 0.5
