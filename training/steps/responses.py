"""Fits `annotators/learned/responses.npz`: what a clause of the rep does with the objection before it.

Learns from the readers' marks in our training calls, as written and stripped: each clause of the rep's turns
after an objection is an example, the labels before it as the reader gave them. Some moves are rare in the
calls: lines written for the purpose (objection_examples.toml) make up for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.response_cues import NONE, Answer, Chances, Clause, Thread, answers, clause_cues, thread_cues
from annotators.responses import MODEL, Decider, moves
from annotators.scoring import Confusion, Counts, pair
from training.datasets import LabelledCall
from training.fitting import Row, everything, fit_rows, folds
from training.marks import Mark, Reading
from training.steps.objection_data import Seen, marks, objecting, seen, written

_WRITTEN = "written for training"  # takes up how lines without a call around them differ
_WRITTEN_STRENGTH = 1.0
_MOST = 0.5  # of a clause's words, or of a mark's, must be shared for the mark to be the clause's


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of moves; `corpora` is not used."""
    views = seen(calls)
    rows: dict[str, list[Row]] = {}
    for view in views:
        own = rows.setdefault(view.call.writer, [])
        for reading in view.call.readings:
            own.extend(_examples(view, reading))
    extra = list(_written())
    every = [*everything(rows), *extra]
    facts = {
        "data": "training/data, as written and stripped; lines written for training",
        "examples": len(every),
        "found F1, move accuracy, macro-F1 after true objections, leaving writers out": _left_out(
            views, rows, extra
        ),
    }
    return _fitted(every, facts)


def _left_out(
    views: Sequence[Seen], rows: Mapping[str, Sequence[Row]], extra: Sequence[Row]
) -> list[float] | None:
    counts, confusion = Counts(), Confusion()
    for writer, others, _ in folds(rows):
        decide = Decider(_fitted([*others, *extra], {}))
        for view in views:
            if view.call.writer != writer:
                continue
            for reading in view.call.readings:
                course = answers(view.talk, kinds_of(reading), decide)
                found = [move.finding() for answer in course for move in moves(answer)]
                pairs, count = pair(marks(reading, "response"), found)
                counts += count
                for truth, finding in pairs:
                    confusion.add(truth.attributes["move"], finding.attributes["move"])
    figures = (counts.f1, confusion.accuracy, confusion.macro_f1())
    return [round(figure, 3) for figure in figures] if confusion.total else None


def _written() -> Iterator[Row]:
    for label, talk, number in written("responses", "rep"):
        parts = [Clause(one, 0, len(one.tokens)) for one in talk.turns[number]]
        for index in range(len(parts)):
            yield clause_cues(talk, parts, index) | {_WRITTEN}, label, _WRITTEN_STRENGTH


def kinds_of(reading: Reading) -> dict[int, str]:
    """The kind of each objection, by its turn."""
    return {turn: str(mark.attributes["kind"]) for turn, mark in objecting(reading).items()}


def true_course(view: Seen, reading: Reading) -> list[Answer]:
    """The rep's answers to the objections, labelled by the reader."""
    return list(answers(view.talk, kinds_of(reading), _Reader(reading, [])))


def _examples(view: Seen, reading: Reading) -> list[Row]:
    rows: list[Row] = []
    decide = _Reader(reading, rows)
    for _ in answers(view.talk, kinds_of(reading), decide):
        pass
    return [(cues, label, 1 / len(view.call.readings)) for cues, label, _ in rows]


class _Reader:
    """Labels clauses as a reader did, and keeps each with its cues."""

    def __init__(self, reading: Reading, rows: list[Row]) -> None:
        self._rows = rows
        self._marks: dict[int, list[Mark]] = {}
        for mark in marks(reading, "response"):
            self._marks.setdefault(mark.turn, []).append(mark)

    def __call__(
        self, thread: Thread, parts: Sequence[Clause], cues: Sequence[set[str]], direct: bool
    ) -> Sequence[tuple[str, Chances]]:
        """The reader's label of each clause."""
        for clause, own in zip(parts, cues, strict=True):
            label = _label(clause, self._marks.get(clause.utterance.turn, ()))
            self._rows.append((own.union(thread_cues(thread, direct=direct)), label, 1.0))
            thread.here.append(label)
        return [(label, {label: 1.0}) for label in thread.here]


def _label(clause: Clause, candidates: Sequence[Mark]) -> str:
    start, stop = clause.words
    best, label = 0, NONE
    for mark in candidates:
        shared = min(stop, mark.stop) - max(start, mark.start)
        if shared > best and shared >= _MOST * min(stop - start, mark.stop - mark.start):
            best, label = shared, str(mark.attributes["move"])
    return label


def _fitted(rows: Sequence[Row], facts: dict[str, object]) -> LinearModel:
    return fit_rows(MODEL, rows, penalty=10.0, least=4, most=9_000, facts=facts)
