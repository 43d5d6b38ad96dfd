"""Words that may tell the action of a next step, with what speaks for each of them.

They stand in the step itself or, where it only points ("I'll send it over"), in what was said just before.
A few deeds are offered although nobody said them: "you'll have it with you tomorrow" is to send something.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from annotators.dates import find_times
from annotators.step_heads import head
from annotators.step_joins import LITTLE, PEOPLE_WHO_ACT, actor
from annotators.step_rules import Place
from annotators.step_units import Unit

DEEDS = ("send", "talk", "meet", "check", "decide")  # offered where the step has no such word
_SMALL_VERBS = frozenset({"have", "be", "get", "go", "do"})
_LINKS = frozenset({
    "with", "for", "on", "to", "in", "by", "at", "of", "from", "about", "so", "if", "when", "that", "which",
    "where", "once",
})  # fmt: skip
_ADDED = frozenset({"with", "for", "on"})
_POINTING = frozenset({"it", "that", "them", "this", "those", "these", "one", "something", "stuff"})
_FURTHER = 3  # turns before the step in which what it points to is looked for
_MOST = 12  # words of each of them
_ENOUGH = 2  # nouns of a step that needs nothing from before


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may tell the action.

    `cues` speak for and against it (annotators/linear.py); `rank` is the order of chosen words; `is_deed`:
    it may be what is done; `at`: turn and index of the word, None if nobody said it.
    """

    token: str
    cues: frozenset[str]
    rank: tuple[int, int, int]
    is_deed: bool
    at: tuple[int, int] | None


def candidates(
    turns: Sequence[Sequence[Place]], turn: int, units: range, side: str, owner: str | None
) -> list[Candidate]:
    """The words for the step of the units `units` of a turn, whose speaker is `side`; each word once.

    None where the step has no telling word and points to nothing.
    """
    row = turns[turn][units.start : units.stop]
    own = _Own(row, turn)
    found = list(own.words())
    pointing = any(not _POINTING.isdisjoint(place.unit.tokens) for place in row)
    if not found and not pointing:
        return []
    if own.nouns < _ENOUGH:
        found += _before(turns, turn, units.start, own.seen, f"{pointing} n:{own.nouns}")
    return found + list(_deeds(row, side, owner))


def verb_at(place: Place) -> int:
    """Where the deed of a unit begins: at its verb, be it a small one ("have it ready", "be there")."""
    _, at = head(place.unit)
    return at - 1 if place.unit.utterance.tokens[at - 1] in _SMALL_VERBS and at > place.unit.first else at


def acts(place: Place) -> bool:
    """Whether somebody is to act by this unit, not only to be given or shown something."""
    return actor(place) in PEOPLE_WHO_ACT - {"given"} and place.head != "you may"


def timed(unit: Unit) -> frozenset[int]:
    """The tokens of a unit that say when."""
    times = find_times(unit.utterance, unit.first, unit.last, None)
    return frozenset(index for time in times for index in range(time.first, time.last))


class _Own:
    """Walks through a step and keeps count of what was there before each word."""

    def __init__(self, row: Sequence[Place], turn: int) -> None:
        self._row, self._turn = row, turn
        self._first = next((index for index, place in enumerate(row) if acts(place)), 0)
        self._kinds: set[str] = set()
        self.nouns = 0
        self.seen: set[str] = set()

    def words(self) -> Iterator[Candidate]:
        for number, place in enumerate(self._row):
            self._kinds.add(place.kind)
            yield from self._of(number, place)

    def _of(self, number: int, place: Place) -> Iterator[Candidate]:
        unit, away = place.unit, timed(place.unit)
        tokens, tags = unit.utterance.tokens, unit.utterance.tags
        deed = verb_at(place) if actor(place) != "none" else unit.first
        link, since, within = "", 9, 0
        for index in range(unit.first, unit.last):
            token = tokens[index]
            link, since = (token, 0) if token in _LINKS else (link, since + 1)
            if index in away or token in LITTLE or len(token) < 2:
                continue
            is_noun = tags[index][:2] == "NN"
            within, self.nouns = within + is_noun, self.nouns + is_noun
            if token in self.seen:
                continue
            self.seen.add(token)
            stands = "before" if index < deed else "deed" if index == deed else str(min(index - deed, 8))
            cues = _word_cues(place, index, stands) | {
                f"n:{min(self.nouns, 5)} {is_noun}", f"within:{min(within, 4)} {is_noun}",
                f"link:{link} {is_noun}", f"link:{link}", f"n:{min(self.nouns, 3)} link:{link}",
                f"unit:{min(number - self._first, 3)}", f"units:{min(len(self._row), 4)} {min(number, 3)}",
                f"since:{min(since, 4)} {link in _ADDED}", f"unit n:{min(number, 2)} {min(self.nouns, 3)}",
                f"gives:{'transfer' in self._kinds} makes:{'make' in self._kinds} {is_noun}",
            }  # fmt: skip
            is_deed = stands == "deed" or tags[index][:2] == "VB"
            at = (self._turn, unit.utterance.places[index])
            yield Candidate(token, frozenset(cues), (1, number, index), is_deed, at)


