"""Times as said ("by Friday at two", "in two weeks", "the fourteenth") and the day they mean.

Days are resolved forward from the day of the call, the way people fix appointments: "Friday" is the coming
one, "next Friday" the one in the next calendar week, "the end of the week" its Friday. A stretch of days
("next week", "in January") has words but no date.
"""

import datetime as dt
import re
from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from annotators.utterances import Utterance

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_UNITS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20,
    "thirty": 30, "sixty": 60, "ninety": 90, "couple": 2,
}  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second", "twenty-third",
    "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth",
    "thirtieth", "thirty-first",
)  # fmt: skip

_DAY = "|".join(_WEEKDAYS)
_MONTH = "|".join(_MONTHS)
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_UNITS)})"
_SPELLED = "|".join(f"{word.replace('-', '[- ]')}" for word in reversed(_ORDINALS))
_ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_SPELLED})"
_PART = "morning|afternoon|evening|night|lunchtime|lunch|dinner time|dinnertime|dinner|teatime|noon|midday"
_HALF_DAY = r"(?: ?(?:a\.?m|p\.?m|am|pm|o'clock))"
_HOUR = rf"(?:half past|quarter past|quarter to)? ?(?:\d{{1,2}}(?:[:.]\d\d)?|{'|'.join(_UNITS)})"
_CLOCK = (
    rf"(?:(?:at|by|around|about|before|after) {_HOUR}(?: (?:thirty|fifteen|forty-five))?{_HALF_DAY}?"
    rf"|{_HOUR}{_HALF_DAY}|(?:half past|quarter (?:past|to)) {_COUNT}"
    r"|(?:at |by |before |around )?(?:noon|midday|lunchtime)"
    rf"|(?:by )?close of business|first thing|end of (?:play|business))"
)
_STRETCH = "(?:hour|day|business day|working day|week|fortnight|month)"
_PERIOD = "(?:week|month|quarter|year|weekend)"
_QUARTER = r"(?:(?:q ?[1-4]|q (?:one|two|three|four))|the (?:first|second|third|fourth|last) quarter)"
_NO_DAY = (
    "name|names|order|year|half|few|couple|person|page|bit|version|option|item|draft|visit|time|thing|one|step"
    "|call|meeting|part|point|two|three|place|question|month|week|quarter|floor|row|round|phase|site|shift"
    "|building|team|line|stage|set|box|shop|room"
)
# "The first", "the second" and "the third" are days only behind "on", "by" or "from".
_LOW = r"(?:first|second|third)"
_AFTER = rf"(?! (?:{_NO_DAY})\b)"
_AFTER_CALL = (
    r"(?:(?:right |straight |just )?after (?:(?:this|the|our) call|this meeting|this(?= ?$)|we hang up)"
    r"|(?:when|once|as soon as|the moment) (?:we hang up|we are off (?:the phone|this call|the call)))"
)
_MINUTES = r"in (?:a (?:few |couple of )?|the next few )minutes?"
_WITHIN_THE_HOUR = rf"(?:(?:with)?in the (?:next )?(?:half (?:an )?)?hour|{_MINUTES})"
# "Thursday twenty-second": but "Monday first thing", "Friday second half" name no day of the month.
_BARE = rf"(?:the {_ORDINAL}|(?!{_LOW}\b){_ORDINAL}|{_LOW}(?= of\b|$))"
# "Monday 23", but not "Monday 10 o'clock", "Monday 9:30", "Monday 50 percent".
_FIGURE = rf"\d{{1,2}}(?= |$)(?!{_HALF_DAY}| (?:percent|hundred|thousand|people|minutes|hours)\b)"
# "What's today, today's Tuesday", "tomorrow's the 25th" ask and tell which day it is.
_NAMED_TODAY = rf"(?<!what is )today(?! (?:is|'s) (?:a )?(?:{_DAY}|the))(?! today\b)"
_NAMED_TOMORROW = rf"(?:the day after )?tomorrow(?! (?:is|'s) (?:a )?(?:{_DAY}|the))"
_NOT_BEHIND_TODAY = r"(?<!\btoday is )(?<!\btoday 's )"
_NOT_BEHIND_TOMORROW = r"(?<!\btomorrow is )(?<!\btomorrow 's )"
_DATE = (
    rf"(?:(?:first thing |early |late |later )?(?:{_NAMED_TODAY}|tonight|{_NAMED_TOMORROW})"
    rf"(?: (?:{_PART}))?"
    rf"|(?:this|later this) (?:{_PART})|later today|{_WITHIN_THE_HOUR}|in (?:an|half an) hour|eod|cob|eow"
    rf"|{_AFTER_CALL}"
    rf"|(?:the )?end of (?:(?:the|this|next|your|our) )?(?:day|week|month|quarter|year)|the week 's end"
    rf"|(?:the )?end of {_QUARTER}|(?:month|quarter|year)[- ]end|this time (?:next week|tomorrow)"
    rf"|(?:in|within)(?: the next)? (?:about |around )?(?:a )?{_COUNT}(?: of)? {_STRETCH}s?(?: 's)?(?: time)?"
    rf"|{_COUNT} weeks? from (?:today|now|tomorrow|{_DAY})"
    rf"|(?:{_COUNT} weeks?|a fortnight) (?:(?:on )?(?:{_DAY})|today)|the week after next"
    rf"|(?:the )?(?:{_DAY}) after next|(?:the )?{_ORDINAL} of (?:next|this) month"
    rf"|(?:the )?end of (?:{_MONTH})"
    rf"|(?:(?<=\bthe )|the )(?:{_DAY}) after(?: that)?(?= (?:so|and|then|we|i|if|because|at|to|the)\b| ?$)"
    r"|(?:(?:this|next|the following|coming|this coming|first thing) )?"
    rf"{_NOT_BEHIND_TODAY}(?<!\btodays )(?:{_DAY})"
    r"(?: (?:week|fortnight|next(?! week))\b)?"
    rf"(?: (?:{_PART}))?(?: {_BARE}| {_FIGURE})?"
    rf"(?: (?:of )?(?:{_MONTH})(?: (?:the )?(?:{_ORDINAL}|{_FIGURE}))?)?"
    r"(?: of (?:next|this|the following) week)?"
    rf"|(?:the )?{_ORDINAL} of (?:{_MONTH})|\d{{1,2}}(?:st|nd|rd|th)? (?!may\b|march\b)(?:{_MONTH})"
    rf"|(?<=\bon )the {_LOW}{_AFTER}|(?<=\bby )the {_LOW}{_AFTER}"
    rf"|(?<=\bfrom )the {_LOW}{_AFTER}|{_ORDINAL}(?= at )"
    rf"|{_NOT_BEHIND_TODAY}{_NOT_BEHIND_TOMORROW}the (?!{_LOW}\b){_ORDINAL}{_AFTER}"
    rf"|(?:{_MONTH}) (?:the )?(?:{_ORDINAL}|\d{{1,2}})"
    rf"|(?:(?:early|late|later|sometime) )?(?:this|next|the following|the coming) {_PERIOD}"
    rf"|in (?:early |late )?(?:{_MONTH})(?! (?:the )?{_ORDINAL}\b))"
)
_VAGUE = (
    r"(?:(?:some ?time|some day|someday|at some point|one of these days|soon|shortly|whenever|eventually"
    r"|down the (?:road|line|track)|in the (?:near )?future|in due course|later on|before (?:too )?long"
    r"|at your convenience|in a (?:bit|while|few days|few weeks)"
    r"|when(?:ever)? (?:you|we|i) (?:have )?(?:get|got|had|have|find|are)(?: a)?(?: \S+)?"
    r" (?:chance|minute|moment|time|ready)"
    r"|in the (?:coming|next few|next couple of) (?:days|weeks|months))"
    rf"(?: (?:after that|next week|this week|next month|next year|in (?:{_MONTH})))?)"
)
# Beside another day a time of its own: "the invite for the tenth today".
_NEAR = r"(?:today|tonight|tomorrow)\b"
_LEAD = r"(?:(?:by|on|before|until|till|from|for|after|at|around) (?:the )?)?"
_WHEN = re.compile(
    rf"(?<!\S)(?:(?P<vague>{_VAGUE})|{_LEAD}{_DATE}(?: (?:by|before|at|around|after|on|between)? ?{_CLOCK})?"
    rf"(?: (?:on )?(?!{_NEAR}){_DATE})?|{_CLOCK}(?: (?:on )?{_DATE})?)(?= |$)"
)
_HAS_DATE = re.compile(rf"(?<!\S){_DATE}(?= |$)")


