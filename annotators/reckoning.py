"""Do figures belong to one sum? Reads spoken figures, and tells whether one comes of two others.

People drop the size of a figure ("twenty-seven" for 27,000) and round it: figures are compared by their
leading digits, within a per cent or so.
"""

import math
import re
from collections.abc import Iterable, Sequence

from annotators.matching import is_figure

CLOSE = 0.006  # of the base-ten logarithm: 1.4 per cent
MOST = 12  # figures looked at, the latest: sums are short, and the work grows with their square
_YEARLY = (12.0, 52.0, 50.0, 0.5)  # months and weeks of a year, a half: said as words or not at all
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_UNITS = {word: value for value, word in enumerate(_SMALL.split())}
_TENS = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        range(20, 100, 10),
        strict=True,
    )
)
_SCALES = {
    "hundred": 100.0,
    "thousand": 1e3,
    "grand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "k": 1e3,
    "m": 1e6,
    "bn": 1e9,
}
_DIGITS = re.compile(r"[$£€]?(\d[\d,]*(?:\.\d+)?)(k|m|bn)?")


def figures(tokens: Sequence[str]) -> list[float]:
    """The values of the figures said, in order; "six twenty eight" is 628, "nineteen four" 19.4."""
    found: list[float] = []
    parts: list[float] = []  # of the figure being said: "three thousand", "six hundred", "forty"
    point = False
    for place, word in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if parts and word == "and" and parts[-1] % 100 == 0 and is_figure(following):
            continue
        if parts and word == "point" and is_figure(following):
            point = True
            continue
        for part in word.split("-") if word[:1].isalpha() else (word,):
            value = _value(part)
            if part in _SCALES and (parts or part in {"hundred", "thousand", "million"}):
                _scale(parts, _SCALES[part])
            elif value is None or (value == 1 and not parts and following not in {*_SCALES, "point"}):
                found.extend(_joined(parts))
                parts = []
            elif point and value < 100:
                parts[-1] += value / (10 if value < 10 else 100)
            else:
                parts.append(value)
        point = False
    found.extend(_joined(parts))
    return [value for value in found if value > 1]


def _value(part: str) -> float | None:
    if part in _UNITS:
        return float(_UNITS[part])
    if part in _TENS:
        return float(_TENS[part])
    digits = _DIGITS.fullmatch(part)
    if digits is None:
        return None
    return float(digits[1].replace(",", "")[:15]) * _SCALES.get(digits[2] or "", 1.0)


def _scale(parts: list[float], scale: float) -> None:
    """The scale takes what was said below it: "two hundred and fifty", "thousand"."""
    below: list[float] = []
    while parts and parts[-1] < scale and (not below or scale > 100):
        below.insert(0, parts.pop())
    *others, last = _joined(below) or [1.0]
    parts.extend([*others, last * scale])


def _joined(parts: Sequence[float]) -> list[float]:
    """Figures out of the parts said in a row."""
    found: list[float] = []
    before = 0.0  # the part said before
    for part in parts:
        last = found[-1] if found else 0.0
        room = next((scale for scale in (1e6, 1e3, 1e2) if last and last % scale == 0), 0.0)
        if (room and part < room) or (found and before % 10 == 0 and 20 <= before < 100 and part < 10):
            found[-1] = last + part
        elif found and last < 100 and 10 <= part < 100:
            found[-1] = last * 100 + part  # "six twenty", "eleven fifty"
        elif found and 10 <= last < 100 and part < 10:
            found[-1] = last + part / 10  # "nineteen four": thousands and hundreds
        else:
            found.append(part)
        before = part
    return found


def comes_of(results: Iterable[float], others: Sequence[float]) -> set[str]:
    """Which of "product", "sum", "multiple" make one of `results` of two of `others`, or of one of them."""
    known = list(dict.fromkeys(others))[-MOST:]
    wanted = [value for value in list(dict.fromkeys(results))[:MOST] if value > 1]
    ways: set[str] = set()
    for result in wanted:
        rest = [value for value in known if value != result]
        for place, one in enumerate(rest):
            if one >= 10 and any(_like(result, one * by) for by in _YEARLY):
                ways.add("multiple")
            for other in rest[place + 1 :]:
                if max(one, other) >= 5 and (_like(result, one * other) or _like(result * other, one)):
                    ways.add("product")
                if one > 9 and other > 9 and (_same(result, one + other) or _same(result, abs(one - other))):
                    ways.add("sum")
    return ways


def _like(one: float, other: float) -> bool:
    if one <= 0 or other <= 0:
        return False
    apart = abs(math.log10(one) - math.log10(other)) % 1
    return min(apart, 1 - apart) < CLOSE


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 0.005 * max(one, other)
