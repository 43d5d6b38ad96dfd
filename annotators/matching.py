"""Phrase patterns as data: read from TOML, matched against the tokens of an utterance.

A pattern is words with a space between them: `(a|b c)` one of several, `[a|b]` may be missing, `_` any one
word, `...` up to four, `word*` any ending, `#` a figure in digits or words. It is written lower case with
contractions written out (`i will`, `what is`), as `annotators.text` gives them, and begins with a
word or a figure.

spaCy's Matcher does the same, but tests its set predicates in Python for every token and pattern; here a
token costs one dictionary look-up unless some pattern begins with it, and one more unless some pattern may
go on with the token after it.
"""

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

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


class Match(NamedTuple):
    """A pattern of a group found in an utterance; half-open token indices."""

    group: str
    first: int
    last: int


class _Entry(NamedTuple):
    """The patterns of a group that share a first word, and the words that may be second, None for any."""

    group: str
    pattern: re.Pattern[str]
    seconds: frozenset[str] | None


_Bucket = tuple[_Entry, ...]


class _Met(NamedTuple):
    """The patterns that may begin with a word, by the word after it; `others` if that is none of them."""

    by_second: Mapping[str, Sequence[_Entry]]
    others: Sequence[_Entry]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Compiled patterns by the word, or the opening letters of the word, that they begin with."""

    exact: Mapping[str, _Bucket]
    opening: Mapping[str, _Bucket]
    _met: dict[str, _Met | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, utterance: Utterance) -> list[Match]:
        """Every longest match of every group at every token, in order; matches may overlap."""
        return self._scan(utterance, 0, len(utterance.tokens))

    def find_within(self, utterance: Utterance, first: int, last: int) -> list[Match]:
        """Matches that lie in the given half-open range of tokens."""
        return [match for match in self._scan(utterance, first, last) if match.last <= last]

    def at_start(self, utterance: Utterance, first: int = 0) -> list[Match]:
        """Matches that begin at one token."""
        return self._scan(utterance, first, min(first + 1, len(utterance.tokens)))

    def groups(self, utterance: Utterance) -> frozenset[str]:
        """Names of the groups that match anywhere."""
        return frozenset(match.group for match in self._scan(utterance, 0, len(utterance.tokens)))

    def _scan(self, utterance: Utterance, first: int, last: int) -> list[Match]:
        tokens, offsets, text, met = utterance.tokens, utterance.offsets, utterance.text, self._met
        matches = []
        for place in range(first, last):
            token = tokens[place]
            begun = met[token] if token in met else self._beginning_with(token)
            if begun is None:
                continue
            # A token may hold a space ("20 000"); patterns see two words there.
            after = tokens[place + 1].partition(" ")[0] if place + 1 < len(tokens) else ""
            for group, pattern, _ in begun.by_second.get(after, begun.others):
                found = pattern.match(text, offsets[place])
                if found:
                    matches.append(Match(group, place, bisect_left(offsets, found.end())))
        return matches

    def _beginning_with(self, token: str) -> _Met | None:
        """The patterns that may begin with a token, if any; remembered, as most words come again."""
        found = self.exact.get(token, ()) + self.opening.get(token[:_PREFIX], ())
        if "#" in self.exact and is_figure(token):
            found += self.exact["#"]
        begun = _by_second(found, any_second=" " in token) if found else None
        if len(self._met) < _MOST_MET:
            self._met[token] = begun
        return begun


def _by_second(bucket: _Bucket, *, any_second: bool) -> _Met:
    if any_second:
        return _Met({}, bucket)
    by_second: dict[str, list[_Entry]] = {word: [] for entry in bucket for word in entry.seconds or ()}
    for entry in bucket:
        for word in by_second if entry.seconds is None else entry.seconds:
            by_second[word].append(entry)
    return _Met(by_second, [entry for entry in bucket if entry.seconds is None])


_FIGURE_TOKEN = re.compile(_FIGURE)
_NO_MEASURE = frozenset({"one", "twice"})
_OPENINGS = frozenset(word[:2] for word in _NUMBER_WORDS.split("|"))


@lru_cache(maxsize=1 << 14)
def is_figure(token: str) -> bool:
    """Whether a token is a number, in digits or words."""
    likely = token[:2] in _OPENINGS or token[0].isdigit() or token[0] in "$£€"
    return likely and _FIGURE_TOKEN.fullmatch(token) is not None


@lru_cache(maxsize=1 << 14)
def is_measure(token: str) -> bool:
    """Whether a token is a figure that measures; "one" is too often a pronoun, "twice" no measure."""
    return token not in _NO_MEASURE and is_figure(token)


def has_figure(tokens: Sequence[str]) -> bool:
    """Whether any token is a figure that measures."""
    return any(map(is_measure, tokens))


def count_figures(tokens: Sequence[str]) -> int:
    """How many figures the tokens hold; "two hundred and forty" is two, "two hundred" one."""
    flags = [False, *map(is_measure, tokens)]
    return sum(now and not before for before, now in pairwise(flags)) if True in flags else 0


@lru_cache(maxsize=64)
def load_patterns(name: str) -> Patterns:
    """The patterns of `patterns/<name>.toml`; raises ValueError naming a pattern that breaks the rules."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return compile_patterns(table["groups"])