_OF_MONTH = re.compile(rf"\b(?:{_ORDINAL}|(?:{_MONTH}) \d{{1,2}}|\d{{1,2}} (?:{_MONTH}))\b")
_OF_WEEK = re.compile(rf"\b(?:{_DAY})\b(?! (?:week|fortnight|next|after next|of)\b)")
_FIXED = re.compile(r"\b(?:next|following|this|coming|weeks?|fortnight|tomorrow|today)\b")
_AHEAD = 92  # days in which the Monday of "Monday 23" is looked for
Kind = Literal["weekday", "day of month", "other"]  # a bare "Thursday"; "the twelfth"; all else


@dataclass(frozen=True, slots=True)
class When:
    """A time as said: half-open token range, the day it means (None if open), whether it is no real time."""

    first: int
    last: int
    date: dt.date | None
    vague: bool
    has_day: bool
    kind: Kind


def find_times(utterance: Utterance, first: int, last: int, call_date: dt.date | None) -> list[When]:
    """Times in a half-open token range."""
    offsets, found = utterance.offsets, []
    for start, stop, vague in _said(utterance.text, offsets[first], offsets[last]):
        begin = bisect_left(offsets, start)
        end = min(last, bisect_left(offsets, stop))
        if begin < end:
            said = utterance.text[start:stop]
            day = resolve(said, call_date) if call_date else None
            found.append(When(begin, end, day, vague, bool(_HAS_DATE.search(said)), _kind(said)))
    return found


