"""A result document as a page shows it: turns with evidence in them, the course of the call, score cards.

Pure functions. Nothing here marks text as safe: templates escape every word of a call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.features import REGISTRY
from models.framework import Dimension
from service.pages.html import clock
from service.quotes import quotable
from service.result import ContributionPart, EvidencePart, Result, ScorePart, TurnPart

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "asking": ("Questions", ("question",)),
    "value": ("Value", ("feature", "outcome", "story", "roi")),
    "objecting": ("Objections and responses", ("objection", "response")),
    "closing": ("Next steps", ("next_step", "trial_close", "close")),
    "shaping": ("Opening, agenda, people", ("opening", "agenda", "recap", "stakeholder", "name_use")),
    "delivery": ("Delivery", ("filler", "hedge", "monologue", "business_term")),
}
"""Kinds of evidence that a page tells apart, and the annotators' labels in each."""
OTHER = "other"
KIND_OF = {label: kind for kind, (_, labels) in KINDS.items() for label in labels}
# Whole turns are no highlight: everything would be one.
UNMARKED = frozenset({"monologue", "opening", "close"})
WHY = 4  # contributions that a card tells
QUOTES = 4
WIDTH = 1000  # units of the course of the call
_SMALL = 0.02  # effects below are no reason


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row that the same evidence covers; `kinds` are those of the evidence, most telling first."""

    text: str
    kinds: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A turn. `times` are its words' starts in hundredths of a second: the first, then the differences."""

    number: int
    speaker: str
    role: str
    start: float | None
    pieces: tuple[Piece, ...]
    times: str


def called(result: Result, rep: str | None) -> dict[str, str]:
    """What each speaker is called: the rep by name where it is known, others in the framework's words."""
    words = result.scorecard.vocabulary if result.scorecard else {}
    names = {}
    for speaker in result.speakers:
        role, _, number = speaker.name.partition(" ")
        plain = f"{words.get(role, role)} {number}".strip().capitalize()
        names[speaker.name] = rep if role == "rep" and rep else plain
    return names


def side(speaker: str) -> str:
    """Which of the colours a speaker has: rep, buyer, or another."""
    return speaker if speaker in {"rep", "buyer"} else "another"


def kinds_found(result: Result) -> dict[str, tuple[str, int]]:
    """Kinds of evidence in a call: what each is called and how often it is there."""
    counts: dict[str, int] = {}
    for item in result.evidence:
        if item.label not in UNMARKED:
            kind = KIND_OF.get(item.label, OTHER)
            counts[kind] = counts.get(kind, 0) + 1
    names = {**{kind: name for kind, (name, _) in KINDS.items()}, OTHER: "Other"}
    return {kind: (name, counts[kind]) for kind, name in names.items() if kind in counts}


def lines(result: Result, names: Mapping[str, str], shown: frozenset[str]) -> list[Line]:
    """The transcript, with evidence of the shown kinds marked."""
    by_turn: dict[int, list[EvidencePart]] = {}
    for item in result.evidence:
        if item.label not in UNMARKED and KIND_OF.get(item.label, OTHER) in shown:
            by_turn.setdefault(item.turn, []).append(item)
    return [
        Line(
            number=at,
            speaker=names.get(turn.speaker, turn.speaker),
            role=side(turn.speaker),
            start=turn.start,
            pieces=pieces(turn, by_turn.get(at, [])),
            times=times(turn),
        )
        for at, turn in enumerate(result.transcript.turns)
    ]


def as_corrected(shown: Sequence[Line], texts: Sequence[str]) -> list[Line]:
    """The lines with words that were corrected since their evidence was found, which then has no place.

    Where turns were added or taken out the lines stay as they are: a number would mean another turn.
    """
    if len(shown) != len(texts):
        return list(shown)
    return [
        line
        if " ".join(piece.text for piece in line.pieces) == text
        else replace(line, pieces=(Piece(text),), times="")
        for line, text in zip(shown, texts, strict=True)
    ]


def pieces(turn: TurnPart, found: Sequence[EvidencePart]) -> tuple[Piece, ...]:
    """A turn's words cut wherever evidence begins or ends; no word is lost or repeated."""
    count = len(turn.words)
    cuts = sorted({0, count, *(min(edge, count) for item in found for edge in (item.start, item.stop))})
    order = list(KINDS)
    made = []
    for start, stop in pairwise(cuts):
        over = [item for item in found if item.start <= start and item.stop >= stop]
        kinds = sorted(
            {KIND_OF.get(item.label, OTHER) for item in over},
            key=lambda kind: order.index(kind) if kind in order else len(order),
        )
        text = " ".join(word.text for word in turn.words[start:stop])
        made.append(Piece(text, tuple(kinds), "; ".join(dict.fromkeys(_says(item) for item in over))))
    return tuple(made)


