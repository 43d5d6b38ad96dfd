"""Examples for the models of agendas and recaps: each utterance of a rep, and whether a reader marked it.

Readers marked few; what was written for training (framing_examples.toml) widens the ways of saying it.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from annotators.document import layout
from annotators.framing_cues import AROUND, OPENING, Seen, framing_cues
from annotators.linear import LinearModel
from annotators.scoring import Counts, covered
from annotators.utterances import by_turn
from models.call import REP, Transcript
from training.datasets import LabelledCall, as_transcript, without_punctuation
from training.fitting import fit, left_out
from training.heard import heard

WRITTEN = Path(__file__).with_suffix(".toml")
HAND = ""  # the writer of what was written for training
PENALTIES = {"agenda": 3.0, "recap": 10.0}
WRITTEN_COUNTS = 2.0  # how much more a written example counts than one of a call
LEAST = 4  # a cue in fewer utterances is left out
MOST = 9000


@dataclass(frozen=True, slots=True)
class Example:
    """An utterance of a rep and what share of the readers marked most of it."""

    writer: str
    cues: frozenset[str]
    share: float


def fitted(label: str, calls: Sequence[LabelledCall]) -> LinearModel:
    """The model on all calls; leave-one-writer-out precision and recall of utterances among its facts."""
    rows = [
        row
        for call in calls
        for transcript in (call.transcript, without_punctuation(call.transcript))
        for row in _of_call(label, call, transcript)
    ]
    rows += _written(label)
    counts = Counts()
    for writer in left_out({row.writer for row in rows} - {HAND}):
        model = _model(label, [row for row in rows if row.writer != writer], {})
        found = Counter(
            (model.probabilities(row.cues)["yes"] >= 0.3, row.share >= 0.5)
            for row in rows
            if row.writer == writer
        )
        counts += Counts(found[True, True], found[True, False], found[False, True])
    facts = {
        "data": "training/data, both readers, as written and stripped; framing_examples.toml",
        "examples": len(rows),
        "utterances, leaving one writer out: precision": round(counts.precision, 3)
        if counts != Counts()
        else None,
        "recall, a writer left out": round(counts.recall, 3) if counts != Counts() else None,
    }
    return _model(label, rows, facts)


def _seen(transcript: Transcript) -> Iterator[Seen]:
    doc = heard(transcript)
    return chain.from_iterable(framing_cues(layout(doc), by_turn(doc)))


def _of_call(label: str, call: LabelledCall, transcript: Transcript) -> Iterator[Example]:
    readings = [[mark for mark in reading.marks if mark.label == label] for reading in call.readings]
    for one in _seen(transcript):
        said = one.said
        if label == "recap" or said.turn < OPENING:
            marked = [covered(marks, said.turn, said.start, said.stop) >= 0.5 for marks in readings]
            yield Example(call.writer, one.cues, sum(marked) / len(marked))


def _written(label: str) -> Iterator[Example]:
    for name, lines in tomllib.loads(WRITTEN.read_text(encoding="utf-8")).items():
        spoken = as_transcript([(REP, f"{line[0].upper()}{line[1:]}.") for line in lines])
        for transcript in (spoken, without_punctuation(spoken)):
            for one in _seen(transcript):
                if len(one.said.tokens) > 2:
                    alone = frozenset(cue for cue in one.cues if not cue.startswith(AROUND))
                    yield Example(HAND, alone, float(name == label))


def _model(label: str, rows: Sequence[Example], facts: dict[str, object]) -> LinearModel:
    halves = [
        (row.cues, name, strength * (WRITTEN_COUNTS if row.writer == HAND else 1))
        for row in rows
        for name, strength in (("yes", row.share), ("no", 1 - row.share))
        if strength
    ]
    return fit(
        label,
        [cues for cues, _, _ in halves],
        [name for _, name, _ in halves],
        strengths=[strength for _, _, strength in halves],
        penalty=PENALTIES[label],
        least=LEAST,
        most=MOST,
        facts=facts,
    )
