"""How well are public corpora annotated, also ones nobody trained on? A turn is found to hold a label or not.

Speakers of the corpora are no reps and buyers: who is the rep is inferred, as for any transcript that
doesn't say.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import annotators
from annotators.scoring import Confusion, Counts
from models.call import Evidence
from models.roles import assign_roles, choose_rep
from training.datasets import Act, ami, as_transcript, email_intent, mrda, stripped, typed_dialogues

QUESTIONS = frozenset({"qy", "qw", "qr", "qrr", "qo"})
NO_QUESTIONS = frozenset({"g", "bk", "bh"})  # tags, rhetorical questions, a listener's "really?"
OPEN = frozenset({"qw", "qo"})


def is_question(act: Act) -> bool:
    """Whether MRDA's tags say that somebody asks to be answered."""
    return bool(QUESTIONS & act.labels) and not NO_QUESTIONS & act.labels


def elicits(act: Act) -> bool:
    """Whether an AMI act elicits information, an offer, an assessment or understanding."""
    return any(label.startswith("el.") for label in act.labels)


def corpus_figures(corpora: Path) -> dict[str, float]:
    """F1 and accuracy by task and corpus; raises UnreadableData where a corpus is missing."""
    meetings = _held_out(mrda(corpora).values())
    others = _held_out(ami(corpora).values())
    figures = {}
    for name, change in (("as written", str), ("stripped", stripped)):
        found = _annotated(meetings, change)
        figures[f"MRDA question F1, {name}"] = _found(found, "question", is_question).f1
        figures[f"MRDA open or closed accuracy, {name}"] = _form(found).accuracy
        figures[f"MRDA commitment (cc) F1, {name}"] = _found(
            found, "next_step", lambda act: "cc" in act.labels
        ).f1
        found = _annotated(others, change)
        figures[f"AMI question F1, {name}"] = _found(found, "question", elicits).f1
        figures[f"AMI offer F1, {name}"] = _found(found, "next_step", lambda act: "off" in act.labels).f1
    for corpus in ("casino", "p4g"):
        found = _annotated(list(typed_dialogues(corpora, corpus)), stripped)
        figures[f"{corpus} question mark F1, stripped, never seen"] = _found(
            found, "question", lambda act: "?" in act.labels
        ).f1
    sentences = [[act] for act in email_intent(corpora)]
    figures["e-mail intent F1, as written, never seen"] = _found(
        _annotated(sentences, str), "next_step", lambda act: "Yes" in act.labels
    ).f1
    return figures


def _held_out(meetings: Iterable[Sequence[Act]]) -> list[Sequence[Act]]:
    return [acts for acts in meetings if acts[0].split == "val"]


Found = list[tuple[Act, list[Evidence]]]


def _annotated(meetings: Iterable[Sequence[Act]], change: Callable[[str], str]) -> Found:
    """Every act with what was found in it."""
    found: Found = []
    for acts in meetings:
        turns: list[list[Evidence]] = [[] for _ in acts]
        transcript = as_transcript([(act.speaker, change(act.text)) for act in acts])
        choice = choose_rep(transcript)
        cast = assign_roles(transcript, choice)
        for item in annotators.annotate(cast, choice=choice):
            turns[item.turn].append(item)
        found.extend(zip(acts, turns, strict=True))
    return found


def _found(found: Found, label: str, truth: Callable[[Act], bool]) -> Counts:
    counts = Counts()
    for act, items in found:
        there, hit = truth(act), any(item.label == label for item in items)
        counts += Counts(there and hit, hit and not there, there and not hit)
    return counts


def _form(found: Found) -> Confusion:
    """Open or closed, of the questions found: MRDA calls every question with a question word open."""
    confusion = Confusion()
    for act, items in found:
        asked = [item for item in items if item.label == "question"]
        if asked and is_question(act):
            confusion.add(bool(OPEN & act.labels), asked[-1].attributes["form"] == "open")
    return confusion
