"""The labelled data: our own calls in training/data, and public corpora where somebody has them.

The corpora are not part of Ridealong: a folder with them is named on the command line, and what needs them
says so where it is missing. Splits are by writer (our calls), meeting and dialogue.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from models.call import Transcript, Turn, Word
from models.errors import CallError
from models.transcripts import read_transcript
from training.marks import MarkError, Reading, parse_marks

DATA = Path(__file__).parent / "data"
LONG = 2500  # words
# Nothing is trained or tuned on their calls.
HELD_OUT_WRITERS = (
    "w2", "w6", "w12", "w16", "w23", "w24", "w36", "w38", "w70", "w71", "w72", "w73",
    "w84", "w85",
)  # fmt: skip
PLAIN_WRITERS = frozenset(f"w{number}" for number in range(26, 74))  # asked for everyday words
VARIED_WRITERS = frozenset(f"w{number}" for number in range(74, 106))  # each asked for people of one manner
Sort = Literal["first", "plain", "long", "varied"]


class UnreadableData(CallError):
    """Labelled data is missing or can't be understood."""


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call of ours with all its readings, at least one."""

    name: str
    writer: str
    industry: str
    kind: str
    style: str
    day: date
    transcript: Transcript
    readings: tuple[Reading, ...]
    read: range | None = None  # the turns that were read; None: all of them

    @property
    def is_long(self) -> bool:
        """Whether it is as long as calls of half an hour are."""
        return sum(len(turn.words) for turn in self.transcript.turns) >= LONG

    @property
    def sort(self) -> Sort:
        """Which of the calls it is one of: the first, often colourful, the plain, long or varied ones."""
        if self.writer in VARIED_WRITERS:
            return "varied"
        return "long" if self.is_long else "plain" if self.writer in PLAIN_WRITERS else "first"

    @property
    def held_out(self) -> bool:
        """Whether the call is for measuring only."""
        return self.writer in HELD_OUT_WRITERS


def labelled_calls(folder: Path = DATA) -> tuple[LabelledCall, ...]:
    """Calls whose evidence was marked, with the readings that mark it; raises as `scored_calls`."""
    marked = (
        replace(call, readings=tuple(r for r in call.readings if r.marks)) for call in scored_calls(folder)
    )
    return tuple(call for call in marked if call.readings)


def scored_calls(folder: Path = DATA) -> tuple[LabelledCall, ...]:
    """Every call that was read, by name; some readings hold scores and no marks.

    Raises UnreadableData, naming the file at fault.
    """
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableData(f"{folder / 'index.json'} can't be read: {error}") from error
    return tuple(filter(None, (_labelled(folder, entry) for entry in index)))


def _labelled(folder: Path, entry: dict[str, str]) -> LabelledCall | None:
    name = entry["id"]
    transcript = read_transcript(folder / "calls" / f"{name}.json")
    readings = []
    for path in sorted((folder / "marks").glob(f"*/{name}.txt")):
        try:
            scores, marks = parse_marks(path.read_text(encoding="utf-8"), transcript)
        except MarkError as problem:
            raise UnreadableData(f"{path}: {problem}") from None
        readings.append(Reading(path.parent.name, name, scores, marks))
    if not readings:
        return None
    return LabelledCall(
        name=name,
        writer=entry["writer"],
        industry=entry["industry"],
        kind=entry["type"],
        style=entry["style"],
        day=date.fromisoformat(entry["date"]),
        transcript=transcript,
        readings=tuple(readings),
    )


@dataclass(frozen=True, slots=True)
class Act:
    """An utterance of a public corpus with what people labelled it."""

    meeting: str
    speaker: str
    text: str
    labels: frozenset[str]
    split: str


def mrda(corpora: Path) -> dict[str, list[Act]]:
    """ICSI meetings: utterances by meeting, in order of time, with MRDA's tags (qy, qw, cc, ...)."""
    rows = _rows(corpora / "mrda" / "utterances.jsonl.gz")
    return _by_meeting(
        (
            Act(row["meeting"], row["speaker"], _spoken(row["text"]), frozenset(row["tags"]), row["split"]),
            row["start"],
        )
        for row in rows
    )


def ami(corpora: Path) -> dict[str, list[Act]]:
    """AMI meetings: dialogue acts by meeting; the `IS` meetings (one of three sites) are held out."""
    rows = _rows(corpora / "ami" / "dialogue_acts.jsonl.gz")
    return _by_meeting(
        (
            Act(
                row["meeting"],
                row["speaker"],
                row["text"],
                frozenset({row["label"]}),
                "val" if row["meeting"].startswith("IS") else "train",
            ),
            row["start"],
        )
        for row in rows
        if row["label"]
    )


def email_intent(corpora: Path) -> list[Act]:
    """Sentences of e-mails, labelled with whether they ask for or promise something ("Yes", "No")."""
    rows = _rows(corpora / "email_intent" / "sentences.jsonl.gz")
    return [
        Act(str(n), "", row["text"], frozenset({row["label"]}), row["split"]) for n, row in enumerate(rows)
    ]


def typed_dialogues(corpora: Path, name: str) -> Iterator[list[Act]]:
    """Dialogues of CaSiNo or P4G, cut after each sentence; the label "?" on those that end with that mark."""
    for number, row in enumerate(_rows(corpora / name / "dialogues.jsonl.gz")):
        said = [(turn["id"], turn["text"]) for turn in row["chat_logs"]] if name == "casino" else _p4g(row)
        yield [
            Act(str(number), speaker, sentence, frozenset({"?"} if sentence.endswith("?") else ()), "val")
            for speaker, text in said
            for sentence in re.findall(r"[^.?!]+[.?!]*", text)
            if stripped(sentence)
        ]


def _p4g(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["text"]) for turn in row["turns"]]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except OSError as error:
        raise UnreadableData(
            f"the corpus {path} can't be read ({error}); name its folder with --corpora"
        ) from error


def _by_meeting(timed: Iterator[tuple[Act, float]]) -> dict[str, list[Act]]:
    meetings: dict[str, list[tuple[float, int, Act]]] = {}
    for number, (act, start) in enumerate(timed):
        meetings.setdefault(act.meeting, []).append((start, number, act))
    return {
        name: [act for *_, act in sorted(rows, key=lambda row: row[:2])] for name, rows in meetings.items()
    }


def _spoken(text: str) -> str:
    """MRDA's text without its marks for cut-off, unheard and joined utterances."""
    return " ".join(re.sub(r"==|@@|\|", " ", text).split())


def stripped(text: str) -> str:
    """Text as a recogniser without punctuation writes it."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())


def as_transcript(said: list[tuple[str, str]]) -> Transcript:
    """A transcript of (speaker, text) without times, one turn each."""
    return Transcript(
        "en",
        None,
        tuple(
            Turn(speaker, tuple(Word(None, None, word) for word in text.split())) for speaker, text in said
        ),
    )


def without_punctuation(transcript: Transcript) -> Transcript:
    """The same words, lower case and without punctuation; a word of nothing else keeps its place as "-"."""
    return Transcript(
        transcript.language,
        transcript.duration,
        tuple(
            Turn(
                turn.speaker,
                tuple(
                    Word(w.start, w.end, stripped(w.text).replace(" ", "-") or "-", w.probability)
                    for w in turn.words
                ),
            )
            for turn in transcript.turns
        ),
    )