# Remembered, as what finds steps, joins them and dates them all look at the same words.
@lru_cache(maxsize=1 << 12)
def _said(text: str, first: int, last: int) -> tuple[tuple[int, int, bool], ...]:
    """Where in a stretch of a text times are, and whether each is vague."""
    return tuple(
        (match.start(), match.end(), match.group("vague") is not None)
        for match in _WHEN.finditer(text, first, last)
    )


def _kind(said: str) -> Kind:
    if _OF_MONTH.search(said.replace("first thing", "early")):
        return "day of month"
    return "weekday" if _OF_WEEK.search(said) and not _FIXED.search(said) else "other"


def resolve(said: str, call_date: dt.date) -> dt.date | None:
    """The day that lower-case words mean when said on `call_date`; None where they name no single day."""
    said = said.replace("first thing", "early")
    for rule in (_ends, _of_month, _by_date, _weeks_on, _near, _counted, _weekday):
        try:
            day = rule(said, call_date)
        except (ValueError, OverflowError):  # the thirty-first of June; the end of time
            return None
        if day is not None:
            return day
    return None


def _weeks_on(said: str, today: dt.date) -> dt.date | None:
    """So many weeks after the day that the rest names ("a week on Tuesday", "a fortnight today")."""
    found = re.search(rf"\b({_COUNT}) (weeks?|fortnight) (?:(?:on )?({_DAY})|today)", said)
    if not found:
        return None
    count = int(found.group(1)) if found.group(1).isdigit() else _UNITS[found.group(1)]
    weeks = count * (2 if found.group(2) == "fortnight" else 1)
    base = _weekday(found.group(3), today) if found.group(3) else today
    return base + dt.timedelta(weeks=weeks) if base else None


def _near(said: str, today: dt.date) -> dt.date | None:
    if " from " in said:
        return None
    if "this time next week" in said:
        return today + dt.timedelta(weeks=1)
    if "day after tomorrow" in said:
        return today + dt.timedelta(days=2)
    if "tomorrow" in said:
        return today + dt.timedelta(days=1)
    if re.search(rf"\b(?:{_DAY})\b", said):
        return None
    return today if _TODAY.search(said) else None


_TODAY = re.compile(
    rf"\b(?:today|tonight|this (?:{_PART})|{_WITHIN_THE_HOUR}|in (?:an|half an) hour|{_AFTER_CALL}"
    r"|of (?:(?:the|your|our) )?day"
    r"|of business|of play|eod|cob)\b"
)


