"""Fits `annotators/learned/roi.npz`: whether a run of figures is arithmetic on costs or savings.

Learns from every run of figures, of either side, in our training calls, as written and stripped.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotators.document import layout
from annotators.linear import LinearModel
from annotators.roi import IS, IS_NOT, MODEL, reckoned
from annotators.roi_cues import Run, run_cues, runs
from annotators.scoring import Counts, pair
from annotators.utterances import by_turn
from training.datasets import LabelledCall, without_punctuation
from training.fitting import by_writer, fit, folds
from training.heard import heard
from training.marks import Mark

PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A variant of a call: its runs by turn, their cues by turn, and the marks of each reader."""

    writer: str
    runs: list[list[Run]]
    cues: dict[int, list[set[str]]]
    readings: list[list[Mark]]


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of runs of figures; `corpora` is not used."""
    views = [view for call in calls for view in _views(call)]
    figures: dict[str, object] = {}
    total = Counts()
    for writer, others, own in folds(by_writer(views, lambda view: view.writer)):
        counts = counted(fitted(others, {}), own)
        figures[writer] = round(counts.f1, 3)
        total += counts
    facts: dict[str, object] = {
        "data": "training/data, as written and stripped",
        "examples": sum(len(entries) for view in views for entries in view.cues.values()),
        "F1 by left-out writer": figures,
        "F1 of all left-out writers": round(total.f1, 3) if figures else None,
    }
    return fitted(views, facts)


def _views(call: LabelledCall) -> list[Seen]:
    readings = [[mark for mark in reading.marks if mark.label == "roi"] for reading in call.readings]
    views = []
    for transcript in (call.transcript, without_punctuation(call.transcript)):
        doc = heard(transcript)
        found = [runs(turn) for turn in by_turn(doc)]
        cues = {number: run_cues(layout(doc), found, number) for number, own in enumerate(found) if own}
        views.append(Seen(call.writer, found, cues, readings))
    return views


def fitted(views: Sequence[Seen], facts: dict[str, object]) -> LinearModel:
    """The model of these views; readers who disagree count half each."""
    cues: list[set[str]] = []
    labels: list[str] = []
    strengths: list[float] = []
    for view in views:
        for number, entries in view.cues.items():
            for run, entry in zip(view.runs[number], entries, strict=True):
                votes: defaultdict[str, float] = defaultdict(float)
                for marks in view.readings:
                    votes[IS if _marked(run, marks) else IS_NOT] += 1 / len(view.readings)
                for label, strength in sorted(votes.items()):
                    cues.append(entry)
                    labels.append(label)
                    strengths.append(strength)
    return fit(MODEL, cues, labels, strengths=strengths, penalty=PENALTY, least=4, most=8_000, facts=facts)


def counted(model: LinearModel, views: Sequence[Seen]) -> Counts:
    """Hits, false alarms and misses against every reader."""
    total = Counts()
    for view in views:
        chances = {
            number: [model.probabilities(entry)[IS] for entry in entries]
            for number, entries in view.cues.items()
        }
        found = list(reckoned(view.runs, chances))
        for marks in view.readings:
            total += pair(marks, found)[1]
    return total


def _marked(run: Run, marks: Sequence[Mark]) -> bool:
    start, stop = run.words()
    return any(mark.turn == run.turn and mark.start < stop and start < mark.stop for mark in marks)
