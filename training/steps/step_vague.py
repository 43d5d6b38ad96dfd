"""Which next steps are vague: learns from both readers' marks, with and without punctuation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.next_steps import vague_cues
from annotators.step_times import StepTime, step_time
from training.datasets import LabelledCall
from training.fitting import fit
from training.marks import Mark
from training.steps.next_steps import Prepared, folds, prepared, steps_of, units_of

PENALTY, LEAST, MOST = 6.0, 4, 3000
Example = tuple[set[str], str]


def _examples(row: Prepared) -> list[Example]:
    found = []
    for reading in row.call.readings:
        for mark in steps_of(reading.marks):
            units = [index for _, index in units_of(row, mark)]
            if units:
                span = range(units[0], units[-1] + 1)
                cues = vague_cues(row.layout, row.turns, mark.turn, span, _time(row, mark, span))
                found.append((cues, str(bool(mark.attributes["vague"]))))
    return found


def _time(row: Prepared, mark: Mark, span: range) -> StepTime | None:
    """When it is to be done, as it will be found for a step of these units."""
    place = row.turns[mark.turn]
    words = place[span[0]].unit.words()[0], place[span[-1]].unit.words()[1]
    said = [turn.words for turn in row.layout.turns]
    meets = mark.attributes["owner"] == "both"
    return step_time(said, row.said, (mark.turn, *words), [], row.layout.call_date, meets=meets)


def _fitted(examples: Sequence[Example], facts: Mapping[str, object]) -> LinearModel:
    cues, labels = [cues for cues, _ in examples], [label for _, label in examples]
    strengths = [0.5] * len(labels)
    return fit(
        "step_vague", cues, labels, strengths=strengths, penalty=PENALTY, least=LEAST, most=MOST, facts=facts
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
            "vague or not, accuracy, a writer left out": round(right / count, 3) if count else None,
        },
    )
