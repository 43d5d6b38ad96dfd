"""What the models of value talk and stories see of each clause of a turn.

A clause alone says little ("and it's gone by Friday"): the cues are its words and tags, how the clauses
beside it begin, phrases of the pattern files, who and what the stretch around it is about, its place, and
whether it takes up what the buyer spoke of.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from annotators.matching import FOLDER, Patterns, compile_patterns, is_figure
from annotators.topics import stem
from annotators.utterances import Utterance, clauses

AROUND = 3  # clauses on either side that count as the stretch around
_FILES = ("value_talk", "stories", "roi")
_OPEN_TAGS = ("NN", "VB", "JJ", "CD")
_STEPS = (0, 1, 2, 4, 7, 12)
_STEP = tuple(max(step for step in _STEPS if step <= count) for count in range(_STEPS[-1] + 1))
_ABOUT = (
    ("you", ("you", "your", "yours", "yourself")),
    ("we", ("we", "our", "us", "ours")),
    ("i", ("i", "me", "my", "mine")),
    ("they", ("he", "she", "they", "his", "her", "their", "them", "him", "theirs")),
    ("it", ("it", "its", "this", "these", "that")),
    ("would", ("would", "will", "could", "can")),
    ("not", ("not", "no", "never", "nobody", "nothing", "without", "instead", "less", "fewer")),
)
_TAGGED = (
    ("past", ("VBD", "VBN")),
    ("present", ("VBZ", "VBP")),
    ("name", ("NNP", "NNPS")),
    ("noun", ("NN", "NNS")),
)
NAMES = (*(name for name, _ in _ABOUT), *(name for name, _ in _TAGGED), "figure")
_COUNTED = {word: place for place, (_, words) in enumerate(_ABOUT) for word in words}
_COUNTED_TAGS = {tag: len(_ABOUT) + place for place, (_, tags) in enumerate(_TAGGED) for tag in tags}


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: a half-open token range of an utterance."""

    utterance: Utterance
    first: int
    last: int

    def words(self) -> tuple[int, int]:
        """Its half-open word range in the turn."""
        return self.utterance.words(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a turn stands: the turns beside it, its tenth of the call, and the turn that last said a noun.

    `heard` has the stems of the buyer's nouns.
    """

    before: Sequence[Utterance]
    after: Sequence[Utterance]
    tenth: int
    heard: Mapping[str, int]


def turn_clauses(turn: Sequence[Utterance]) -> list[Clause]:
    """The clauses of a turn's utterances, in order."""
    return [Clause(utterance, first, last) for utterance in turn for first, last in clauses(utterance)]


def noun_stems(utterance: Utterance, first: int = 0, last: int | None = None) -> list[str]:
    """Stems of the nouns in a half-open token range."""
    stop = len(utterance.tokens) if last is None else last
    return [
        stem(utterance.tokens[place])
        for place in range(first, stop)
        if utterance.tags[place].startswith("NN") and len(utterance.tokens[place]) > 2
    ]


def turn_cues(turn: Sequence[Clause], setting: Setting) -> list[list[str]]:
    """Cues of every clause of a turn, some of them more than once; linear in its words."""
    groups = [_groups(clause) for clause in turn]
    shared = list(_setting_cues(turn, setting))
    beside = [[*own, *_opening(clause)] for own, clause in zip(groups, turn, strict=True)]
    around = _around([_counts(clause) for clause in turn])
    found = []
    for place, clause in enumerate(turn):
        cues = [*_words(clause), *groups[place], *around[place], *shared, *_place_cues(turn, place)]
        for step in (-1, 1):
            if 0 <= place + step < len(turn):
                cues += [f"{step}{cue}" for cue in beside[place + step]]
        cues += _taken_up(clause, setting)
        found.append(cues)
    return found


def _words(clause: Clause) -> list[str]:
    utterance, first, last = clause.utterance, clause.first, clause.last
    words, tags = utterance.tokens[first:last], utterance.tags[first:last]
    cues = list(words)
    cues += [f"{one} {other}" for one, other in pairwise(words)]
    cues += ["s:" + stem(word) for word, tag in zip(words, tags, strict=True) if tag.startswith(_OPEN_TAGS)]
    for count in range(1, min(4, len(words)) + 1):
        cues.append("^" + " ".join(words[:count]))
        cues.append("t^" + " ".join(tags[:count]))
    for count in range(1, min(3, len(words)) + 1):
        cues.append(" ".join(words[-count:]) + "$")
    cues.append(" ".join(tags[-3:]) + "t$")
    cues.append(f"m^{words[0]} " + " ".join(tags[1:3]))
    cues.append(f"size:{_STEP[min(len(words), _STEPS[-1])]}")
    return cues


def _opening(clause: Clause) -> list[str]:
    tokens, tags = clause.utterance.tokens, clause.utterance.tags
    return [
        "^" + " ".join(tokens[clause.first : min(clause.first + 2, clause.last)]),
        "t^" + " ".join(tags[clause.first : min(clause.first + 3, clause.last)]),
    ]


@lru_cache(maxsize=1)
def _patterns() -> Patterns:
    """The groups of all the files as one, so that a clause is scanned once."""
    groups: dict[str, list[str]] = {}
    for name in _FILES:
        groups.update(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["groups"])
    return compile_patterns(groups)


def _groups(clause: Clause) -> list[str]:
    found = set()
    for match in _patterns().find_within(clause.utterance, clause.first, clause.last):
        found.add(f"g:{match.group}")
        if match.first == clause.first:
            found.add(f"g^{match.group}")
    return sorted(found)


@lru_cache(maxsize=1 << 14)
def _kinds(token: str, tag: str) -> tuple[int, ...]:
    """Which of NAMES a token counts for."""
    kinds = [kind for kind in (_COUNTED.get(token), _COUNTED_TAGS.get(tag)) if kind is not None]
    return (*kinds, len(NAMES) - 1) if is_figure(token) else tuple(kinds)


def _counts(clause: Clause) -> list[int]:
    counts = [0] * len(NAMES)
    tokens, tags = clause.utterance.tokens, clause.utterance.tags
    for place in range(clause.first, clause.last):
        for kind in _kinds(tokens[place], tags[place]):
            counts[kind] += 1
    return counts


_NEAR_CUES = tuple(tuple(f"near:{name} {_STEP[count]}" for count in range(_STEPS[-1] + 1)) for name in NAMES)
_TURN_CUES = tuple(tuple(f"turn:{name} {_STEP[count]}" for count in range(_STEPS[-1] + 1)) for name in NAMES)
_OWN_CUES = tuple(f"n:{name}" for name in NAMES)


def _around(counts: Sequence[Sequence[int]]) -> list[list[str]]:
    """Cues of what each clause, the stretch around it and the whole turn count."""
    most = _STEPS[-1]
    totals = [[0, *accumulate(entry[kind] for entry in counts)] for kind in range(len(NAMES))]
    whole = [cues[min(total[-1], most)] for cues, total in zip(_TURN_CUES, totals, strict=True)]
    found = []
    for place, entry in enumerate(counts):
        first, last = max(0, place - AROUND), min(place + AROUND + 1, len(counts))
        own = whole + [
            cues[min(total[last] - total[first], most)]
            for cues, total in zip(_NEAR_CUES, totals, strict=True)
        ]
        own += [cue for cue, count in zip(_OWN_CUES, entry, strict=True) if count]
        found.append(own)
    return found


def _place_cues(turn: Sequence[Clause], place: int) -> Iterator[str]:
    yield f"from start:{min(place, 4)}"
    yield f"from end:{min(len(turn) - place - 1, 3)}"
    utterance = turn[place].utterance
    yield f"ends:{utterance.ending}"
    if turn[place].first == 0:
        yield "opens utterance"
    if place and turn[place - 1].utterance is not utterance:
        yield f"-1ends:{turn[place - 1].utterance.ending}"


def _setting_cues(turn: Sequence[Clause], setting: Setting) -> Iterator[str]:
    yield f"clauses:{_STEP[min(len(turn), _STEPS[-1])]}"
    yield f"tenth:{setting.tenth}"
    if setting.before:
        last = setting.before[-1]
        yield f"before ends:{last.ending}"
        yield f"before^{last.tokens[0] if last.tokens else ''}"
        yield f"before^{' '.join(last.tokens[:2])}"
        size = sum(len(utterance.tokens) for utterance in setting.before)
        yield f"before size:{_STEP[min(size, _STEPS[-1])]}"
    else:
        yield "no turn before"
    if setting.after:
        yield f"after^{' '.join(setting.after[0].tokens[:1])}"
        yield f"after^{' '.join(setting.after[0].tokens[:2])}"


def _taken_up(clause: Clause, setting: Setting) -> Iterator[str]:
    nouns = noun_stems(clause.utterance, clause.first, clause.last)
    said = [setting.heard[noun] for noun in nouns if noun in setting.heard]
    yield f"heard:{min(len(said), 2)} of {min(len(nouns), 3)}"
    if said:
        yield f"heard ago:{min(clause.utterance.turn - max(said), 8) // 2}"