def compile_patterns(groups: Mapping[str, Sequence[str]]) -> Patterns:
    """Compile patterns by group; longer ones are tried first, so that a match is the longest there is."""
    exact: _Collected = defaultdict(lambda: ([], set()))
    opening: _Collected = defaultdict(lambda: ([], set()))
    for group, patterns in groups.items():
        for pattern in sorted(patterns, key=len, reverse=True):
            expression = _expression(pattern)
            for head, seconds in _heads(pattern).items():
                is_open = head.endswith("*")
                key = (head[:_PREFIX] if is_open else head), group
                expressions, words = (opening if is_open else exact)[key]
                expressions.append(expression)
                words |= seconds
    return Patterns(_buckets(exact), _buckets(opening))


# By first word and group: the expressions, and the words that may be second, "" among them for any.
_Collected = defaultdict[tuple[str, str], tuple[list[str], set[str]]]


def _buckets(collected: _Collected) -> dict[str, _Bucket]:
    by_head: defaultdict[str, list[_Entry]] = defaultdict(list)
    for (head, group), (expressions, words) in collected.items():
        seconds = None if "" in words else frozenset(words)
        by_head[head].append(_Entry(group, re.compile("|".join(expressions)), seconds))
    return {head: tuple(bucket) for head, bucket in by_head.items()}


_PART = re.compile(r"\([^()\[\]]+\)|\[[^()\[\]]+\]|[^\s()\[\]|]+")


def _parts(pattern: str) -> list[str]:
    parts = _PART.findall(pattern)
    if not parts or "".join(parts).replace(" ", "") != pattern.replace(" ", ""):
        raise ValueError(f"pattern {pattern!r}: brackets don't nest, and a bar stands only inside of them")
    return parts


def _heads(pattern: str) -> dict[str, set[str]]:
    """The words a pattern may begin with, each with those that may be second, "" where any may or none."""
    part = _parts(pattern)[0]
    if part.startswith("[") or part in {"_", "..."}:
        raise ValueError(f"pattern {pattern!r} must begin with a word or a figure")
    heads: defaultdict[str, set[str]] = defaultdict(set)
    for head, *rest in _openings(pattern):
        is_any = not rest or rest[0] in {"_", "...", "#"} or rest[0].endswith("*")
        heads[head].add("" if is_any else rest[0])
    if any(head.endswith("*") and len(head) <= _PREFIX for head in heads):
        raise ValueError(f"pattern {pattern!r}: an open first word needs at least {_PREFIX} letters")
    return heads


def _openings(pattern: str) -> set[tuple[str, ...]]:
    """The first two words of everything that a pattern matches; one where it may end there."""
    found: set[tuple[str, ...]] = {()}
    for part in _parts(pattern):
        choices = [tuple(choice.split()) for choice in part.strip("()[]").split("|")]
        if part.startswith("["):
            choices.append(())
        found = {(*begun, *choice)[:2] for begun in found for choice in choices}
    return found


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