def _word_cues(place: Place, index: int, stands: str) -> set[str]:
    """Cues of one word of a unit, by itself; `stands` is where it is, counted from the deed."""
    unit, tags = place.unit, place.unit.utterance.tags
    tag, token = tags[index], unit.utterance.tokens[index]
    after = tags[index + 1] if index + 1 < unit.last else "$"
    before = tags[index - 1] if index > unit.first else "^"
    return {
        f"tag:{tag}", f"stands:{stands}", f"tag:{tag[:2]} {stands}", f"{tag} next:{after}",
        f"{tag} prev:{before}", f"act:{actor(place)}", f"act:{actor(place)} {stands}",
        f"head:{place.head} {stands}", f"kind:{place.kind} {stands}", f"kind:{place.kind} {tag[:2] == 'NN'}",
        token, f"{token} {stands == 'deed'}", f"size:{min((unit.last - unit.first) // 3, 5)}",
    }  # fmt: skip


def _before(
    turns: Sequence[Sequence[Place]], turn: int, first: int, own: AbstractSet[str], lacks: str
) -> Iterator[Candidate]:
    """Things named before the step of a turn that begins with the unit `first`, the last ones first."""
    speaker = turns[turn][first].unit.utterance.speaker
    seen = set(own)
    for number in range(turn, max(-1, turn - 1 - _FURTHER), -1):
        row = turns[number][:first] if number == turn else turns[number]
        whose = "own" if row and row[0].unit.utterance.speaker == speaker else "other"
        for count, (place, index) in enumerate(_things(row, seen)):
            if count == _MOST:
                break
            tokens, tags = place.unit.utterance.tokens, place.unit.utterance.tags
            document, back = "document" in place.groups, turn - number
            cues = {
                "earlier", f"earlier {whose} {back} {min(count, 5) // 2}", f"earlier {tokens[index]}",
                f"earlier {tags[index]}", f"earlier point:{lacks}", f"earlier document:{document}",
                f"earlier kind:{place.kind}", f"earlier {back} {lacks} {document}",
            }  # fmt: skip
            at = (number, place.unit.utterance.places[index])
            yield Candidate(tokens[index], frozenset(cues), (2, number - turn, index), False, at)


def _things(row: Sequence[Place], seen: set[str]) -> Iterator[tuple[Place, int]]:
    """Nouns and adjectives of a turn that weren't `seen`, from its end, with their unit."""
    for place in reversed(row):
        unit, away = place.unit, timed(place.unit)
        tokens, tags = unit.utterance.tokens, unit.utterance.tags
        for index in range(unit.last - 1, unit.first - 1, -1):
            token = tokens[index]
            if tags[index][:2] not in {"NN", "JJ"} or token in LITTLE or len(token) < 3 or index in away:
                continue
            if token not in seen:
                seen.add(token)
                yield place, index


def _deeds(row: Sequence[Place], side: str, owner: str | None) -> Iterator[Candidate]:
    """The deeds that the step may come to without its words saying so."""
    tokens = {token for place in row for token in place.unit.tokens}
    gives, talks, document = (
        any(group in place.groups for place in row) for group in ("transfer", "talk", "document")
    )
    told = {f"kind:{place.kind} {actor(place)}" for place in row} | tokens | {
        f"own:{owner} {side}", f"document:{document}", f"talks:{talks} {owner}",
        f"gives:{gives} {document} {owner}",
    }  # fmt: skip
    told.update(f"{one} {two}" for place in row for one, two in pairwise(place.unit.tokens))
    for deed in DEEDS:
        if deed not in tokens:
            cues = frozenset({f"{deed}~", *(f"{deed}~{cue}" for cue in told)})
            yield Candidate(deed, cues, (0, 0, 0), is_deed=True, at=None)
