"""What networks read: utterances of a call as passages, and a stretch of one with what is said around it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from annotators.document import Layout
from annotators.reader import NOTHING, Span
from annotators.utterances import Utterance, joined
from models.call import REP

BEFORE, AFTER = 10, 10  # tokens of the end of what is said before, and of the beginning of what follows
NEAR = 4  # turns in which somebody else is looked for
SPANS = 5
FLAGS = 8
SHORT = 30  # tokens up to which a turn may be read as a whole
Place = tuple[int, int]  # turn, and utterance in it
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A call's utterances by turn, all with tokens, as passages: who speaks, the tokens, how it ends.

    `numbers` has the passage of an utterance; `speakers` are by turn.
    """

    turns: Sequence[Sequence[Utterance]]
    speakers: Sequence[str]
    passages: Sequence[Sequence[str]]
    numbers: Mapping[Place, int]


def heard(
    turns: Sequence[Sequence[Utterance]],
    speakers: Sequence[str],
    rep: str | None,
    words: Sequence[Sequence[Sequence[str]]] | None = None,
) -> Heard:
    """Passages of a call; `rep` is None while nobody knows which speaker that is.

    Passages are of the utterances' tokens, or of what `words` has for each word of a turn.
    """
    marked = any(utterance.ending for turn in turns for utterance in turn)
    numbers: dict[Place, int] = {}
    passages: list[list[str]] = []
    for turn, said in enumerate(turns):
        who = "<somebody>" if rep is None else "<rep>" if speakers[turn] == rep else "<buyer>"
        for place, utterance in enumerate(said):
            numbers[turn, place] = len(passages)
            end = utterance.ending or ("<none>" if marked else "<bare>")
            said_there = chain(*words[turn][utterance.start : utterance.stop]) if words else utterance.tokens
            passages.append([who, *said_there, end])
    return Heard(turns, speakers, passages, numbers)


def is_short(turn: Sequence[Utterance]) -> bool:
    """Whether a turn is short enough to be read as a whole: our cut into utterances may be wrong."""
    return sum(len(utterance.tokens) for utterance in turn) <= SHORT


def short_ones_whole(turns: Sequence[Sequence[Utterance]]) -> list[Sequence[Utterance]]:
    """The turns, short ones as one utterance each."""
    return [[joined(turn)] if turn and is_short(turn) else turn for turn in turns]


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> tuple[str, ...]:
    """A word as it was said, in lower case and without marks; none if there is nothing else to it."""
    return tuple(_WORD.findall(word.lower()))


def heard_call(call: Layout, turns: Sequence[Sequence[Utterance]], *, roles: bool = True) -> Heard:
    """The same of a laid-out call, with its roles or without; utterances without tokens are left out."""
    said = [[utterance for utterance in turn if utterance.tokens] for turn in turns]
    return heard(said, [turn.speaker for turn in call.turns], REP if roles and call.has_rep else None)


def around(
    call: Heard, turn: int, place: int, first: int = 0, last: int | None = None
) -> tuple[list[Span], list[int]]:
    """The stretches and flags of tokens `first` to `last` (half open; all by default) of an utterance.

    Stretches: these tokens; what anybody, then what somebody else says before; the same two after.
    """
    own = call.numbers[turn, place]
    size = len(call.turns[turn][place].tokens)
    stop = size if last is None else last
    theirs, answer = _other(call, turn, -1), _other(call, turn, 1)
    spans = [
        (own, 0 if first == 0 else first + 1, len(call.passages[own]) if stop == size else stop + 1),
        (own, max(0, first + 1 - BEFORE), first + 1) if first else _ending(call, own - 1),
        _ending(call, call.numbers[theirs, len(call.turns[theirs]) - 1]) if theirs is not None else NOTHING,
        (own, stop + 1, min(size + 2, stop + 1 + AFTER)) if stop < size else _beginning(call, own + 1),
        _beginning(call, call.numbers[answer, 0]) if answer is not None else NOTHING,
    ]
    return spans, list(_flags(call, turn, place, theirs, answer))


def _flags(call: Heard, turn: int, place: int, theirs: int | None, answer: int | None) -> Sequence[int]:
    rest = len(call.turns[turn]) - place - 1
    speakers = call.speakers
    went_before = place > 0 or (turn > 0 and speakers[turn - 1] == speakers[turn])
    goes_on = rest > 0 or (turn + 1 < len(speakers) and speakers[turn + 1] == speakers[turn])
    flags = {
        3: went_before,
        4: goes_on,
        5: theirs is None,
        6: answer is None,
        7: answer is not None and answer > turn + 1,
    }
    return [min(rest, 2), *(flag for flag, holds in flags.items() if holds)]


def _other(call: Heard, turn: int, step: int) -> int | None:
    """The nearest turn of somebody else to one side, if it isn't far and says anything."""
    for other in range(turn + step, turn + step * (NEAR + 1), step):
        if 0 <= other < len(call.turns) and call.speakers[other] != call.speakers[turn]:
            return other if call.turns[other] else None
    return None


def _ending(call: Heard, number: int) -> Span:
    if number < 0:
        return NOTHING
    size = len(call.passages[number])
    return number, max(0, size - BEFORE), size


def _beginning(call: Heard, number: int) -> Span:
    return (number, 0, min(AFTER, len(call.passages[number]))) if number < len(call.passages) else NOTHING
