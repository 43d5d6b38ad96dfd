"""Fits `annotators/learned/question_form.npz`: whether a question is open or closed.

Learns from the questions that readers marked in our calls, as written and stripped.
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.question_form import NAME, form_cues
from annotators.questions_by_rule import onset
from annotators.utterances import joined
from training.datasets import LabelledCall, without_punctuation
from training.fitting import beside, fit
from training.steps.boundaries import Places
from training.steps.question_examples import heard, lies_under, pattern_examples

_PATTERN_STRENGTH = 3.0


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model, with its accuracy on each writer when left out."""
    by_writer: dict[str, Places] = {}
    for call in calls:
        by_writer.setdefault(call.writer, Places()).extend(_of_call(call))
    figures = {}
    for writer in sorted(by_writer) if len(by_writer) > 1 else ():
        others = [places for name, places in by_writer.items() if name != writer]
        figures[writer] = round(_accuracy(_fitted(others, {}), by_writer[writer]), 3)
    facts = {
        "data": "training/data",
        "examples": sum(len(places.labels) for places in by_writer.values()),
        "accuracy by left-out writer": figures,
    }
    return _fitted([*by_writer.values(), _of_patterns(beside(len(calls), _PATTERN_STRENGTH))], facts)


def _fitted(parts: Sequence[Places], facts: dict[str, object]) -> LinearModel:
    every = Places()
    for part in parts:
        every.extend(part)
    return fit(
        NAME, every.cues, every.labels, strengths=every.strengths, penalty=6.0, most=8_000, facts=facts
    )


def _accuracy(model: LinearModel, places: Places) -> float:
    right = 0
    for cues, label in zip(places.cues, places.labels, strict=True):
        found = model.probabilities(cues)
        right += max(found, key=found.__getitem__) == label
    return right / len(places.labels)


def _of_patterns(strength: float) -> Places:
    """The examples in the annotators' pattern file, each this strong."""
    places = Places()
    for spoken, form in pattern_examples():
        if form:
            utterance = spoken.turns[0][-1].utterance
            places.cues.append(sorted(form_cues(utterance, onset(utterance))))
            places.labels.append(form)
            places.strengths.append(strength)
    return places


def _of_call(call: LabelledCall) -> Places:
    """The utterance in which each marked question begins, with its form; each reader counts for half."""
    places = Places()
    for transcript in (call.transcript, without_punctuation(call.transcript)):
        spoken = heard(transcript)
        for reading in call.readings:
            for mark in reading.marks:
                turn = [one.utterance for one in spoken.turns[mark.turn]]
                if mark.label != "question" or not turn:
                    continue
                utterance = joined([turn[place] for place in lies_under(turn, mark)])
                places.cues.append(sorted(form_cues(utterance, onset(utterance))))
                places.labels.append(str(mark.attributes["form"]))
                places.strengths.append(1 / len(call.readings))
    return places
