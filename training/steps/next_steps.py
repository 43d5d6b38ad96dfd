"""Which units of a sales call are part of a next step.

Learns from both readers of every call and from exchanges, as written and without punctuation: a unit is S
where a mark lies, N elsewhere. A unit that one reader alone marks counts half for each. Which units are one
step is learned in `step_joins`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotators.document import Layout, layout
from annotators.linear import LinearModel
from annotators.scoring import Counts
from annotators.step_cues import around, places, step_cues
from annotators.step_marks import LIKELY
from annotators.step_rules import Place, is_worth_a_look
from annotators.utterances import Utterance, by_turn
from training.datasets import LabelledCall, without_punctuation
from training.exchanges import KIND
from training.fitting import fit, left_out
from training.heard import heard
from training.marks import Mark

PENALTY, LEAST, MOST = 14.0, 4, 12_000
STEP, NONE = "S", "N"
READ = 0.5  # how much a unit counts for each reader
DENSE = 0.1  # the same in an exchange: steps are more frequent there than in a call
ENOUGH_WORDS = 5  # of a mark in a unit that is mostly something else


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call with what is said, its units' places and, by turn and number, the cues of what may be plans."""

    call: LabelledCall
    layout: Layout
    turns: list[list[Place]]
    said: list[list[Utterance]]
    cues: Mapping[tuple[int, int], set[str]]


def prepared(calls: Sequence[LabelledCall]) -> list[Prepared]:
    """Every call twice: as written, and stripped of punctuation."""
    return [_prepared(call, stripped=stripped) for call in calls for stripped in (False, True)]


def _prepared(call: LabelledCall, *, stripped: bool) -> Prepared:
    transcript = without_punctuation(call.transcript) if stripped else call.transcript
    doc = heard(transcript, day=call.day)
    said = by_turn(doc)
    turns = [places(turn) for turn in said]
    cues = {
        (turn, index): step_cues(row, index, shared)
        for turn, row in enumerate(turns)
        if call.read is None or turn in call.read
        for shared in (around(layout(doc), turns, turn),)
        for index, place in enumerate(row)
        if is_worth_a_look(place, turn, len(turns))
    }
    return Prepared(call, layout(doc), turns, said, cues)


def steps_of(marks: Sequence[Mark]) -> list[Mark]:
    """The marks that are next steps."""
    return [mark for mark in marks if mark.label == "next_step"]


def units_of(call: Prepared, mark: Mark) -> list[tuple[int, int]]:
    """Turn and number of the units that a mark is about, in order."""
    found = []
    for turn, index in call.cues:
        start, stop = call.turns[turn][index].unit.words()
        shared = min(stop, mark.stop) - max(start, mark.start)
        if turn == mark.turn and shared > 0:
            most = 2 * shared >= min(stop - start, mark.stop - mark.start)
            if most or shared >= ENOUGH_WORDS:
                found.append((turn, index))
    return found


def labelled_units(call: Prepared, marks: Sequence[Mark]) -> dict[tuple[int, int], int]:
    """Turn and number of the units that are part of a step, and of which one."""
    labels: dict[tuple[int, int], int] = {}
    for number, mark in enumerate(steps_of(marks)):
        for key in units_of(call, mark):
            labels.setdefault(key, number)
    return labels


def _fitted(rows: Sequence[Prepared], facts: Mapping[str, object]) -> LinearModel:
    cues: list[set[str]] = []
    labels: list[str] = []
    strengths: list[float] = []
    for row in rows:
        strength = DENSE if row.call.kind == KIND else READ
        for reading in row.call.readings:
            given = labelled_units(row, reading.marks)
            cues.extend(row.cues.values())
            labels.extend(STEP if key in given else NONE for key in row.cues)
            strengths.extend([strength] * len(row.cues))
    return fit(
        "next_steps", cues, labels, strengths=strengths, penalty=PENALTY, least=LEAST, most=MOST, facts=facts
    )


def _counted(model: LinearModel, row: Prepared) -> Counts:
    """The units of a call that a model takes for parts of a step, against every reader."""
    counts = Counts()
    found = {key for key, cues in row.cues.items() if model.probabilities(cues)[STEP] >= LIKELY}
    for reading in row.call.readings:
        there = labelled_units(row, reading.marks).keys()
        counts += Counts(len(found & there), len(found - there), len(there - found))
    return counts


def folds(rows: Sequence[Prepared]) -> Iterator[tuple[list[Prepared], list[Prepared]]]:
    """Training and testing calls, a writer at a time left out."""
    for writer in left_out(row.call.writer for row in rows):
        yield (
            [row for row in rows if row.call.writer != writer],
            [row for row in rows if row.call.writer == writer],
        )


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - every step's
    """The model of all calls; needs no corpora."""
    rows = prepared(calls)
    counts = Counts()
    for known, unseen in folds(rows):
        model = _fitted(known, {})
        for row in unseen:
            counts += _counted(model, row)
    return _fitted(
        rows,
        {
            "data": "training/data, writers not held out, both readers, with and without punctuation",
            "examples": sum(len(row.cues) * len(row.call.readings) for row in rows),
            "units found, F1, a writer left out": round(counts.f1, 3) if counts != Counts() else None,
        },
    )