def _says(item: EvidencePart) -> str:
    """What was found, in words: the label and whatever the annotator says of it."""

    def said(name: str, value: str | bool | float) -> str:
        if value is True:
            return name
        return f"{name}: {value:.0%}" if isinstance(value, float) else f"{name}: {value}"  # floats are shares

    more = [
        said(name, value).replace("_", " ")
        for name, value in item.attributes.items()
        if value not in (None, False, "")
    ]
    return ", ".join([item.label.replace("_", " "), *more])


def times(turn: TurnPart) -> str:
    """The starts of a turn's words as whole numbers parted by spaces; empty where one isn't known."""
    starts = [word.start for word in turn.words]
    known = [round(start * 100) for start in starts if start is not None]
    if not known or len(known) < len(starts):
        return ""
    return " ".join(map(str, [known[0], *(b - a for a, b in pairwise(known))]))


@dataclass(frozen=True, slots=True)
class Course:
    """The call from left to right in `WIDTH` units: an SVG path a speaker, and one a kind of evidence."""

    lanes: tuple[tuple[str, str, str], ...]
    marks: tuple[tuple[str, str], ...]


def course(result: Result, names: Mapping[str, str]) -> Course | None:
    """Who speaks when and where evidence is; None for a transcript without times."""
    spans = [(turn.speaker, turn.start, turn.end) for turn in result.transcript.turns]
    timed = [(who, start, end) for who, start, end in spans if start is not None and end is not None]
    length = result.transcript.duration or max((end for _, _, end in timed), default=0.0)
    if not timed or length <= 0:
        return None
    lanes: dict[str, list[str]] = {speaker.name: [] for speaker in result.speakers}
    for who, start, end in timed:
        left, width = start / length * WIDTH, max((end - start) / length * WIDTH, 0.5)
        lanes.setdefault(who, []).append(f"M{left:.1f} 0h{width:.1f}v10h-{width:.1f}z")
    marks: dict[str, list[str]] = {}
    for item in result.evidence:
        if item.start_time is not None and item.label not in UNMARKED:
            left = item.start_time / length * WIDTH
            marks.setdefault(KIND_OF.get(item.label, OTHER), []).append(f"M{left:.1f} 0v8")
    return Course(
        tuple((names.get(who, who), side(who), "".join(path)) for who, path in lanes.items() if path),
        tuple((kind, "".join(path)) for kind, path in marks.items()),
    )


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the call that a score rests on."""

    speaker: str
    start: float | None
    at: str
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Card:
    """A dimension as a page shows it; the draft's parts are empty while the draft must not be seen.

    `proposed` is what accepting the draft gives: "1" to "5", "none" for not observed, or nothing where the
    draft could not be made, which says nothing about the call.
    """

    dimension: str
    title: str
    looks_at: str
    not_observed: str
    anchors: tuple[tuple[int, str], ...]
    draft: ScorePart | None
    proposed: str | None = None
    quotes: tuple[Quote, ...] = ()
    why: tuple[tuple[str, str], ...] = ()


def cards(result: Result, dimensions: Sequence[Dimension], names: Mapping[str, str]) -> list[Card]:
    """A card for each dimension of the framework, in its order."""
    drafts = {score.dimension: score for score in result.scorecard.scores} if result.scorecard else {}
    made = []
    for one in dimensions:
        draft = drafts.get(one.id)
        made.append(
            Card(
                dimension=one.id,
                title=one.title,
                looks_at=one.looks_at,
                not_observed=one.not_observed,
                anchors=tuple((anchor.value, anchor.text) for anchor in one.anchors),
                draft=draft,
                proposed=_proposed(one, draft),
                quotes=tuple(_quote(one, names) for one in quotable(result.evidence, draft.evidence, QUOTES))
                if draft
                else (),
                why=tuple(_why(part) for part in _telling(draft)) if draft else (),
            )
        )
    return made


def _proposed(dimension: Dimension, draft: ScorePart | None) -> str | None:
    if draft is None:
        return None
    if draft.value is not None:
        return str(draft.value)
    return "none" if draft.reason in {condition.reason for condition in dimension.observed_if} else None


def _quote(item: EvidencePart, names: Mapping[str, str]) -> Quote:
    start = item.start_time
    return Quote(
        names.get(item.speaker, item.speaker),
        start,
        clock(start) or f"turn {item.turn + 1}",
        item.quote,
        _says(item),
    )


def _telling(draft: ScorePart) -> list[ContributionPart]:
    moved = [part for part in draft.contributions if abs(part.effect) >= _SMALL]
    return sorted(moved, key=lambda part: -abs(part.effect))[:WHY]


def _why(part: ContributionPart) -> tuple[str, str]:
    """What moved a score, in words, and which way."""
    known = REGISTRY.get(part.feature)
    summary = known.summary.removesuffix(".") if known else part.feature.replace("_", " ")
    told = f"{summary}: {_amount(part.value, known.unit if known else '')}"
    return told, "raises" if part.effect > 0 else "lowers"


def _amount(value: float, unit: str) -> str:
    """A feature's value as a person says it."""
    if unit in {"share", "strength"}:
        return f"{value:.0%}"
    if unit == "yes/no":
        return "yes" if value else "no"
    return f"{round(value, 1):g} {unit}".strip()
