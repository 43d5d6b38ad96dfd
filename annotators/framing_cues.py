"""What the models of agendas and recaps see of an utterance of the rep: words, place, what it takes up."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, pairwise

from annotators.document import Layout
from annotators.matching import count_figures, load_patterns
from annotators.topics import content
from annotators.utterances import Utterance

RECALL = 12  # turns of the buyer that a recap may take up
# Cues of what is around an utterance begin with one of these.
AROUND = (
    "turn", "tenth:", "size of", "r^", "r:", "before ", "place:", "after it:", "shared:", "heard:", "share:",
    "new:", "p^", "n^",
)  # fmt: skip
OPENING = 16  # turns among which each place counts by itself

_PATTERNS = load_patterns("framing")


@dataclass(frozen=True, slots=True)
class Seen:
    """An utterance of the rep with its cues; `announced`: it says of itself that it sums up."""

    said: Utterance
    cues: frozenset[str]
    announced: bool


@dataclass(slots=True)
class _Memory:
    """Content words of the other side: in its last turns, and in the whole call so far."""

    last: list[frozenset[str]] = field(default_factory=list)
    all: set[str] = field(default_factory=set)

    def hear(self, turn: Sequence[Utterance]) -> None:
        """Keep what a turn of the other side says."""
        words = frozenset(chain.from_iterable(content(said) for said in turn))
        self.last = [*self.last[1 - RECALL :], words]
        self.all |= words


def framing_cues(call: Layout, turns: Sequence[Sequence[Utterance]]) -> Iterator[list[Seen]]:
    """For each turn of the rep, its utterances with their cues; linear in the words of the call."""
    memory = _Memory()
    for number, turn in enumerate(turns):
        if not call.is_rep(number):
            memory.hear(turn)
        elif turn:
            recent = frozenset(chain.from_iterable(memory.last))
            around = _turn_cues(number, turns, turn)
            groups = [_PATTERNS.groups(said) for said in turn]
            yield [
                Seen(
                    said,
                    frozenset(_cues(place, turn, groups, recent, memory) | around),
                    "announced" in groups[place] and said.ending != "?",
                )
                for place, said in enumerate(turn)
            ]


def _turn_cues(number: int, turns: Sequence[Sequence[Utterance]], turn: Sequence[Utterance]) -> set[str]:
    cues = {
        f"turn:{number}" if number < OPENING else "turn:later",
        f"turns left:{_step(len(turns) - 1 - number)}",
    }
    cues.add(f"tenth:{10 * number // max(1, len(turns))}")
    cues.add(f"size of turn:{_step(sum(len(said.tokens) for said in turn))}")
    if turn[-1].ending == "?":
        cues.add("turn asks")
    reply = turns[number + 1][:1] if number + 1 < len(turns) else []
    for said in reply:
        cues.update(f"r^{' '.join(said.tokens[:count])}" for count in (1, 2))
        cues.add(f"r:{_step(len(said.tokens))}")
    before = turns[number - 1][-1:] if number else []
    cues.update(f"before {'asks' if said.ending == '?' else _step(len(said.tokens))}" for said in before)
    return cues


def _cues(
    place: int,
    turn: Sequence[Utterance],
    groups: Sequence[frozenset[str]],
    recent: frozenset[str],
    memory: _Memory,
) -> set[str]:
    said = turn[place]
    cues = _words(said)
    cues.update(f"g:{group}" for group in groups[place])
    for one, other in combinations(sorted(groups[place]), 2):
        cues.add(f"g:{one} & {other}")
    for back in (1, 2):
        if place >= back:
            cues.update(f"g-{back}:{group}" for group in groups[place - back])
        if place + back < len(turn):
            cues.update(f"g+{back}:{group}" for group in groups[place + back])
    cues.add(f"place:{min(place, 4)}")
    cues.add(f"after it:{min(len(turn) - 1 - place, 4)}")
    own = content(said)
    shared, heard = len(own & recent), len(own & memory.all)
    cues.add(f"shared:{min(shared, 6)}")
    cues.add(f"heard:{min(heard, 6)}")
    if own:
        cues.add(f"share:{4 * shared // len(own)} of {_step(len(own))}")
        cues.add(f"new:{min(len(own) - heard, 5)}")
    cues.add(f"figures:{min(3, count_figures(said.tokens))}")
    if place:
        cues.add("p^" + " ".join(turn[place - 1].tokens[:2]))
    if place + 1 < len(turn):
        cues.add("n^" + " ".join(turn[place + 1].tokens[:2]))
    return cues


def _words(said: Utterance) -> set[str]:
    """One and two words in a row, and how it begins; more says nothing here and takes time."""
    tokens = said.tokens
    cues = {*tokens, f"end:{said.ending}", f"size:{_step(len(tokens))}", "t^" + " ".join(said.tags[:3])}
    cues.update(f"{one} {two}" for one, two in pairwise(tokens))
    cues.update("^" + " ".join(tokens[:count]) for count in range(1, 5))
    return cues


def _step(size: int) -> int:
    return bisect_right((1, 2, 4, 8, 16, 30, 60), size)
