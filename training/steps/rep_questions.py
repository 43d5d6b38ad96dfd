"""Examples for the models of the rep's questions: the readers' marks, and questions written for training."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from annotators.call_pieces import SCENE
from annotators.document import Finding, findings, layout
from annotators.linear import LinearModel
from annotators.question_cues import CONTEXT, Heard, question_cues
from annotators.scoring import pair
from annotators.utterances import by_turn
from models.call import REP, AttributeValue, Transcript
from training.datasets import LabelledCall, as_transcript, without_punctuation
from training.fitting import beside, best, fit, left_out
from training.heard import heard as run
from training.marks import Mark

WRITTEN = Path(__file__).parent / "discovery_examples.toml"
_WRITTEN = 0.5  # how much each of these counts in either spelling
NO_TOPIC = "none"
HAND = ""  # the writer of what was written for training

Attributes = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a rep: cues, and its attributes for one reader; None if there is none for that reader."""

    writer: str
    cues: frozenset[str]
    attributes: Attributes | None
    strength: float


_Names = list[tuple[str, str]]
_LAST: list[tuple[_Names, tuple[Example, ...]]] = []  # three models learn from the same calls


def examples(calls: Sequence[LabelledCall]) -> tuple[Example, ...]:
    """Every question that a reader marks or the component finds, in both spellings, and the written ones."""
    names = [(call.name, call.writer) for call in calls]
    if _LAST and _LAST[0][0] == names:
        return _LAST[0][1]
    found = list(written(beside(sum(call.kind != SCENE for call in calls), _WRITTEN)))
    for call in calls:
        for transcript in (call.transcript, without_punctuation(call.transcript)):
            found.extend(_of_call(call, transcript))
    _LAST[:] = [(names, tuple(found))]
    return _LAST[0][1]


def _of_call(call: LabelledCall, transcript: Transcript) -> Iterator[Example]:
    heard, found = judged(call, transcript)
    for span, mark, share in found:
        yield _example(call.writer, heard, span, mark, share)


Judged = tuple[Mark | Finding, Mark | None, float]


def judged(call: LabelledCall, transcript: Transcript) -> tuple[Heard, list[Judged]]:
    """What is heard of a call in a spelling, and its rep's questions by reader.

    For each reader all marks, then all that the component finds with the mark that is there, if any; with the
    reader's share.
    """
    heard, asked = _heard(transcript)
    found: list[Judged] = []
    for reading in call.readings:
        own = [mark for mark in reading.marks if mark.label == "question" and heard.call.is_rep(mark.turn)]
        share = 0.5 if len(call.readings) > 1 else 1.0
        found += [(mark, mark, share) for mark in own]
        twins = {(two.turn, two.start, two.stop): one for one, two in pair(own, asked)[0]}
        found += [(one, twins.get((one.turn, one.start, one.stop)), share) for one in asked]
    return heard, found


def _heard(transcript: Transcript) -> tuple[Heard, list[Finding]]:
    doc = run(transcript, ("utterances", "questions"))
    heard = Heard(layout(doc), by_turn(doc))
    return heard, [found for found in findings(doc, "question") if heard.call.is_rep(found.turn)]


def _example(writer: str, heard: Heard, span: Mark | Finding, mark: Mark | None, strength: float) -> Example:
    cues = frozenset(question_cues(heard, span.turn, span.start, span.stop))
    return Example(writer, cues, dict(mark.attributes) if mark else None, strength)


def written(strength: float) -> Iterator[Example]:
    """The questions of discovery_examples.toml, each this strong, with and without mark, nothing around."""
    for topic, questions in tomllib.loads(WRITTEN.read_text(encoding="utf-8")).items():
        attributes: Attributes = {"discovery": topic != NO_TOPIC, "topic": topic, "impact": topic == "impact"}
        for mark in ("?", ""):
            heard, _ = _heard(as_transcript([(REP, question + mark) for question in questions]))
            for turn, question in enumerate(questions):
                cues = question_cues(heard, turn, 0, len(question.split()))
                alone = frozenset(cue for cue in cues if not cue.startswith(CONTEXT))
                yield Example(HAND, alone, attributes, strength)


Label = Callable[[Example], str | None]


def fitted(
    name: str, calls: Sequence[LabelledCall], label: Label, *, penalty: float, most: int
) -> LinearModel:
    """The model on all calls, with leave-one-writer-out accuracy (on marked questions) among its facts."""
    rows = _joined((row, is_a) for row in examples(calls) if (is_a := label(row)) is not None)
    right = total = 0.0
    for writer in left_out({row.writer for row, _ in rows} - {HAND}):
        rest = [(row, is_a) for row, is_a in rows if row.writer != writer]
        model = _model(name, rest, penalty, most, {})
        for row, is_a in rows:
            if row.writer == writer and row.attributes is not None:
                right += row.strength * (best(model.probabilities(row.cues)) == is_a)
                total += row.strength
    facts = {
        "data": "training/data, both readers, as written and stripped; discovery_examples.toml",
        "examples": len(rows),
        "accuracy, leaving one writer out": round(right / total, 3) if total else None,
    }
    return _model(name, rows, penalty, most, facts)


def _joined(rows: Iterable[tuple[Example, str]]) -> list[tuple[Example, str]]:
    """What is the same but for the reader, once, with the strength of both."""
    same: dict[tuple[str, frozenset[str], str, bool], tuple[Example, str]] = {}
    for row, is_a in rows:
        key = (row.writer, row.cues, is_a, row.attributes is None)
        before = same[key][0].strength if key in same else 0.0
        same[key] = (replace(row, strength=before + row.strength), is_a)
    return list(same.values())


def _model(
    name: str, rows: Sequence[tuple[Example, str]], penalty: float, most: int, facts: dict[str, object]
) -> LinearModel:
    return fit(
        name,
        [row.cues for row, _ in rows],
        [is_a for _, is_a in rows],
        strengths=[row.strength for row, _ in rows],
        penalty=penalty,
        most=most,
        facts=facts,
    )


def yes_if(name: str) -> Label:
    """Whether a discovery question has an attribute; nothing is said of written ones that lack it."""

    def label(row: Example) -> str | None:
        if not row.attributes or not row.attributes["discovery"] or name not in row.attributes:
            return None
        return "yes" if row.attributes[name] else "no"

    return label
