"""What ties a result the rep tells to this buyer: words and figures of theirs that it takes up.

A result can be the buyer's by its own words, by those of its sentence, or by those of the turn around it:
"you told me about the Fridays; the sensor rings first; nobody waits". Also one in a story, where the other
customer's trouble is this buyer's. A linear model weighs what is shared (training/steps/outcome_link.py);
where nothing at all is shared there is no link, whatever else is said.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from annotators.linear import load
from annotators.matching import has_figure, is_figure, is_measure
from annotators.talk import Said
from annotators.talk_cues import Clause
from annotators.topics import content, stem
from annotators.utterances import Utterance

MODEL = "outcome_link"
LIKELY = 0.5
_BEFORE = 12  # utterances of the turn that are looked at, up to the result
_KEPT = 8  # turns that are remembered of a word
_NEAR = 4  # turns within which a buyer's words are still fresh
_WEIGHTS = (3.0, 1.5, 1.0)  # of what the result itself, its sentences, and its turn share with a buyer's turn
_TIES = (1.0, 0.6, 0.3)  # how well what is shared at each of these levels ties a clause to the buyer
_YOURS = frozenset({"you", "your", "yours"})
_RECALLS = frozenset({"said", "mentioned", "told", "asked", "spoke", "talked", "described", "called"})


@dataclass(slots=True)
class Heard:
    """What the buyer has said so far: by stem, the last turns that said it; `own` are the rep's stems."""

    said: dict[str, list[int]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def add(self, turn: Sequence[Utterance]) -> None:
        """A turn of the buyer."""
        for utterance in turn:
            for known in substance(utterance):
                places = self.said.setdefault(known, [])
                if not places or places[-1] != utterance.turn:
                    places.append(utterance.turn)
                    del places[:-_KEPT]

    def add_own(self, spoken: "Spoken") -> None:
        """A turn of the rep: words that the buyer has not said before are the rep's."""
        self.own.update(_union(spoken.stems) - self.said.keys())


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn of the rep, with what each of its utterances is about, worked out once."""

    turn: Sequence[Utterance]
    stems: Sequence[frozenset[str]]

    @classmethod
    def of(cls, turn: Sequence[Utterance]) -> "Spoken":
        """The turn of these utterances."""
        return cls(turn, [substance(utterance) for utterance in turn])

    def until(self, stop: int) -> range:
        """The places of the last utterances that begin before this word; a dozen at most, to stay linear."""
        last = bisect_left(self.turn, stop, key=lambda utterance: utterance.start)
        return range(max(0, last - _BEFORE), last)


@dataclass(frozen=True, slots=True)
class Result:
    """Clauses that tell a result, in their turn; `in_story`: it is another customer's."""

    clauses: Sequence[Clause]
    spoken: Spoken
    in_story: bool

    @property
    def turn(self) -> int:
        """The number of its turn."""
        return self.clauses[0].utterance.turn

    def near(self) -> list[Utterance]:
        """The utterances of its turn up to its own, as far as they are looked at."""
        return [self.spoken.turn[place] for place in self.places()]

    def places(self) -> range:
        """Where those stand in the turn."""
        return self.spoken.until(self.clauses[-1].words()[1])


@dataclass(frozen=True, slots=True)
class Shared:
    """Stems that a result, its sentences and its turn share with what was heard, each less those before."""

    named: frozenset[str]
    whole: frozenset[str]
    around: frozenset[str]

    @classmethod
    def of(cls, result: Result, heard: Heard) -> "Shared":
        """What a result shares with what was heard."""
        known, stems = heard.said.keys(), result.spoken.stems
        first = result.clauses[0].utterance.start
        turn, places = result.spoken.turn, result.places()
        named = _union(substance(c.utterance, c.first, c.last) for c in result.clauses) & known
        whole = (_union(stems[place] for place in places if turn[place].start >= first) & known) - named
        around = (_union(stems[place] for place in places) & known) - named - whole
        return cls(named, whole, around)

    def levels(self) -> tuple[frozenset[str], ...]:
        """The three of them, the nearest first."""
        return (self.named, self.whole, self.around)

    def nearest(self) -> frozenset[str]:
        """The stems that lie nearest to the result."""
        return next((level for level in self.levels() if level), frozenset())


def link(result: Result, heard: Heard) -> tuple[int, frozenset[str]] | None:
    """The buyer's turn that a result takes up, and the stems it shares; None where it takes up none.

    Raises ModelMissing without the model.
    """
    shared = Shared.of(result, heard)
    if not shared.nearest():
        return None
    if load(MODEL).probabilities(link_cues(result, shared, heard))["linked"] < LIKELY:
        return None
    turn = taken_up(shared, heard)
    return turn, frozenset(s for level in shared.levels() for s in level if turn in heard.said[s])


def taken_up(shared: Shared, heard: Heard) -> int:
    """The turn of the buyer that shares most, rare words more; the later of equals."""
    totals: defaultdict[int, float] = defaultdict(float)
    for level, weight in zip(shared.levels(), _WEIGHTS, strict=True):
        for known in sorted(level):
            for turn in heard.said[known]:
                totals[turn] += weight / len(heard.said[known])
    return max(totals, key=lambda turn: (round(totals[turn], 9), turn))


def tied(said: Sequence[Said], spoken: Spoken, heard: Heard) -> float:
    """The share of the words of these clauses of a turn that likely tell a result tied to the buyer, 0..1.

    A clause counts with the likelihood that it is a result, by how near to it lies what it shares with the
    buyer's words; a result in a story by whether its turn so far shares anything at all.
    """
    size = whole = 0.0
    for one in said:
        start, stop = one.clause.words()
        levels = Shared.of(Result([one.clause], spoken, one.in_story), heard).levels()
        near = next((weight for level, weight in zip(levels, _TIES, strict=True) if level), 0.0)
        size += (stop - start) * (one.own * near + one.told * (near > 0))
        whole += stop - start
    return size / whole if whole else 0.0


def link_cues(result: Result, shared: Shared, heard: Heard) -> set[str]:
    """What tells whether a result is this buyer's: what it shares, how lately, and how it is told."""
    tokens = [token for c in result.clauses for token in c.utterance.tokens[c.first : c.last]]
    told = "story" if result.in_story else "own"
    cues = {told, f"tenths:{min(len(tokens) // 6, 4)} {told}"}
    for name, level in zip(("named", "whole", "around"), shared.levels(), strict=True):
        cues |= _of_level(name, level, result.turn, heard, told)
    everything = shared.named | shared.whole | shared.around
    cues.add(f"all:{_step(len(everything))} {told}")
    cues.add(f"all:{_step(len(everything))}")
    cues.add(f"theirs:{_step(len(everything - heard.own))} {told}")
    cues.add(f"theirs:{_step(len(everything - heard.own))}")
    cues |= _of_words(tokens, "w")
    near = [token for utterance in result.near()[-3:] for token in utterance.tokens]
    cues.add(f"yours near:{not _YOURS.isdisjoint(near)} {told}")
    cues.add(f"recalls near:{not _RECALLS.isdisjoint(near) and not _YOURS.isdisjoint(near)} {told}")
    cues.add(f"yours:{not _YOURS.isdisjoint(tokens)} {told}")
    cues.add(f"figure:{has_figure(tokens)} {told}")
    return cues


def _of_level(name: str, level: Collection[str], turn: int, heard: Heard, told: str) -> set[str]:
    if not level:
        return {f"{name}:0", f"{name}:0 {told}"}
    ago = min(turn - heard.said[known][-1] for known in level)
    often = max(len(heard.said[known]) for known in level)
    theirs = sum(known not in heard.own for known in level)
    return {
        f"{name}:{_step(len(level))}", f"{name}:{_step(len(level))} {told}", f"{name} theirs:{_step(theirs)}",
        f"{name} near:{ago <= _NEAR}", f"{name} last:{ago <= 1}", f"{name} often:{min(often, 4)}",
        f"{name} figure:{any(' ' in known or not known.isalpha() for known in level)}",
    }  # fmt: skip


def _of_words(tokens: Sequence[str], name: str) -> set[str]:
    pairs = (f"{one} {other}" for one, other in pairwise(tokens))
    return {f"{name}:{word}" for word in (*tokens, *pairs)}


def _step(count: int) -> int:
    return max(step for step in (0, 1, 2, 3, 5, 8, 12) if step <= count)


def _union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*parts)


def substance(utterance: Utterance, first: int = 0, last: int | None = None) -> frozenset[str]:
    """Stems of the content words in a half-open token range less numbers, and figures with their units."""
    tokens, tags = utterance.tokens, utterance.tags
    stop = len(tokens) if last is None else last
    numbers = set(map(stem, filter(is_figure, tokens[first:stop])))
    return content(utterance, first, stop) - numbers | _figures(tokens[first:stop], tags[first:stop])


def _figures(tokens: Sequence[str], tags: Sequence[str]) -> frozenset[str]:
    """Figures with the noun right after them, as stems with spaces: "five hour"; "40%" as it is."""
    if not has_figure(tokens):
        return frozenset()
    found, run = set(), list[str]()
    for word, tag in zip(tokens, tags, strict=True):
        if is_measure(word):
            run.append(stem(word))
            if not word[0].isalpha() and not word.replace(",", "").replace(".", "").isdigit():
                found.add(" ".join(run))
        elif not (run and word == "and"):
            if run and tag.startswith("NN"):
                found.add(" ".join([*run, stem(word)]))
            run = []
    return frozenset(found)
