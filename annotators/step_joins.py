"""Which parts of a turn are one step: "I'll redo the quote. You'll have it by Tuesday" is one, not two."""

import datetime as dt
from collections.abc import Sequence

from annotators.dates import find_times
from annotators.step_rules import Place

_ANY_DAY = dt.date(2026, 3, 3)  # whether two days are the same hardly depends on it
_POINTS_BACK = frozenset({"it", "that", "this", "them", "those", "these", "both", "same", "all"})
_RECEIVES = frozenset({"have", "get", "receive", "see", "hear"})  # "you will have it": the speaker sends it
_TIES = frozenset({"and", "so", "then", "but", "or", "that", "you", "with", "because", "if", "when", "once"})
PEOPLE_WHO_ACT = frozenset({"self", "both", "other", "third", "given"})
_ACTORS = {
    "self": {"promise", "let me", "i may", "i now", "i am", "i would", "i need", "i else"},
    "both": {"joint", "let us", "let we", "we may", "we would", "we need", "we now", "we am"},
    "other": {"told", "ask", "order", "you now", "you may", "you else"},
    "third": {"third"},
}
LITTLE = frozenset({
    "i", "you", "we", "he", "she", "they", "will", "would", "can", "could", "shall", "should", "am", "are",
    "is", "be", "have", "has", "had", "do", "to", "of", "in", "on", "at", "by", "for", "from", "with", "the",
    "a", "an", "and", "or", "but", "so", "then", "that", "this", "it", "them", "these", "those", "me", "us",
    "him", "her", "my", "your", "our", "their", "what", "which", "who", "when", "where", "how", "if", "as",
    "not", "just", "also", "okay", "yes", "yeah", "no", "well", "right", "there", "here", "up", "out",
    "over", "back", "get", "go", "going", "let", "need", "want", "one", "some", "any", "all", "both", "now",
    "too", "than", "into", "about", "because", "once", "good", "great", "thank", "thanks", "please", "um",
    "uh", "like", "know", "mean", "maybe", "something", "thing", "things", "was", "were", "did", "'s",
})  # fmt: skip


def content(tokens: Sequence[str]) -> frozenset[str]:
    """The words of a stretch that say what it is about, without the ending of their plural."""
    return frozenset(
        token[:-1] if len(token) > 3 and token.endswith("s") else token
        for token in tokens
        if token not in LITTLE and len(token) > 1
    )


def days_named(row: Sequence[Place], call_date: dt.date | None) -> list[frozenset[str]]:
    """The days that each unit of a turn names, counted from the day of the call, or from any other."""
    return [_days(place, call_date or _ANY_DAY) if place.time == "day" else frozenset() for place in row]


def _days(place: Place, today: dt.date) -> frozenset[str]:
    times = find_times(place.unit.utterance, place.unit.first, place.unit.last, today)
    return frozenset(time.date.isoformat() for time in times if time.date and time.has_day)


def join_cues(row: Sequence[Place], part: range, after: int, days: Sequence[frozenset[str]]) -> set[str]:
    """What tells whether a unit goes on with a step.

    Args:
        row: the units of the turn.
        part: those of the step so far.
        after: the unit in question.
        days: that each unit names.
    """
    one, two = _opener(row, part), row[after]
    before, tokens = row[part[-1]], two.unit.tokens
    same = before.unit.utterance is two.unit.utterance
    back = not _POINTS_BACK.isdisjoint(tokens)
    named = frozenset[str]().union(*(days[index] for index in part))
    apart = _apart(named, days[after])
    shift = f"{actor(one)}>{actor(two)}"
    talk = f"{_talks(one)}>{_talks(two)}"
    ties = _led(tokens)
    shared = content([token for index in part for token in row[index].unit.tokens]) & content(tokens)
    cues = {
        f"gap:{after - part[-1]}", f"same:{same}", f"{one.head}>{two.head}", f"head:{two.head}",
        f"days:{apart}", f"days:{apart} {shift}", f"from:{one.head}", f"heads:{one.head == two.head} {same}",
        f"shares:{min(len(shared), 2)}", f"back:{back}", f"back:{back} {shift}", f"back:{back} {apart}",
        f"shift:{shift}", f"shift:{shift} {same}", f"kind:{two.kind}", f"talk:{talk}", f"talk:{talk} {shift}",
        f"led:{ties}", f"led:{ties} {shift}", f"parts:{min(len(part), 3)}",
        f"size:{min(len(tokens) // 3, 5)}",
        f"rule:{_is_another(one, two, apart)}", f"rule:{_is_another(one, two, apart)} {back}",
        f"{before.unit.tokens[-1]}$", f"end:{'' if same else before.unit.utterance.ending}",
    }  # fmt: skip
    cues.update("^" + " ".join(tokens[:count]) for count in (1, 2, 3))
    cues.update(f"between:{row[index].head}" for index in range(part[-1] + 1, after))
    return cues


def are_apart(row: Sequence[Place], part: range, after: int, days: Sequence[frozenset[str]]) -> bool:
    """Whether a unit can't go on with a step, whatever a model says: others are to act, on another day."""
    one, two = actor(_opener(row, part)), actor(row[after])
    named = frozenset[str]().union(*(days[index] for index in part))
    return one in _ACTORS and two in _ACTORS and one != two and _apart(named, days[after]) == "other"


def _opener(row: Sequence[Place], part: range) -> Place:
    """The unit in which somebody is to act, else the first."""
    named = (row[index] for index in part if actor(row[index]) in _ACTORS and row[index].head != "you may")
    return next(named, row[part[0]])


def _is_another(one: Place, two: Place, apart: str) -> bool:
    """Whether rules take it for a step of its own: another day, another actor, a talk to come."""
    if apart in {"other", "same"}:
        return apart == "other"
    first, second = actor(one), actor(two)
    if second not in _ACTORS or two.head == "you may":
        return False
    if second == "both":
        return first != "both" and _talks(two)
    if first in _ACTORS and first != second:
        return two.head not in {"you else", "you now"}
    return "then" in _led(two.unit.tokens) or (bool(one.time) and bool(two.time))


def actor(place: Place) -> str:
    """Who is to act, as the head of a unit has it: "self", "both", "other", or "none" if nobody is named."""
    if place.head == "told" and not _RECEIVES.isdisjoint(place.unit.tokens[:6]):
        return "given"
    return next((name for name, heads in _ACTORS.items() if place.head in heads), "none")


def _talks(place: Place) -> bool:
    return place.kind == "talk" or "talk" in place.groups


def _led(tokens: Sequence[str]) -> str:
    """The words that tie a unit to what was said: "and then", "so you", "with"."""
    leads = []
    for token in tokens[:3]:
        if token not in _TIES:
            break
        leads.append(token)
    return " ".join(leads)


def _apart(one: frozenset[str], two: frozenset[str]) -> str:
    if not one or not two:
        return f"{bool(one)}>{bool(two)}"
    return "same" if one & two else "other"
