"""When a next step is to be done: in its own words, beside them in the turn, or as the other side answers.

People name the day before the deed ("Thursday noon, I'll email it"), after it ("I'll send both. You'll have
them Monday"), or in the answer ("make it Thursday").
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotators.dates import When, find_times
from annotators.utterances import Utterance

_FOLLOWING = 4  # turns in which a day is settled
_INSTEAD = re.compile(r"\b(?:make (?:it|that|this)|instead|rather|better|sooner)\b")
_WAITING = frozenset({
    "once", "when", "whenever", "after", "until", "soon", "sometime", "some", "unless", "if",
    "before", "eventually",
})  # fmt: skip
_NOW_BEHIND = frozenset({"it", "them", "that", "this", "her", "him", "you", "just", "right"})
_BEHIND = 6  # words after a weekday in which the day of the month is named
_AT_ONCE = 2  # turns in which somebody answers at once
# How likely a day is named elsewhere when it isn't looked for, and when it is looked for further away.
_UNLIKELY, _LIKELY = 0.25, 0.6
_SHORT = 12  # tokens of an answer that is about the day
_ANSWER = 8  # tokens of an answer that settles when both meet
_OPENING = 3  # tokens before a day that corrects another or settles one
_EARLIER = 3  # turns before a step in which the day of the meeting is looked for
# Done where people meet.
_ALONG = re.compile(
    r"\bbring(?:ing)?\b|\b(?:you|it|them|by|before|ready|done) then\b"
    r"|\b(?:can|will|i'll|we'll) be there\b"
)
_SAME_DAY = re.compile(
    r"\b(?:that|the same) day\b|\b(?:that|that same|the same) (?:day|morning|afternoon|evening|night)\b"
)
_NOW_BEFORE = frozenset({"with", "and", "so", "while", "because", "if", "then"})
_STOPS = frozenset(".?!")
_SUBJECT_STARTS = frozenset({"i", "i'", "yo", "we", "he", "sh", "th", "co", "ca", "so"})  # of "you", "could"
_REACH = 30  # words after a step in which its day may follow


@dataclass(frozen=True, slots=True)
class StepTime:
    """The words of a time as said, its day if they name one, and whether they leave it open."""

    words: str
    date: dt.date | None
    vague: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    utterance: Utterance
    time: When

    @property
    def start(self) -> int:
        return self.utterance.words(self.time.first, self.time.last)[0]


def step_time(
    said: Sequence[Sequence[str]],
    turns: Sequence[Sequence[Utterance]],
    place: tuple[int, int, int],
    taken: Sequence[tuple[int, int]],
    call_date: dt.date | None,
    *,
    meets: bool = False,
    elsewhere: float | None = None,
) -> StepTime | None:
    """The time of the step at `place` (turn, first and last word), or None.

    Args:
        said: the words of every turn.
        turns: the utterances of every turn.
        place: of the step.
        taken: word ranges of the other steps of the turn, whose times are their own.
        call_date: the day of the call, if known.
        meets: both have to be there, so that an answer with a day fixes it.
        elsewhere: how likely words around the step name its day if its own don't, 0..1; None: nobody knows.
    """
    turn, start, stop = place
    heard = _times(turns[turn], call_date)
    own = [item for item in heard if start <= item.start < stop]
    best = _same_day(turns, place, heard, call_date) or _best(own)
    if _is_open(best):
        at_once = _at_once(said[turn][start:stop], call_date)
        if at_once:
            return at_once
    lent = elsewhere is None or elsewhere > _UNLIKELY
    if _is_open(best) and lent and not _waits(said[turn][start:stop]):
        shared = _shared(said[turn], heard, stop, taken)
        best = shared or _beside(heard, start, stop, taken) or best
    if _is_open(best) and lent and (best is not None or _goes_along(said[turn][start:stop])):
        best = _of_the_meeting(turns, place, heard, call_date) or best
    chosen = _settled(turns, turn, best, call_date, meets=meets and lent) or best
    if _is_open(chosen) and elsewhere is not None and elsewhere > _LIKELY:
        chosen = (
            _answered(turns, turn, call_date) or _of_the_meeting(turns, place, heard, call_date) or chosen
        )
    if chosen is None:
        return None
    chosen = _named_twice(heard, chosen) or chosen
    words = said[chosen.utterance.turn]
    begin, end = chosen.utterance.words(chosen.time.first, chosen.time.last)
    date = chosen.time.date if chosen.time.has_day and not chosen.time.vague else None
    return StepTime(" ".join(words[begin:end]).strip(" ,.?!;"), date, chosen.time.vague)


def _is_open(best: _Heard | None) -> bool:
    """Whether the day has still to be found: nothing, or an hour alone."""
    return best is None or not (best.time.has_day or best.time.vague)


def _named_twice(heard: Sequence[_Heard], chosen: _Heard) -> _Heard | None:
    """The day of the month that says which Friday is meant: "the Friday after, the twenty-fourth"."""
    day = chosen.time.date
    if day is None or chosen.time.kind != "weekday":
        return None
    for item in heard:
        date, behind = item.time.date, item.start - chosen.start
        if date and item.time.kind == "day of month" and 0 < behind <= _BEHIND:
            return item if date > day and date.weekday() == day.weekday() else None
    return None


def _at_once(words: Sequence[str], call_date: dt.date | None) -> StepTime | None:
    """Today, for what is done "now" or "straight away": not the "now" with which people go on talking."""
    plain = [word.lower().strip(",.?!;") for word in words]
    for place, (before, word) in enumerate(pairwise(plain), 1):
        after = "".join(plain[place + 1 : place + 2])
        now = word == "now" and (before in _NOW_BEHIND or not after or after in _NOW_BEFORE)
        if now or (word == "away" and before in {"right", "straight"}):
            said = f"{before} {word}" if before in {"right", "straight"} else word
            return StepTime(said, call_date, vague=False)
    return None


def _times(turn: Sequence[Utterance], call_date: dt.date | None) -> list[_Heard]:
    return [
        _Heard(utterance, time)
        for utterance in turn
        for time in find_times(utterance, 0, len(utterance.tokens), call_date)
        if utterance.tokens[time.first : time.last] != ("from", "today")
    ]


def _best(own: Sequence[_Heard]) -> _Heard | None:
    """Of a step's own times a deadline before other days, a day before anything else."""
    ranked = sorted(own, key=lambda item: (not item.time.has_day, _opening(item) not in {"by", "on"}))
    days = [item for item in ranked if item.time.has_day and _opening(item) not in {"for", "from"}]
    return next(iter(days or ranked), None)


