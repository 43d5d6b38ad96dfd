"""Which words tell the action of a next step: learns from both readers' marks, with and without punctuation.

Readers word an action freely; a word counts as theirs if it begins like one of theirs ("revised", "revise").
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.step_words import candidates
from models.call import BUYER, REP
from training.datasets import LabelledCall
from training.fitting import Row, by_writer, fit_rows, judged
from training.marks import Mark
from training.steps.next_steps import Prepared, prepared, steps_of, units_of
from training.word_labels import stems

PENALTY, LEAST, MOST = 5.0, 4, 6000


def _examples(row: Prepared) -> list[Row]:
    return [
        example
        for reading in row.call.readings
        for mark in steps_of(reading.marks)
        for example in _of(row, mark)
    ]


def _of(row: Prepared, mark: Mark) -> list[Row]:
    """Every word that may tell the action of a mark: whether the reader uses it."""
    units = [index for _, index in units_of(row, mark)]
    if not units:
        return []
    side = REP if row.layout.is_rep(mark.turn) else BUYER
    used = stems(str(mark.attributes["action"] or ""))
    words = candidates(
        row.turns, mark.turn, range(units[0], units[-1] + 1), side, str(mark.attributes["owner"])
    )
    return [(word.cues, "no" if stems(word.token).isdisjoint(used) else "yes", 0.5) for word in words]


def _fitted(rows: Sequence[Row], facts: Mapping[str, object] | None = None) -> LinearModel:
    return fit_rows("step_action", rows, penalty=PENALTY, least=LEAST, most=MOST, facts=facts)


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - every step's
    """The model of all calls; needs no corpora."""
    parts = {
        writer: [example for row in rows for example in _examples(row)]
        for writer, rows in by_writer(prepared(calls), lambda row: row.call.writer).items()
    }
    examples = [example for part in parts.values() for example in part]
    return _fitted(
        examples,
        {
            "data": "training/data, writers not held out, both readers, with and without punctuation",
            "examples": len(examples),
            "word used or not, accuracy and macro-F1, a writer left out": judged(parts, _fitted),
        },
    )
