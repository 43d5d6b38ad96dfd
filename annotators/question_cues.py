"""What the models of discovery questions see: the question, what the buyer said before it and answers.

Shared by training and components; cues are texts, see annotators/linear.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from annotators.cues import phrase_cues
from annotators.document import Layout
from annotators.matching import has_figure, load_patterns
from annotators.topics import content
from annotators.utterances import Utterance

LOOK_BACK = 4  # turns in which the buyer's last answer is looked for
ANSWER = 6  # utterances of that answer that a question can build on
SUBSTANTIAL = 8  # tokens that make it an answer one can build on
REPLY = 4  # utterances of the buyer's reply that are looked at

_KINDS = load_patterns("topics")
_GROUPS = load_patterns("discovery")
_POINTERS = frozenset(
    {"that", "those", "it", "they", "them", "this", "these", "he", "she", "him", "her", "there"}
)

# Cues of what is around a question begin with one of these.
CONTEXT = ("a:", "r:", "rw:", "r^", "b:", "l:", "share:", "unshared:", "points:", "place:")

Piece = tuple[Utterance, int, int]


@dataclass(slots=True)
class Heard:
    """The turns of a call, and what was already worked out about them: each is read once."""

    call: Layout
    turns: Sequence[Sequence[Utterance]]
    groups: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    kinds: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    contents: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)

    def kinds_of(self, said: Utterance) -> frozenset[str]:
        """Kinds of words in an utterance; see patterns/topics.toml."""
        key = said.turn, said.start
        if key not in self.kinds:
            self.kinds[key] = _KINDS.groups(said)
        return self.kinds[key]

    def groups_of(self, said: Utterance) -> frozenset[str]:
        """Groups of patterns/discovery.toml in an utterance."""
        key = said.turn, said.start
        if key not in self.groups:
            self.groups[key] = _GROUPS.groups(said)
        return self.groups[key]

    def content_of(self, said: Utterance) -> frozenset[str]:
        """Stems of the words that carry content."""
        key = said.turn, said.start
        if key not in self.contents:
            self.contents[key] = content(said)
        return self.contents[key]


def pieces(turn: Sequence[Utterance], start: int, stop: int) -> list[Piece]:
    """The token ranges of a turn's utterances inside a half-open range of words."""
    found = []
    for said in turn:
        if said.stop <= start or said.start >= stop:
            continue
        inside = [index for index, place in enumerate(said.places) if start <= place < stop]
        if inside:
            found.append((said, inside[0], inside[-1] + 1))
    return found


def last_answer(heard: Heard, turn: int) -> list[Utterance]:
    """The end of what the other side said last; with the answer before it when that was a word or two."""
    said: list[Utterance] = []
    for number in range(turn - 1, max(-1, turn - 1 - LOOK_BACK), -1):
        if heard.call.may_be_buyer(number):
            said = [*heard.turns[number][-ANSWER:], *said]
            if sum(len(utterance.tokens) for utterance in said) >= SUBSTANTIAL:
                break
    return said


def reply_to(heard: Heard, turn: int) -> list[Utterance]:
    """The beginning of what the other side says next."""
    for number in range(turn + 1, min(len(heard.turns), turn + 3)):
        if heard.call.may_be_buyer(number) and heard.turns[number]:
            return list(heard.turns[number][:REPLY])
    return []


def question_cues(heard: Heard, turn: int, start: int, stop: int) -> set[str]:
    """Cues of the question on a half-open range of words.

    `q:`, `g:` kinds of words in it and pattern groups; `a:` of the buyer's last answer, `r:` of the reply;
    `b:` what the rep says before it in the same turn, `l:` after; `share:` content words taken up from the
    answer; `place:` in the call.
    """
    own = pieces(heard.turns[turn], start, stop)
    cues: set[str] = set()
    for said, first, last in own:
        cues |= phrase_cues(said, first, last)
        whole = first == 0 and last == len(said.tokens)
        kinds = (
            heard.kinds_of(said)
            if whole
            else frozenset(match.group for match in _KINDS.find_within(said, first, last))
        )
        groups = (
            heard.groups_of(said)
            if whole
            else frozenset(match.group for match in _GROUPS.find_within(said, first, last))
        )
        cues.update(f"q:{kind}" for kind in kinds)
        cues.update(f"g:{group}" for group in groups)
        cues.update(f"tag:{tag}" for tag in said.tags[first:last] if tag[0] in "VMPN")
    _around(heard, turn, start, stop, cues)
    _answer_cues(heard, turn, own, cues)
    _reply_cues(heard, turn, cues)
    return cues


def _answer_cues(heard: Heard, turn: int, own: Sequence[Piece], cues: set[str]) -> None:
    answer = last_answer(heard, turn)
    size = sum(len(said.tokens) for said in answer)
    cues.add(f"a:size {_step(size)}")
    for said in answer:
        cues.update(f"a:{kind}" for kind in heard.kinds_of(said))
    theirs = frozenset(chain.from_iterable(heard.content_of(said) for said in answer))
    ours = frozenset(chain.from_iterable(content(said, first, last) for said, first, last in own))
    cues.add(f"share:{min(3, len(theirs & ours))}")
    cues.add(f"unshared:{min(4, len(ours - theirs))}")
    tokens = list(chain.from_iterable(said.tokens[first:last] for said, first, last in own))
    points = bool(_POINTERS & set(tokens))
    cues.add(f"points:{points}")
    cues.add(f"points:{points} share:{bool(theirs & ours)} size:{min(2, _step(size))}")
    if answer and answer[-1].ending == "?":
        cues.add("a:asks")


def _reply_cues(heard: Heard, turn: int, cues: set[str]) -> None:
    reply = reply_to(heard, turn)
    cues.add(f"r:size {_step(sum(len(said.tokens) for said in reply))}")
    for said in reply:
        cues.update(f"r:{kind}" for kind in heard.kinds_of(said))
        cues.update(f"rw:{word}" for word in heard.content_of(said))
    if reply and reply[0].tokens:
        cues.add("r^" + reply[0].tokens[0])
        cues.add("r^" + " ".join(reply[0].tokens[:2]))
        if has_figure(reply[0].tokens):
            cues.add("r:figure")


def _around(heard: Heard, turn: int, start: int, stop: int, cues: set[str]) -> None:
    said_before = [said for said in heard.turns[turn] if said.stop <= start]
    said_after = [said for said in heard.turns[turn] if said.start >= stop]
    cues.add(f"b:size {_step(sum(len(said.tokens) for said in said_before))}")
    cues.add(f"l:size {_step(sum(len(said.tokens) for said in said_after))}")
    for said in said_before[-2:]:
        cues.update(f"b:{kind}" for kind in heard.kinds_of(said))
    for said in said_after[:1]:
        cues.update(f"l:{kind}" for kind in heard.kinds_of(said))
    cues.add(f"place:{min(turn, 3) if turn < 4 else 4 + 4 * turn // max(1, len(heard.turns))}")


def _step(size: int) -> int:
    return sum(size >= edge for edge in (1, 4, 8, 16, 40))