def _ends(said: str, today: dt.date) -> dt.date | None:
    named = re.search(rf"end of ({_MONTH})", said)
    if named:
        month = _MONTHS.index(named.group(1)) + 1
        year = today.year + (month < today.month)
        return dt.date(year, month, monthrange(year, month)[1])
    quarter = re.search(rf"end of {_QUARTER}", said)
    if quarter:
        return _end_of_quarter(quarter.group(), today)
    said = said.replace("eow", "end of week").replace("the week 's end", "end of week")
    said = re.sub(r"\b(month|quarter|year)[- ]end\b", r"end of \1", said)
    found = re.search(r"end of (?:(the|this|next|your|our) )?(week|month|quarter|year)", said)
    if not found:
        return None
    later = found.group(1) == "next"
    if found.group(2) == "week":
        monday = today - dt.timedelta(days=today.weekday())
        friday = monday + dt.timedelta(days=11 if later else 4)
        return friday if friday >= today else friday + dt.timedelta(days=7)
    step = {"month": 1, "quarter": 3, "year": 12}[found.group(2)]
    last = ((today.month - 1) // step + 1) * step + (step if later else 0)
    year, month = today.year + (last - 1) // 12, (last - 1) % 12 + 1
    return dt.date(year, month, monthrange(year, month)[1])


def _end_of_quarter(said: str, today: dt.date) -> dt.date:
    """The last day of a quarter by its number, of the calendar year."""
    last = said.rsplit(" ", 1)[0] if said.endswith("quarter") else said
    names = ({"1", "one", "first"}, {"2", "two", "second"}, {"3", "three", "third"})
    word = last.split()[-1].removeprefix("q")
    month = 3 * next((number for number, words in enumerate(names, 1) if word in words), 4)
    year = today.year + (month < today.month)
    return dt.date(year, month, monthrange(year, month)[1])


def _of_month(said: str, today: dt.date) -> dt.date | None:
    """A day of this month or the next, by its number ("the first of next month")."""
    found = re.search(rf"\b({_ORDINAL}) of (next|this) month", said)
    if not found:
        return None
    ahead = found.group(2) == "next"
    year, month = today.year + (ahead and today.month == 12), (today.month - 1 + ahead) % 12 + 1
    return dt.date(year, month, _number(found.group(1)))


def _number(ordinal: str) -> int:
    digits = re.match(r"\d+", ordinal)
    return int(digits.group()) if digits else _ORDINALS.index(ordinal.replace(" ", "-")) + 1


def _counted(said: str, today: dt.date) -> dt.date | None:
    unit = r"(hour|business day|working day|day|week|fortnight|month)"
    found = re.search(rf"({_COUNT})(?: of)? {unit}s?", said)
    if not found:
        return None
    count = int(found.group(1)) if found.group(1).isdigit() else _UNITS[found.group(1)]
    if " from " in said:
        base = _weekday(said, today) or (today + dt.timedelta(days="tomorrow" in said))
        return base + dt.timedelta(weeks=count)
    if found.group(2) == "month":
        year, month = today.year + (today.month - 1 + count) // 12, (today.month - 1 + count) % 12 + 1
        return dt.date(year, month, min(today.day, monthrange(year, month)[1]))
    if found.group(2).endswith(" day"):
        return _working_days(today, count)
    days = {"hour": 0, "day": 1, "week": 7, "fortnight": 14}[found.group(2)]
    return today + dt.timedelta(days=days * count)


def _working_days(today: dt.date, count: int) -> dt.date:
    weeks, rest = divmod(count, 5)
    day = today + dt.timedelta(weeks=weeks)
    while rest:
        day += dt.timedelta(days=1)
        rest -= day.weekday() < 5
    return day


def _weekday(said: str, today: dt.date) -> dt.date | None:
    return _weekday_of_month(said, today) or _coming_weekday(said, today)


def _weekday_of_month(said: str, today: dt.date) -> dt.date | None:
    """The day of "Monday 23", if the 23rd of one of the next months is a Monday: it may be an hour, too."""
    found = re.search(rf"\b({_DAY}) ({_FIGURE})", said)
    if not found:
        return None
    weekday, number = _WEEKDAYS.index(found.group(1)), int(found.group(2))
    days = (today + dt.timedelta(days=ahead) for ahead in range(1, _AHEAD))
    return next((day for day in days if day.day == number and day.weekday() == weekday), None)


def _coming_weekday(said: str, today: dt.date) -> dt.date | None:
    found = re.search(rf"\b({_DAY})\b(?: (week|fortnight|after next|after)\b)?", said)
    if not found:
        return None
    weeks = {"week": 1, "fortnight": 2, "after next": 1, "after": 1}.get(found.group(2) or "", 0)
    ahead = (_WEEKDAYS.index(found.group(1)) - today.weekday() - 1) % 7 + 1
    if re.search(
        rf"\b(?:next|following) (?:{_DAY})|\b(?:{_DAY})\b.* (?:next|the following) week|next week"
        rf"|\b(?:{_DAY}) (?:next|after next)\b",
        said,
    ):
        ahead = 7 - today.weekday() + _WEEKDAYS.index(found.group(1))
    return today + dt.timedelta(days=ahead + 7 * weeks)


def _by_date(said: str, today: dt.date) -> dt.date | None:
    month = re.search(rf"\b({_MONTH})\b", said)
    number = re.search(rf"\b({_ORDINAL})\b", said) or (
        re.search(rf"(?:{_MONTH}) (?:the )?(\d{{1,2}})\b|\b(\d{{1,2}}) (?:{_MONTH})", said) if month else None
    )
    if not number:
        return None
    day = _number(next(filter(None, number.groups())))
    if month:
        this_year = dt.date(today.year, _MONTHS.index(month.group(1)) + 1, day)
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    for ahead in range(13):
        year, index = today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1
        if day <= monthrange(year, index)[1] and dt.date(year, index, day) >= today:
            return dt.date(year, index, day)
    return None
