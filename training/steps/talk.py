"""Fits `annotators/learned/talk.npz`: whether a clause of the rep is feature, outcome, story or none of them.

Learns from every clause of the rep in our training calls, as written and stripped, with each reader's
judgment, and from turns written for it (`talk_examples.toml`), as other trades and ways of talking would have
them.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.scoring import Confusion
from annotators.talk import MODEL, decide
from training.datasets import LabelledCall
from training.fitting import beside, by_writer, fit, folds
from training.steps.talk_data import Turn, kind, turns_of, written

PENALTY = 12.0  # for examples that count one a clause; the two variants share it
WRITTEN = 1.0  # how much a written turn counts beside one of a call


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of the rep's talk; `corpora` is not used."""
    own, extra = list(turns_of(calls)), list(written())
    figures = {
        writer: round(clause_f1(fitted([*others, *extra], {}), turns), 3)
        for writer, others, turns in folds(by_writer(own, lambda turn: turn.writer))
    }
    facts = {
        "data": "training/data and talk_examples.toml, as written and stripped",
        "examples": sum(len(turn.clauses) for turn in (*own, *extra)),
        "clause macro-F1 by left-out writer": figures,
    }
    return fitted([*own, *extra], facts)


def fitted(turns: Sequence[Turn], facts: dict[str, object]) -> LinearModel:
    """The model of these turns; readers who disagree count half each."""
    cues: list[set[str]] = []
    labels: list[str] = []
    strengths: list[float] = []
    by_hand = beside(len({turn.call for turn in turns if turn.writer}), WRITTEN)
    for turn in turns:
        share = 1.0 if turn.writer else by_hand
        for place, entry in enumerate(turn.cues):
            votes = Counter(kind(reading[place]) for reading in turn.readings)
            for label, count in sorted(votes.items()):
                cues.append(set(entry))
                labels.append(label)
                strengths.append(share * count / len(turn.readings))
    return fit(MODEL, cues, labels, strengths=strengths, penalty=PENALTY, least=5, most=12_000, facts=facts)


def clause_f1(model: LinearModel, turns: Sequence[Turn]) -> float:
    """Macro-F1 of feature, outcome and neither over clauses, as training/call_figures.py counts them."""
    confusion = Confusion()
    for turn in turns:
        said = decide(turn.clauses, [model.probabilities(entry) for entry in turn.cues])
        for reading in turn.readings:
            for labels, found in zip(reading, said, strict=True):
                truth = next((name for name in ("outcome", "feature") if name in labels), "neither")
                confusion.add(truth, found.value)
    return confusion.macro_f1()
