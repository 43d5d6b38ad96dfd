"""Which units of a turn are one next step: learns from both readers' marks, with and without punctuation."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from annotators.linear import LinearModel
from annotators.step_joins import days_named, join_cues
from annotators.step_marks import GAP
from training.datasets import LabelledCall
from training.fitting import fit
from training.marks import Reading
from training.steps.next_steps import Prepared, folds, labelled_units, prepared

PENALTY, LEAST, MOST = 2.0, 3, 2000
JOINED, APART = "joined", "apart"
Example = tuple[set[str], str]


def _examples(row: Prepared) -> list[Example]:
    return [example for reading in row.call.readings for example in _of(row, reading)]


def _of(row: Prepared, reading: Reading) -> Iterator[Example]:
    """Each unit of a step that follows another in its turn: part of the same step, or of the next."""
    given = labelled_units(row, reading.marks)
    for turn, keys in groupby(sorted(given), key=lambda key: key[0]):
        units, places = [index for _, index in keys], row.turns[turn]
        days = days_named(places, row.layout.call_date)
        begin = units[0]
        for before, after in pairwise(units):
            joined = given[turn, before] == given[turn, after]
            if after - before <= GAP:
                cues = join_cues(places, range(begin, before + 1), after, days)
                yield cues, JOINED if joined else APART
            begin = begin if joined else after


def _fitted(examples: Sequence[Example], facts: Mapping[str, object]) -> LinearModel:
    cues, labels = [cues for cues, _ in examples], [label for _, label in examples]
    strengths = [0.5] * len(labels)
    return fit(
        "step_joins", cues, labels, strengths=strengths, penalty=PENALTY, least=LEAST, most=MOST, facts=facts
    )


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - every step's
    """The model of all calls; needs no corpora."""
    rows = prepared(calls)
    right = count = 0
    for known, unseen in folds(rows):
        model = _fitted([example for row in known for example in _examples(row)], {})
        for cues, label in (example for row in unseen for example in _examples(row)):
            shares = model.probabilities(cues)
            right += max(shares, key=shares.__getitem__) == label
            count += 1
    return _fitted(
        [example for row in rows for example in _examples(row)],
        {
            "data": "training/data, writers not held out, both readers, with and without punctuation",
            "examples": sum(len(_examples(row)) for row in rows),
            "one step or two, accuracy, a writer left out": round(right / count, 3) if count else None,
        },
    )
