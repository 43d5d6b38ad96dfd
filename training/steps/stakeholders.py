"""Fits `annotators/learned/stakeholders.npz`: whether somebody spoken of is a stakeholder.

Learns from everybody named or spoken of by a role in our training calls, as written and stripped.
Lines written for it, as the model of the rep's talk has them, made it no better.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from annotators.document import Layout, layout
from annotators.linear import LinearModel
from annotators.mention_cues import person_cues
from annotators.mentions import POSSESSIVES, Mention, people
from annotators.scoring import Counts, pair
from annotators.stakeholders import IS, IS_NOT, LIKELY, MODEL
from annotators.utterances import Utterance, utterances
from training.datasets import LabelledCall, without_punctuation
from training.fitting import by_writer, fit, folds
from training.heard import heard
from training.marks import Mark

COMMON = 3  # calls in which a word is used small that is no name
PENALTY = 3.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A variant of a call, with each reader's marks of stakeholders."""

    writer: str
    call: str
    doc: Doc
    readings: list[list[Mark]]
    small: frozenset[str]

    @property
    def call_layout(self) -> Layout:
        """The turns."""
        return layout(self.doc)


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - as all steps
    """The model of people spoken of; `corpora` is not used."""
    views = [view for call in calls for view in _views(call)]
    figures: dict[str, object] = {}
    total = Counts()
    for writer, others, own in folds(by_writer(views, lambda view: view.writer)):
        counts = counted(fitted(others, {}), own)
        figures[writer] = round(counts.f1, 3)
        total += counts
    facts: dict[str, object] = {
        "data": "training/data, as written and stripped",
        "F1 by left-out writer": figures,
        "F1 of all left-out writers": round(total.f1, 3) if figures else None,
    }
    return fitted(views, facts)


def _views(call: LabelledCall) -> Iterator[Seen]:
    readings = [[mark for mark in reading.marks if mark.label == "stakeholder"] for reading in call.readings]
    small = _small(call)
    for transcript in (call.transcript, without_punctuation(call.transcript)):
        yield Seen(call.writer, call.name, heard(transcript), readings, small)


def _small(call: LabelledCall) -> frozenset[str]:
    """Words of a call that are written small; without capitals all but the names that readers found."""
    named = {
        part.strip(".,'").lower()
        for reading in call.readings
        for mark in reading.marks
        if mark.label == "stakeholder" and mark.attributes.get("name")
        for part in str(mark.attributes["name"]).split()
    }
    words = {
        (token, utterance_words[place][:1].isupper())
        for utterance, utterance_words in _spoken(call)
        for token, place in zip(utterance.tokens, utterance.places, strict=True)
    }
    return frozenset(token for token, capital in words if not capital and token.isalpha()) - named


def _spoken(call: LabelledCall) -> Iterator[tuple[Utterance, tuple[str, ...]]]:
    doc = heard(call.transcript)
    for utterance in utterances(doc):
        yield utterance, layout(doc).turns[utterance.turn].words


def known(views: Sequence[Seen]) -> frozenset[str]:
    """Words written small in several calls."""
    counts = Counter(word for words in {view.call: view.small for view in views}.values() for word in words)
    return frozenset(word for word, count in counts.items() if count >= COMMON)


def fitted(views: Sequence[Seen], facts: dict[str, object]) -> LinearModel:
    """The model of these views; readers who disagree count half each."""
    common = known(views)
    cues: list[set[str]] = []
    labels: list[str] = []
    strengths: list[float] = []
    for view in views:
        found = people(view.call_layout, utterances(view.doc), common)
        meant = [_meant(found, marks) for marks in view.readings]
        for key, mentions in found.items():
            entry = person_cues(view.call_layout, mentions)
            votes = Counter(IS if key in keys else IS_NOT for keys in meant)
            for label, count in sorted(votes.items()):
                cues.append(entry)
                labels.append(label)
                strengths.append(count / len(meant))
    facts = {**facts, "examples": len(cues), "known": " ".join(sorted(common))}
    return fit(MODEL, cues, labels, strengths=strengths, penalty=PENALTY, least=3, most=8_000, facts=facts)


def _meant(found: Mapping[str, Sequence[Mention]], marks: Sequence[Mark]) -> set[str]:
    """The people whom marks mean: of all who are first spoken of in a mark, the one most like it."""
    keys = set()
    for mark in marks:
        fitting = [
            (_likeness(mentions[0], mark), key)
            for key, mentions in found.items()
            if _shares(mentions[0], mark)
        ]
        if fitting:
            keys.add(max(fitting)[1])
    return keys


def _shares(mention: Mention, mark: Mark) -> bool:
    start, stop = mention.utterance.words(mention.first, mention.last)
    return mention.utterance.turn == mark.turn and start < mark.stop and mark.start < stop


def _likeness(mention: Mention, mark: Mark) -> tuple[bool, bool, bool, int]:
    name, role = (str(mark.attributes.get(part) or "").lower() for part in ("name", "role"))
    known_role = bool(mention.role) and mention.role[-1] in role
    possessed = bool(mention.role) and mention.utterance.tokens[mention.first] in POSSESSIVES
    return (
        mention.key in name.replace(".", "").split(),
        known_role or possessed,
        bool(mention.role),
        -mention.first,
    )


def counted(model: LinearModel, views: Sequence[Seen]) -> Counts:
    """Hits, false alarms and misses against every reader."""
    total = Counts()
    common = frozenset(str(model.facts["known"]).split())
    for view in views:
        found = [
            Mark(
                mentions[0].utterance.turn,
                *mentions[0].utterance.words(mentions[0].first, mentions[0].last),
                IS,
                {},
            )
            for mentions in people(view.call_layout, utterances(view.doc), common).values()
            if model.probabilities(person_cues(view.call_layout, mentions))[IS] >= LIKELY
        ]
        for marks in view.readings:
            total += pair(marks, found)[1]
    return total
