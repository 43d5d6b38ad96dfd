"""What the steps about objections and responses share: calls as their models see them, and written lines."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from annotators import ANNOTATORS
from annotators.objection_cues import Talk, talk_of
from models.call import Transcript
from training.datasets import LabelledCall, as_transcript, without_punctuation
from training.heard import heard
from training.marks import Mark, Reading

LINES = Path(__file__).parent / "objection_examples.toml"
# What is being trained, and what its cues don't read.
_LEFT_OUT = frozenset(
    ("discovery", "delivery", "names", "vocabulary", "stakeholders", "objections", "responses")
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One variant (as written or stripped) of a labelled call."""

    call: LabelledCall
    talk: Talk
    stripped: bool


def seen(calls: Sequence[LabelledCall]) -> list[Seen]:
    """Each call as written and without punctuation, run through the annotators before these."""
    return [
        Seen(call, talk_of(_run(transcript, call)), stripped)
        for call in calls
        for stripped, transcript in ((False, call.transcript), (True, without_punctuation(call.transcript)))
    ]


def _run(transcript: Transcript, call: LabelledCall) -> Doc:
    return heard(transcript, [name for name in ANNOTATORS if name not in _LEFT_OUT], call.day)


def marks(reading: Reading, label: str) -> list[Mark]:
    """A reader's marks of one label."""
    return [mark for mark in reading.marks if mark.label == label]


def objecting(reading: Reading) -> dict[int, Mark]:
    """A reader's objections by turn."""
    return {mark.turn: mark for mark in marks(reading, "objection")}


def written(table: str, speaker: str) -> Iterator[tuple[str, Talk, int]]:
    """The lines written for training: class, a talk of nothing else, and the line's turn; both variants."""
    lines = tomllib.loads(LINES.read_text(encoding="utf-8"))[table]
    for name, text in lines.items():
        plain = as_transcript([(speaker, line) for line in text.strip().splitlines()])
        for transcript in (plain, without_punctuation(plain)):
            talk = talk_of(heard(transcript))
            yield from ((name, talk, number) for number in range(len(talk.turns)))
