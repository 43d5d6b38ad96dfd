"""Rules of thumb for next steps: cues for the model, and a decision where it has little to go by."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotators.matching import load_patterns
from annotators.step_heads import AHEAD
from annotators.step_units import Unit

PATTERNS = load_patterns("next_steps")
KINDS = frozenset({
    "transfer", "make", "talk", "consider", "enquire", "people", "book", "begin",
})  # fmt: skip
_GIVING = frozenset({
    "promise", "let me", "i may", "i now", "i am", "told", "third", "i would", "joint",
})  # fmt: skip
_TALKING = frozenset({"joint", "let us", "let we", "promise", "we may", "we need"})
_CONSIDERING = frozenset({"promise", "i need", "i would", "joint", "let me"})
_ALONE = frozenset({"consider", "people", "enquire", "talk"})
_TAKES_UP = frozenset({
    "send", "monday", "tuesday", "wednesday", "thursday", "friday", "tomorrow", "works", "email", "do",
    "look",
})  # fmt: skip
_SHORT_CALL = 12  # turns
_BRIEF = 14  # tokens of an utterance that does no more than name a time
_PHRASED = frozenset({"self", "joint", "other", "order"})
_DOUBTFUL = frozenset({"product", "in_call"})


@dataclass(frozen=True, slots=True)
class Place:
    """A unit and what describes it.

    `groups`: of the pattern file; `head`: how it begins; `kind` of doing;
    `time`: "day", "vague", "clock" or "".
    """

    unit: Unit
    groups: frozenset[str]
    head: str
    kind: str
    time: str


def rule_cues(place: Place, side: str, late: str, accepted: str) -> set[str]:
    """What rules take for a plan, by how late in the call it is (`stage`) and whether it is `accepted`."""
    if place.head not in AHEAD or "product" in place.groups:
        return set()
    named = _dated(place) | _done(place, side)
    strong = min(len(named), 3)
    if not _PHRASED.isdisjoint(place.groups - {"order"}):
        named.add("old rule")
    cues = {f"r:{name}{of}" for name in named for of in ("", f" {late}", f" {accepted}", f" {side}")}
    cues.update(f"r:{name} {place.head}" for name in named)
    return cues | {f"r:{strong} {late}", f"r:{strong} {accepted} {late}", f"ahead {late} {side}"}


def _dated(place: Place) -> set[str]:
    if place.time != "day":
        return set()
    day = "day bygone" if "bygone" in place.groups else "day"
    return {day, "day doing"} if place.kind else {day}


def _done(place: Place, side: str) -> set[str]:
    kind, head = place.kind, place.head
    giving = head in _GIVING
    tests = {
        "giving": kind == "transfer" and giving,
        "giving document": kind == "transfer" and giving and "document" in place.groups,
        "making": kind == "make" and giving,
        "talking": kind in {"talk", "book"} and head in _TALKING,
        "asking": bool(kind) and head in {"ask", "order"},
        "considering": side == "buyer" and kind in _ALONE and head in _CONSIDERING,
        "enquiring": kind in {"enquire", "people"} and giving,
    }
    return {name for name, holds in tests.items() if holds}


def stage(count: int, turn: int) -> str:
    """How late in a call of `count` turns: "early", "mid", "late" or "end"."""
    left, share = count - 1 - turn, (turn + 1) / count
    if left <= 7 or share > 0.9:
        return "end"
    return "late" if share > 0.65 else "mid" if share > 0.35 else "early"


def accepted(turns: Sequence[Sequence[Place]], turn: int) -> str:
    """What the next turn says to a plan: taken up, accepted, refused, passed over; or unanswered."""
    row = turns[turn + 1] if turn + 1 < len(turns) else []
    if not row:
        return "unanswered"
    if any(not _TAKES_UP.isdisjoint(place.unit.tokens) for place in row[:3]):
        return "taken up"
    groups = {match.group for match in PATTERNS.at_start(row[0].unit.utterance, row[0].unit.first)}
    return "refused" if "reject" in groups else "accepted" if "accept" in groups else "passed over"


def is_worth_a_look(place: Place, turn: int, count: int) -> bool:
    """Whether a unit may be a plan: in the first half of a call of `count` turns phrases have to say so."""
    if not place.unit.may_plan:
        return False
    return 2 * (turn + 1) > count or not _PHRASED.isdisjoint(place.groups)


def is_dated_promise(place: Place, turn: int, count: int) -> bool:
    """Whether phrases alone make it a plan in a call of `count` turns: somebody promises it for a day.

    In calls too short to tell how late it is, requests, open times and promises to send something do, too.
    """
    if not _DOUBTFUL.isdisjoint(place.groups):
        return False
    if count < _SHORT_CALL:
        timed = not _PHRASED.isdisjoint(place.groups) and place.time in {"day", "vague"}
        return timed or ("self" in place.groups and place.kind == "transfer")
    return 2 * (turn + 1) > count and "self" in place.groups and place.time == "day"


def is_appointment(turns: Sequence[Sequence[Place]], turn: int, index: int) -> bool:
    """Whether a short unit late in a call offers a day, or tells of one booked, and the other agrees."""
    place = turns[turn][index]
    late = len(turns) < _SHORT_CALL or 3 * (turn + 1) > 2 * len(turns)
    if not late or "appoint" not in place.groups or place.time != "day" or place.unit.last > _BRIEF:
        return False
    return accepted(turns, turn) in {"accepted", "taken up"}
