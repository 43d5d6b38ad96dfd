"""Who has to act on a next step: the rep, the buyer, or both.

A linear model, rules it takes as cues, and the network that reads the whole call.
"""

from collections.abc import Sequence
from itertools import pairwise

from annotators import linear
from annotators.call_reader import Read
from annotators.document import Layout
from annotators.step_joins import actor
from annotators.step_rules import Place
from models.call import BUYER, REP

BOTH = "both"
READ = 0.3  # share of the network in the log-odds
_TOGETHER = frozenset({"joint", "let us", "let we", "we may", "we need"})
_OF_OTHERS = frozenset({"ask", "order", "told", "you now", "you may", "you else"})
_ME = frozenset({"me", "us"})
_RECEIVES = frozenset({"have", "get", "receive", "see", "hear"})  # "you will have it": the speaker sends it


def owner(call: Layout, turn: int, row: Sequence[Place], read: Read) -> str | None:
    """Who has to act on a step of the units `row`; None where no speaker is the rep, unless both act."""
    if not call.has_rep:
        return BOTH if _for_both(row) else None
    named = next((place for place in row if place.head), row[0])
    if _plainly_others(named) and not _for_both(row):
        return BUYER if call.is_rep(turn) else REP
    words = turn, row[0].unit.words()[0], row[-1].unit.words()[1]
    by_cues = linear.load("step_owner").probabilities(owner_cues(call, turn, row))
    shares = read.mixed("owner", words, by_cues, READ)
    return max(shares, key=shares.__getitem__)


def _plainly_others(place: Place) -> bool:
    """Whether the other side is told or asked to act: "could you send", "you will send me", "send me"."""
    if actor(place) != "other":
        return False
    ordered = place.head == "order" and not _ME.isdisjoint(place.unit.tokens[1:3])
    return ordered or place.head in {"ask", "told"}


def _for_both(row: Sequence[Place]) -> bool:
    head = next((place.head for place in row if place.head), "")
    groups = row[0].groups
    meeting = row[0].kind in {"talk", "book"} or "talk" in groups
    if head in _TOGETHER and (meeting or head in {"let us", "let we"}):
        return True
    return "farewell" in groups or ("proposal" in groups and head == "other")


def by_rule(call: Layout, turn: int, row: Sequence[Place]) -> str:
    """Who has to act as the head of the first unit has it."""
    if _for_both(row):
        return BOTH
    head = next((place.head for place in row if place.head), "")
    giving = head == "told" and not _RECEIVES.isdisjoint(row[0].unit.tokens[:6])
    others = head in _OF_OTHERS and not giving
    return REP if call.is_rep(turn) != others else BUYER


def owner_cues(call: Layout, turn: int, row: Sequence[Place]) -> set[str]:
    """What tells the owner of a step of the units `row`: rules, who speaks, words, who is named to act."""
    side = REP if call.is_rep(turn) else BUYER
    tokens = [token for place in row for token in place.unit.tokens]
    words = {*tokens, *(f"{one} {two}" for one, two in pairwise(tokens))}
    actors = [actor(place) for place in row]
    first = next((name for name in actors if name != "none"), "")
    head = next((place.head for place in row if place.head), "")
    rule = by_rule(call, turn, row)
    dated = any(place.time == "day" for place in row)
    cues = words | {f"{side} {word}" for word in words}
    cues |= {
        f"rule:{rule}", f"rule:{rule} {side}", f"first:{side} {first}", f"first head:{side} {head}",
        f"day:{side} {first} {dated}", "^" + " ".join(tokens[:2]), f"{side} ^" + " ".join(tokens[:2]),
        f"{side} ^" + " ".join(tokens[:1]),
    }  # fmt: skip
    for place, name in zip(row, actors, strict=True):
        cues.add(f"actor:{side} {name}")
        cues.update(f"g:{group}" for group in place.groups)
        if place.head:
            cues |= {f"head:{side} {place.head}", f"plan:{side} {place.head} {place.kind}"}
    return cues
