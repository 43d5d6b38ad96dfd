"""Component: next steps. What either side commits to, who owns it, when, and whether the other side agrees.

Talk about the product ("the system will send a report") and about the call itself ("let me ask you") is
not a next step. A step without a real time whose action commits to nothing is *vague*.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from annotators.dates import When, find_times
from annotators.document import Finding, Layout, layout, record
from annotators.matching import Match, load_patterns
from annotators.utterances import Utterance, by_turn, clauses
from models.call import BUYER, REP

REPLY_TURNS = 3  # turns after the step in which the other side's answer is looked for
REPLY_UTTERANCES = 3  # how much of the answer says yes or no
ACTION_TOKENS = 16  # length of the action as shown
_PATTERNS = load_patterns("next_steps")
_KINDS = ("self", "joint", "other", "order", "proposal", "farewell")


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    first: int
    last: int
    action_from: int
    time: When | None
    weak: bool


@Language.factory("ridealong_next_steps", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["next_step"]` with `action`, `owner`, `when`, `date`, `agreed`, `vague`."""

    def __call__(self, doc: Doc) -> Doc:
        """Looks ahead over a bounded number of turns only."""
        record(doc, "next_step", _findings(layout(doc), by_turn(doc)))
        return doc


def _findings(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    said: set[str] = set()
    for number, turn in enumerate(turns):
        late = number * 2 >= len(turns)
        for utterance in turn:
            for step in steps(utterance, call.call_date, late=late):
                words = _day_words(utterance, step.time)
                found = _finding(call, turns, utterance, step)
                offer = utterance.tokens[step.first : step.first + 2] in {("i", "can"), ("i", "could")}
                if (step.kind == "farewell" and words <= said) or (
                    offer and step.time is None and not found.attributes["agreed"]
                ):
                    continue
                said |= words
                yield found


def _day_words(utterance: Utterance, time: When | None) -> set[str]:
    return (
        set(utterance.tokens[time.first : time.last]) - {"on", "by", "at", "the", "next"} if time else set()
    )


def steps(utterance: Utterance, call_date: dt.date | None, *, late: bool) -> list[_Step]:
    """The commitments in one utterance; `late` if the call is past its half, where plans are made."""
    matches = _PATTERNS.find(utterance)
    if any(match.group == "product" for match in matches):
        return []
    barred = {match.first for match in matches if match.group == "in_call"}
    ranges = clauses(utterance)
    starts = {first for first, _ in ranges} | {_after_lead(utterance, first) for first, _ in ranges}
    chosen: list[Match] = []
    for kind in _KINDS:
        for match in matches:
            fits = match.group == kind and match.first not in barred
            if fits and (kind != "order" or match.first in starts):
                chosen.append(match)
    chosen = _without_overlap(chosen)
    if not chosen:
        return _planned(utterance, ranges, call_date) if late else []
    found = []
    for index, match in enumerate(chosen):
        bound = chosen[index + 1].first if index + 1 < len(chosen) else len(utterance.tokens)
        step = _step(utterance, match, bound, ranges, call_date)
        if step is not None:
            found.append(step)
    return found


def _after_lead(utterance: Utterance, first: int) -> int:
    leads = {"and", "so", "then", "okay", "but", "just", "well", "yes", "yeah", "please"}
    while first < len(utterance.tokens) - 1 and utterance.tokens[first] in leads:
        first += 1
    return first


def _without_overlap(matches: list[Match]) -> list[Match]:
    """In order of the words; of overlapping matches the one that begins first, then the longer."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda item: (item.first, -item.last)):
        if not kept or match.first >= kept[-1].last:
            kept.append(match)
    return kept


def _step(
    utterance: Utterance,
    match: Match,
    bound: int,
    ranges: list[tuple[int, int]],
    call_date: dt.date | None,
) -> _Step | None:
    last = _clause_end(ranges, match, bound)
    times = find_times(utterance, match.first, bound, call_date)
    time = next((item for item in times if item.has_day or item.vague), times[0] if times else None)
    if time is not None and time.last > last:
        last = time.last
    if match.group == "proposal" and (time is None or not time.has_day or utterance.ending not in {"?", ""}):
        return None
    weak = any(item.group == "weak" for item in _PATTERNS.find_within(utterance, match.first, last))
    promises_receipt = utterance.tokens[match.first] in {"you", "expect"} and match.group == "self"
    present = match.group == "other" and utterance.tokens[match.first + 1] not in {"will", "you", "mind"}
    unasked = present and utterance.tokens[match.first] == "you"
    # "I can visit?" asks for leave; "would it help if I sent it?" offers.
    if match.group == "self" and utterance.ending == "?" and utterance.tokens[match.first + 1] == "can":
        return None
    if time is None and (promises_receipt or unasked or match.group == "farewell"):
        return None
    return _Step(match.group, match.first, last, match.first, time, weak)


def _clause_end(ranges: list[tuple[int, int]], match: Match, bound: int) -> int:
    end = next((last for first, last in ranges if last >= match.last), bound)
    return max(match.last, min(end, bound))


def _planned(utterance: Utterance, ranges: list[tuple[int, int]], call_date: dt.date | None) -> list[_Step]:
    """Plans in the present tense: "we switch it on Friday", "you go through it with him on Monday"."""
    if utterance.ending == "?" or not _CONDITIONS.isdisjoint(utterance.tokens):
        return []
    found = []
    for first, last in ranges:
        start = _after_lead(utterance, first)
        if start + 2 >= last or utterance.tokens[start] not in {"i", "we", "you"}:
            continue
        if utterance.tags[start + 1] not in {"VBP", "VB"} or utterance.tokens[start + 1] in _STATES:
            continue
        times = [item for item in find_times(utterance, start, last, call_date) if item.has_day]
        if times:
            kind = {"i": "self", "we": "joint", "you": "other"}[utterance.tokens[start]]
            found.append(_Step(kind, start, last, start, times[0], weak=False))
    return found


_STATES = frozenset({
    "are", "am", "have", "do", "know", "think", "need", "want", "mean", "see", "get", "say", "guess",
    "had", "did", "were", "was", "said", "can", "feel", "like", "use", "pay", "run", "live", "go", "work",
    "close", "meet",
})  # fmt: skip
_CONDITIONS = frozenset({
    "if", "when", "unless", "whatever", "whenever", "every", "each",
})  # fmt: skip


def _finding(call: Layout, turns: list[list[Utterance]], utterance: Utterance, step: _Step) -> Finding:
    time = step.time
    timeless = time is None or time.vague
    vague = (time is not None and time.vague) or (timeless and step.weak)
    start, stop = utterance.words(step.first, step.last)
    said = call.turns[utterance.turn].words
    when = " ".join(said[slice(*utterance.words(time.first, time.last))]).strip(" ,.?!;") if time else None
    return Finding(
        utterance.turn,
        start,
        stop,
        0.6 if vague or step.kind == "proposal" else 0.9 if time else 0.7,
        {
            "action": _action(said, utterance, step),
            "owner": owner(call, utterance.turn, step.kind),
            "when": when,
            "date": time.date.isoformat() if time and time.date and not time.vague else None,
            "agreed": is_agreed(
                turns,
                utterance,
                vague=vague,
                offered=step.kind != "self",
                buyers=call.has_rep and not call.is_rep(utterance.turn),
            ),
            "vague": vague,
        },
    )


def _action(said: tuple[str, ...], utterance: Utterance, step: _Step) -> str:
    """The words of the step without its time."""
    last = min(step.last, step.action_from + ACTION_TOKENS)
    begin, end = utterance.words(step.action_from, last)
    left_out: set[int] = set()
    if step.time is not None:
        left_out = set(range(*utterance.words(step.time.first, step.time.last)))
    return " ".join(said[place] for place in range(begin, end) if place not in left_out).strip(" ,.?!;")


def owner(call: Layout, turn: int, kind: str) -> str | None:
    """Who has to act; None while nobody knows who the rep is and it isn't both."""
    if kind in {"joint", "proposal", "farewell"}:
        return "both"
    if not call.has_rep:
        return None
    return REP if call.is_rep(turn) == (kind == "self") else BUYER


def is_agreed(
    turns: list[list[Utterance]], utterance: Utterance, *, vague: bool, offered: bool, buyers: bool
) -> bool:
    """Whether the other side accepts: says yes to it, or asked for it just before.

    `offered` steps need an answer. One's own promise also stands if the other side had asked for it; the
    `buyers` own needs no more than that the rep lets it stand.
    """
    speaker = utterance.speaker
    for turn in turns[utterance.turn + 1 : utterance.turn + 1 + REPLY_TURNS]:
        if turn and turn[0].speaker != speaker:
            answer = answers(turn[:REPLY_UTTERANCES])
            if answer is not None:
                return answer
    if offered or vague:
        return False
    opening = turns[utterance.turn][0]
    asked = turns[utterance.turn - 1] if utterance.turn else []
    heard = bool(asked) and asked[0].speaker != speaker
    return buyers or (heard and (asked[-1].ending == "?" or answers([opening]) is True))


def answers(said: list[Utterance]) -> bool | None:
    """Yes (True), no (False) or neither (None), by how the utterances begin."""
    for utterance in said:
        groups = {match.group for match in _PATTERNS.at_start(utterance)}
        if "reject" in groups:
            return False
        if "accept" in groups:
            return True
    return None
