"""Which results that the rep tells are tied to this buyer: learns from the links that readers gave.

Of every result marked, and of every one found that overlaps a mark, by each reader's word for it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from annotators.document import layout
from annotators.linear import LinearModel
from annotators.outcome_links import MODEL, Heard, Result, Shared, Spoken, link_cues
from annotators.talk import Said, talk
from annotators.utterances import by_turn
from training.datasets import LabelledCall, without_punctuation
from training.fitting import Row, by_writer, fit_rows, folds
from training.heard import heard
from training.marks import Mark

PENALTY = 10.0


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of what ties a result to the buyer; `corpora` is not used."""
    rows = [(call.writer, row) for call in calls for row in _rows(call)]
    figures = {
        writer: round(_right(fit_rows(MODEL, [row for _, row in others], penalty=PENALTY), own), 3)
        for writer, others, own in folds(by_writer(rows, lambda row: row[0]))
    }
    facts = {
        "data": "training/data, as written and stripped",
        "examples": len(rows),
        "linked or not, accuracy by left-out writer": figures,
    }
    return fit_rows(MODEL, [row for _, row in rows], penalty=PENALTY, facts=facts)


def _right(model: LinearModel, rows: Sequence[tuple[str, Row]]) -> float:
    found = [(model.probabilities(cues), label, weight) for _, (cues, label, weight) in rows]
    right = sum(weight for chances, label, weight in found if chances[label] >= 0.5)
    return right / sum(weight for *_, weight in found)


def _rows(call: LabelledCall) -> Iterator[Row]:
    """Cues and label of each result; the two variants and the readers share what it counts."""
    marks = [[mark for mark in reading.marks if mark.label == "outcome"] for reading in call.readings]
    for transcript in (call.transcript, without_punctuation(call.transcript)):
        doc = heard(transcript)
        said, known = talk(doc), Heard()
        for number, turn in enumerate(by_turn(doc)):
            if not layout(doc).is_rep(number):
                known.add(turn)
                continue
            spoken = Spoken.of(turn)
            own = [[mark for mark in reading if mark.turn == number] for reading in marks]
            for parts in _results(said[number], own):
                result = Result([one.clause for one in parts], spoken, _mostly_told(parts))
                cues = link_cues(result, Shared.of(result, known), known)
                for label, count in _votes(parts, own).items():
                    yield cues, label, count / len(marks) / 2
            known.add_own(spoken)


def _results(said: Sequence[Said], marks: Sequence[Sequence[Mark]]) -> Iterator[list[Said]]:
    """Clauses of a turn found to be one result, and those that each mark covers."""
    for (value, _), run in groupby(said, key=lambda one: (one.value, one.in_story)):
        if value == "outcome":
            yield list(run)
    for mark in (mark for reading in marks for mark in reading):
        covered = [one for one in said if _meets(mark, *one.clause.words())]
        if covered:
            yield covered


def _votes(parts: Sequence[Said], marks: Sequence[Sequence[Mark]]) -> Counter[str]:
    """How many readers have it linked, and how many not; who marked no result there has no vote."""
    start, stop = parts[0].clause.words()[0], parts[-1].clause.words()[1]
    judged = [next((mark for mark in reading if _meets(mark, start, stop)), None) for reading in marks]
    return Counter(
        "linked" if mark.attributes["link"] is not None else "untied" for mark in judged if mark is not None
    )


def _meets(mark: Mark, start: int, stop: int) -> bool:
    return mark.start < stop and start < mark.stop


def _mostly_told(parts: Sequence[Said]) -> bool:
    return 2 * sum(one.in_story for one in parts) > len(parts)
