"""The rep's talk by clauses: product, result or neither, and which stretches tell of another customer.

A linear model (training/steps/talk.py) and the network that reads the whole call say all of it, once a call,
for two components.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from spacy.tokens import Doc

from annotators.call_reader import call_read
from annotators.document import Layout, layout
from annotators.linear import LinearModel, load
from annotators.talk_cues import Clause, Setting, noun_stems, turn_clauses, turn_cues
from annotators.utterances import Utterance, by_turn

MODEL = "talk"
VALUES = ("neither", "feature", "outcome")
# The model's classes: a clause of a story that names its result is "told".
VALUE_OF = {
    "neither": "neither",
    "feature": "feature",
    "outcome": "outcome",
    "story": "neither",
    "told": "outcome",
}
_CLASSES_OF = {value: [name for name, of in VALUE_OF.items() if of == value] for value in VALUES}
STORY_CLASSES = ("story", "told")
# Log-odds by which a label must beat that of the clause before it for a change; fitted on the training calls.
VALUE_CHANGE = 0.3
STORY_CHANGE = 2.0
# Readers mark results and stories more readily than the model, which knows how rare they are.
VALUE_FAVOUR: Mapping[str, float] = {"neither": 0.0, "feature": 0.4, "outcome": 1.2}
STORY_FAVOUR = 1.0
READ = 0.5  # share of the network in the log-odds
_KEPT = "ridealong_judged"


@dataclass(frozen=True, slots=True)
class Said:
    """A clause of the rep: what it is ("feature", "outcome", "neither"), how sure, and whether in a story.

    `own` and `told`, 0..1, are how likely it is a result for this customer, and one of another in a story.
    """

    clause: Clause
    value: str
    sure: float
    in_story: bool
    story_sure: float
    own: float
    told: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The rep's clauses by turn, other turns empty: as judged by both models, and by the linear one alone."""

    both: list[list[Said]]
    by_cues: list[list[Said]]


def talk(doc: Doc) -> list[list[Said]]:
    """The rep's clauses by turn, other turns empty; worked out once a Doc."""
    return _judged(doc).both


def talk_by_cues(doc: Doc) -> list[list[Said]]:
    """The same as the linear model alone has it: what the models of objections and responses learned with."""
    return _judged(doc).by_cues


def _judged(doc: Doc) -> Judged:
    kept: Judged | None = doc.user_data.get(_KEPT)
    if kept is None:
        said = by_turn(doc)
        kept = Judged([[] for _ in layout(doc).turns], [[] for _ in layout(doc).turns])
        found = list(rep_turns(layout(doc), said))
        read = call_read(doc)
        cues = [clause for *_, clauses in found for clause in clauses]
        judged = iter(chances(load(MODEL), cues))
        for number, turn, _ in found:
            likely = list(islice(judged, len(turn)))
            kept.by_cues[number] = decide(turn, likely)
            also = [
                read.mixed("talk", (number, *clause.words()), entry, READ)
                for clause, entry in zip(turn, likely, strict=True)
            ]
            kept.both[number] = decide(turn, also)
        doc.user_data[_KEPT] = kept
    return kept


def chances(model: LinearModel, examples: Sequence[Collection[str]]) -> list[dict[str, float]]:
    """The model's probabilities for many examples at once: a fraction of the time of one by one."""
    rows: list[int] = []
    edges: list[int] = []
    for cues in examples:
        edges.append(len(rows))
        rows.extend({row for row in map(model.rows.get, cues) if row is not None})
    totals = np.zeros((len(rows) + 1, len(model.classes)))
    np.cumsum(model.weights[rows], axis=0, dtype=np.float64, out=totals[1:])
    odds = totals[[*edges[1:], len(rows)]] - totals[edges] + model.bias
    powers = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return [dict(zip(model.classes, share, strict=True)) for share in shares.tolist()]


def rep_turns(
    call: Layout, turns: Sequence[Sequence[Utterance]]
) -> Iterator[tuple[int, list[Clause], list[list[str]]]]:
    """Number, clauses and cues of every turn of the rep that says anything; one walk through the call."""
    heard: dict[str, int] = {}
    own: set[str] = set()
    for number, turn in enumerate(turns):
        nouns = [noun for utterance in turn for noun in noun_stems(utterance)]
        if not call.is_rep(number):
            # A word that the rep brought up is not the buyer's, who said it after.
            heard.update((noun, number) for noun in nouns if noun not in own or noun in heard)
            continue
        parts = turn_clauses(turn)
        if parts:
            before = turns[number - 1] if number else ()
            after = turns[number + 1] if number + 1 < len(turns) else ()
            yield number, parts, turn_cues(parts, Setting(before, after, 10 * number // len(turns), heard))
        own.update(nouns)


def decide(turn: Sequence[Clause], chances: Sequence[Mapping[str, float]]) -> list[Said]:
    """What each clause of a turn is, given the model's probabilities of its classes."""
    values = [
        {value: sum([entry.get(name, 0.0) for name in names]) for value, names in _CLASSES_OF.items()}
        for entry in chances
    ]
    stories = [sum(entry.get(name, 0.0) for name in STORY_CLASSES) for entry in chances]
    named = smoothed(
        [[_log(entry[name]) + VALUE_FAVOUR[name] for name in VALUES] for entry in values], VALUE_CHANGE
    )
    told = smoothed([[_log(1 - chance), _log(chance) + STORY_FAVOUR] for chance in stories], STORY_CHANGE)
    return [
        Said(
            clause,
            VALUES[value],
            entry[VALUES[value]],
            bool(in_story),
            story,
            own=chance.get("outcome", 0.0),
            told=chance.get("told", 0.0),
        )
        for clause, value, entry, in_story, story, chance in zip(
            turn, named, values, told, stories, chances, strict=True
        )
    ]


def smoothed(odds: Sequence[Sequence[float]], change: float) -> list[int]:
    """The best label of each step, where each change from one label to another costs `change` (Viterbi)."""
    best = list(odds[0])
    came: list[list[int]] = []
    for entry in odds[1:]:
        top = best.index(max(best))
        origin = [label if best[label] >= best[top] - change else top for label in range(len(best))]
        best = [
            entry[label] + best[origin[label]] - (change if origin[label] != label else 0.0)
            for label in range(len(best))
        ]
        came.append(origin)
    labels = [best.index(max(best))]
    for origin in reversed(came):
        labels.append(origin[labels[-1]])
    return labels[::-1]


def _log(chance: float) -> float:
    return math.log(chance + 1e-9)
