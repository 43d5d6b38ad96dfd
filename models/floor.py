"""Who holds the floor in a call, and for how long: turns as runs, speaking time, time talked over."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from models.call import REP, Turn

PAUSE = 1.0  # seconds; a longer silence between two words of a turn is not speaking time

_LISTENING = frozenset(
    "ah aha alright exactly good got gotcha great hm hmm i i'm interesting it mhm mm mmm nice oh ok okay "  # noqa: SIM905
    "perfect really right see sure true uh uh-huh um wow yeah yep yes".split()
)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive turns in which one side holds the floor; the other side at most signals that it listens."""

    rep: bool
    turns: tuple[Turn, ...]

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(len(turn.words) for turn in self.turns)

    @property
    def seconds(self) -> float:
        """From the first word's start to the last word's end."""
        spans = [span for turn in self.turns for span in spans_of(turn)]
        return max(end for _, end in spans) - min(start for start, _ in spans) if spans else 0.0


def is_listening(turn: Turn, *, asked: bool) -> bool:
    """Whether a turn only signals listening: up to three words such as "right, okay", to no question."""
    if asked or len(turn.words) > 3:
        return False
    return all(word.text.lower().strip(".,!?-") in _LISTENING for word in turn.words)


def spans_of(turn: Turn) -> list[Span]:
    """Start and end of each word that has them, seconds."""
    return [
        (word.start, word.end if word.end > word.start else word.start)
        for word in turn.words
        if word.start is not None and word.end is not None
    ]


def speaking_time(turn: Turn) -> float:
    """Seconds of speech in a turn: its words and the pauses of up to `PAUSE` between them."""
    total, last = 0.0, None
    for start, end in spans_of(turn):
        total += end - start
        if last is not None and 0 < start - last <= PAUSE:
            total += start - last
        last = end if last is None else max(last, end)
    return total


def floor(turns: Iterable[Turn]) -> list[Turn]:
    """The turns with words, less those that only signal listening."""
    held: list[Turn] = []
    for turn in turns:
        if not turn.words:
            continue
        asked = bool(held) and held[-1].words[-1].text.endswith("?")
        if not held or turn.speaker == held[-1].speaker or not is_listening(turn, asked=asked):
            held.append(turn)
    return held


def runs(turns: Iterable[Turn]) -> list[Run]:
    """The call as runs; "mhm" and the like in the midst of a run don't end it."""
    sides = groupby(floor(turns), key=lambda turn: turn.speaker == REP)
    return [Run(rep, tuple(held)) for rep, held in sides]


def exchanges(turns: Iterable[Turn]) -> Iterator[tuple[Turn, Turn]]:
    """Each turn with words and the next one, where the speaker changes."""
    for before, after in pairwise(turn for turn in turns if turn.words):
        if before.speaker != after.speaker:
            yield before, after


def union(spans: Iterable[Span]) -> list[Span]:
    """The same stretches of time, sorted, with overlapping ones made one."""
    merged: list[Span] = []
    begin, last = 0.0, -1.0
    for start, end in sorted(spans):
        if last >= 0 and start <= last:
            last = max(last, end)
            continue
        if last >= 0:
            merged.append((begin, last))
        begin, last = start, end
    return [*merged, (begin, last)] if last >= 0 else merged


def shared(ours: list[Span], theirs: list[Span]) -> float:
    """Seconds in both of two sorted unions."""
    total, i, j = 0.0, 0, 0
    while i < len(ours) and j < len(theirs):
        (begin, end), (other_begin, other_end) = ours[i], theirs[j]
        if end <= other_end:
            total += max(0.0, end - max(begin, other_begin))
            i += 1
        else:
            total += max(0.0, other_end - max(begin, other_begin))
            j += 1
    return total