def _opening(item: _Heard) -> str:
    return item.utterance.tokens[item.time.first]


def _waits(words: Sequence[str]) -> bool:
    """Whether the step waits for something to happen, not for a day."""
    plain = {word.lower().strip(",.?!;") for word in words}
    return not _WAITING.isdisjoint(plain)


def _same_day(
    turns: Sequence[Sequence[Utterance]],
    place: tuple[int, int, int],
    heard: Sequence[_Heard],
    call_date: dt.date | None,
) -> _Heard | None:
    """The day last named, for "that same day" and "that evening"."""
    turn, start, stop = place
    said = [
        token
        for item in turns[turn]
        for token, at in zip(item.tokens, item.places, strict=True)
        if start <= at < stop
    ]
    if not _SAME_DAY.search(" ".join(said)):
        return None
    before = [item for item in heard if item.time.has_day and item.start < start]
    return before[-1] if before else _last_named(turns, turn, call_date)


def _beside(
    heard: Sequence[_Heard], start: int, stop: int, taken: Sequence[tuple[int, int]]
) -> _Heard | None:
    """A day named in the turn: the next after the step, unless another step's, else one just before."""
    days = [item for item in heard if item.time.has_day and item.utterance.ending != "?"]
    after = next((item for item in days if stop <= item.start < stop + _REACH), None)
    if after is not None and not any(first <= after.start < last for first, last in taken):
        return after
    before = [item for item in days if start - _SHORT <= item.start < start]
    free = [item for item in before if not any(first <= item.start < last for first, last in taken)]
    return free[-1] if free else None


