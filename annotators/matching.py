"""Phrase patterns as data: read from TOML, matched against the tokens of an utterance.

A pattern is words with a space between them: `(a|b c)` one of several, `[a|b]` may be missing, `_` any one
word, `...` up to four, `word*` any ending, `#` a figure in digits or words. It is written lower case with
contractions written out (`i will`, `what is`), as `annotators.text` gives them, and begins with a
word or a figure.

spaCy's Matcher does the same, but tests its set predicates in Python for every token and pattern; here a
token costs one dictionary look-up unless some pattern begins with it.
"""

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from annotators.utterances import Utterance

FOLDER = Path(__file__).parent / "patterns"
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|"
    "dozen|half|double|triple|twice"
)
_FIGURE = (
    rf"(?:[$£€]?\d[\d.,:]*(?:%|k|m|x|bn|st|nd|rd|th|am|pm)?|(?:{_NUMBER_WORDS})(?:-(?:{_NUMBER_WORDS}))?)"
)
_MOST_MET = 1 << 14  # words that are remembered; a language in daily use has fewer
_PREFIX = 3  # letters by which patterns with an open first word are found


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern of a group found in an utterance; half-open token indices."""

    group: str
    first: int
    last: int


_Bucket = tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Compiled patterns by the word, or the opening letters of the word, that they begin with."""

    exact: Mapping[str, _Bucket]
    opening: Mapping[str, _Bucket]
    _met: dict[str, _Bucket] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, utterance: Utterance) -> list[Match]:
        """Every longest match of every group at every token, in order; matches may overlap."""
        return list(self._scan(utterance, 0, len(utterance.tokens)))

    def find_within(self, utterance: Utterance, first: int, last: int) -> list[Match]:
        """Matches that lie in the given half-open range of tokens."""
        return [match for match in self._scan(utterance, first, last) if match.last <= last]

    def at_start(self, utterance: Utterance, first: int = 0) -> list[Match]:
        """Matches that begin at one token."""
        return list(self._scan(utterance, first, min(first + 1, len(utterance.tokens))))

    def groups(self, utterance: Utterance) -> frozenset[str]:
        """Names of the groups that match anywhere."""
        return frozenset(match.group for match in self._scan(utterance, 0, len(utterance.tokens)))

    def _scan(self, utterance: Utterance, first: int, last: int) -> Iterator[Match]:
        tokens, offsets, text, met = utterance.tokens, utterance.offsets, utterance.text, self._met
        for place in range(first, last):
            bucket = met.get(tokens[place])
            if bucket is None:
                bucket = self._beginning_with(tokens[place])
            for group, pattern in bucket:
                found = pattern.match(text, offsets[place])
                if found:
                    yield Match(group, place, bisect_left(offsets, found.end()))

    def _beginning_with(self, token: str) -> _Bucket:
        """The patterns that may begin with a token; remembered, as most words come again."""
        figures = self.exact.get("#", ()) if is_figure(token) else ()
        found = self.exact.get(token, ()) + self.opening.get(token[:_PREFIX], ()) + figures
        if len(self._met) < _MOST_MET:
            self._met[token] = found
        return found


_FIGURE_TOKEN = re.compile(_FIGURE)
_NO_MEASURE = frozenset({"one", "twice"})
_OPENINGS = frozenset(word[:2] for word in _NUMBER_WORDS.split("|"))


@lru_cache(maxsize=1 << 14)
def is_figure(token: str) -> bool:
    """Whether a token is a number, in digits or words."""
    likely = token[:2] in _OPENINGS or token[0].isdigit() or token[0] in "$£€"
    return likely and _FIGURE_TOKEN.fullmatch(token) is not None


def has_figure(tokens: Sequence[str]) -> bool:
    """Whether any token is a figure; "one" is too often a pronoun, "twice" no measure."""
    return any(token not in _NO_MEASURE and is_figure(token) for token in tokens)


def count_figures(tokens: Sequence[str]) -> int:
    """How many figures the tokens hold; "two hundred and forty" is two, "two hundred" one."""
    flags = [token not in _NO_MEASURE and is_figure(token) for token in tokens]
    return sum(now and not before for before, now in pairwise([False, *flags]))


@lru_cache(maxsize=64)
def load_patterns(name: str) -> Patterns:
    """The patterns of `patterns/<name>.toml`; raises ValueError naming a pattern that breaks the rules."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return compile_patterns(table["groups"])


def compile_patterns(groups: Mapping[str, Sequence[str]]) -> Patterns:
    """Compile patterns by group; longer ones are tried first, so that a match is the longest there is."""
    exact: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    opening: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for group, patterns in groups.items():
        for pattern in sorted(patterns, key=len, reverse=True):
            expression = _expression(pattern)
            for head in _heads(pattern):
                if head.endswith("*"):
                    opening[head[:_PREFIX], group].append(expression)
                else:
                    exact[head, group].append(expression)
    return Patterns(_buckets(exact), _buckets(opening))


def _buckets(collected: Mapping[tuple[str, str], list[str]]) -> dict[str, _Bucket]:
    by_head: defaultdict[str, list[tuple[str, re.Pattern[str]]]] = defaultdict(list)
    for (head, group), expressions in collected.items():
        by_head[head].append((group, re.compile("|".join(expressions))))
    return {head: tuple(bucket) for head, bucket in by_head.items()}


_PART = re.compile(r"\([^()\[\]]+\)|\[[^()\[\]]+\]|[^\s()\[\]|]+")


def _parts(pattern: str) -> list[str]:
    parts = _PART.findall(pattern)
    if not parts or "".join(parts).replace(" ", "") != pattern.replace(" ", ""):
        raise ValueError(f"pattern {pattern!r}: brackets don't nest, and a bar stands only inside of them")
    return parts


def _heads(pattern: str) -> list[str]:
    part = _parts(pattern)[0]
    if part.startswith("[") or part in {"_", "..."}:
        raise ValueError(f"pattern {pattern!r} must begin with a word or a figure")
    heads = [choice.split()[0] for choice in part.strip("()").split("|")]
    if any(head.endswith("*") and len(head) <= _PREFIX for head in heads):
        raise ValueError(f"pattern {pattern!r}: an open first word needs at least {_PREFIX} letters")
    return heads


def _expression(pattern: str) -> str:
    # Every part ends with the space that follows each token, the last one too.
    written = ""
    for part in _parts(pattern):
        if part == "...":
            written += r"(?:\S+ ){0,4}?"
        elif part.startswith("["):
            written += f"(?:{_choices(part)} )?"
        else:
            written += f"{_choices(part)} "
    return written


def _choices(part: str) -> str:
    choices = (" ".join(map(_word, choice.split())) for choice in part.strip("()[]").split("|"))
    return f"(?:{'|'.join(choices)})"


def _word(word: str) -> str:
    if word == "_":
        return r"\S+"
    if word == "#":
        return _FIGURE
    if word.endswith("*"):
        return re.escape(word[:-1]) + r"\S*"
    return re.escape(word)