def _shared(
    words: Sequence[str], heard: Sequence[_Heard], stop: int, taken: Sequence[tuple[int, int]]
) -> _Heard | None:
    """The day of the step that follows, if its deed is only added: "set up A and send B by Monday"."""
    first, last = next(((first, last) for first, last in taken if stop <= first <= stop + 1), (0, 0))
    opening = [word.lower().strip(",.") for word in words[first:last][:2]]
    if opening[:1] == ["and"]:
        opening = opening[1:]
    if words[stop - 1 : stop][0][-1:] in _STOPS or not opening or opening[0][:2] in _SUBJECT_STARTS:
        return None
    return next((item for item in heard if first <= item.start < last and item.time.has_day), None)


def _goes_along(words: Sequence[str]) -> bool:
    """Whether the step is done where people meet ("I'll bring it"); what notes when that is isn't."""
    return bool(_ALONG.search(" ".join(word.lower().strip(",.?!") for word in words)))


def _of_the_meeting(
    turns: Sequence[Sequence[Utterance]],
    place: tuple[int, int, int],
    heard: Sequence[_Heard],
    call_date: dt.date | None,
) -> _Heard | None:
    """The day last named before the step, in its turn or just before."""
    turn, start, _ = place
    own = [item for item in heard if item.time.has_day]
    before = [item for item in own if item.start < start]
    if before or own:
        return before[-1] if before else own[0]
    return _last_named(turns, turn, call_date)


def _last_named(turns: Sequence[Sequence[Utterance]], turn: int, call_date: dt.date | None) -> _Heard | None:
    """The last day of the few turns before."""
    for earlier in reversed(turns[max(0, turn - _EARLIER) : turn]):
        days = [item for item in _times(earlier, call_date) if item.time.has_day]
        if days:
            return days[-1]
    return None


def _answered(turns: Sequence[Sequence[Utterance]], turn: int, call_date: dt.date | None) -> _Heard | None:
    """The day that somebody else names at once, for what was asked of them: "you can have those Monday"."""
    for following in turns[turn + 1 : turn + 1 + _AT_ONCE]:
        if following and following[0].speaker != turns[turn][0].speaker:
            days = [item for item in _times(following, call_date) if item.time.has_day and item.time.date]
            return next((item for item in days if item.utterance.ending != "?"), None)
    return None


def _settled(
    turns: Sequence[Sequence[Utterance]],
    turn: int,
    best: _Heard | None,
    call_date: dt.date | None,
    *,
    meets: bool,
) -> _Heard | None:
    """The day that the answers settle on, where the step has none or another is asked for."""
    named = best is not None and best.time.has_day and best.time.date is not None
    last = None
    for following in turns[turn + 1 : turn + 1 + _FOLLOWING]:
        for item in _times(following, call_date):
            if not item.time.has_day or item.time.date is None or item.utterance.ending == "?":
                continue
            around = item.utterance.tokens[max(0, item.time.first - 4) : item.time.last + 1]
            then = item.utterance.tokens[item.time.last : item.time.last + 1] == ("then",)
            own = item.utterance.speaker == turns[turn][0].speaker
            corrects = then and own and item.time.first <= _OPENING
            if named and (corrects or _INSTEAD.search(" ".join(around))):
                return item
            wished = item.utterance.tokens[item.time.first - 1 : item.time.first] == ("your",)
            settles = len(item.utterance.tokens) <= _ANSWER and item.time.first <= _OPENING and not wished
            if not named and meets and settles:
                last = item
    return last
