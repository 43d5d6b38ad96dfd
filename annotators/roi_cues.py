"""What the model of reckoning sees: runs of clauses with figures, and the figures in the turns around.

People reckon together ("so two a week?" "call it two, that's eight a month"), hence both sides' runs are
looked at, and each with the runs of the turns before and after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotators.document import Layout
from annotators.matching import has_figure, is_measure, load_patterns
from annotators.reckoning import comes_of, figures
from annotators.talk_cues import Clause, turn_clauses
from annotators.utterances import Utterance

GAP = 2  # clauses without figures that a run may hold between two with them
NEAR = 2  # turns before and after whose figures count
_STEPS = (0, 1, 2, 3, 5, 8, 12)


@dataclass(frozen=True, slots=True)
class Run:
    """Clauses `first` to `last` (half-open) of a turn, the outer two with figures."""

    turn: int
    clauses: tuple[Clause, ...]
    first: int
    last: int

    def words(self) -> tuple[int, int]:
        """Its half-open word range in the turn."""
        return self.clauses[self.first].words()[0], self.clauses[self.last - 1].words()[1]


def runs(turn: Sequence[Utterance]) -> list[Run]:
    """The runs of a turn, in order."""
    if not any(has_figure(utterance.tokens) for utterance in turn):
        return []
    parts = tuple(turn_clauses(turn))
    found: list[Run] = []
    for place, clause in enumerate(parts):
        if not has_figure(_tokens(clause)):
            continue
        if found and place - found[-1].last <= GAP:
            found[-1] = Run(found[-1].turn, parts, found[-1].first, place + 1)
        else:
            found.append(Run(clause.utterance.turn, parts, place, place + 1))
    return found


def run_cues(call: Layout, by_turn: Sequence[Sequence[Run]], number: int) -> list[set[str]]:
    """Cues of the runs of turn `number`; linear in the words of the turns near it."""
    around: set[str] = set()
    for step in range(-NEAR, NEAR + 1):
        place = number + step
        if step and 0 <= place < len(by_turn):
            around.update(_beside(by_turn[place], step))
    earlier = [
        value
        for place in range(max(0, number - NEAR), number)
        for run in by_turn[place]
        for value in _values(run)
    ]
    later = [
        value for run in (by_turn[number + 1] if number + 1 < len(by_turn) else ()) for value in _values(run)
    ]
    who = "rep" if call.is_rep(number) else "other"
    found = []
    for run in by_turn[number]:
        cues = _own(run)
        cues |= around
        own = _values(run)
        cues.update(f"makes {way}" for way in comes_of(own, earlier + own))
        cues.update(f"makes within {way}" for way in comes_of(own, own))
        cues.update(f"goes into {way}" for way in comes_of(later, own + earlier))
        earlier += own
        cues.add(f"who:{who}")
        cues.add(f"runs:{_step(len(by_turn[number]))}")
        found.append(cues)
    return found


def _tokens(clause: Clause) -> tuple[str, ...]:
    return clause.utterance.tokens[clause.first : clause.last]


def _values(run: Run) -> list[float]:
    return figures(
        [token for clause in run.clauses[run.first : run.last] for token in (*_tokens(clause), "|")]
    )


def _plain(clauses: Sequence[Clause]) -> list[str]:
    """The tokens, figures as "#", those in a row as one; a bar between clauses."""
    words: list[str] = []
    for clause in clauses:
        for token in _tokens(clause):
            word = "#" if is_measure(token) else token
            if word != "#" or not words or words[-1] != "#":
                words.append(word)
        words.append("|")
    return words


def _own(run: Run) -> set[str]:
    inside = run.clauses[run.first : run.last]
    words = _plain(inside)
    cues = {f"w:{word}" for word in words}
    cues.update(" ".join(pair) for pair in pairwise(words))
    cues.update(" ".join(three) for three in zip(words, words[1:], words[2:], strict=False) if "#" in three)
    figures = words.count("#")
    size = len(words) - len(inside)
    cues.add(f"figures:{_step(figures)}")
    cues.add(f"share:{10 * figures // max(size, 1)}")
    cues.add(f"clauses:{_step(len(inside))}")
    cues.add("whole turn" if len(inside) == len(run.clauses) else "part of turn")
    cues.add(f"rest:{_step(len(run.clauses) - len(inside))}")
    cues.add(f"ends:{inside[-1].utterance.ending}")
    cues.add(f"^{' '.join(words[:2])}")
    cues.add(f"^{words[0]}")
    patterns = load_patterns("roi")
    for clause in inside:
        found = patterns.find_within(clause.utterance, clause.first, clause.last)
        cues.update(f"g:{match.group}" for match in found)
    if run.first:
        cues.update(f"-w:{word}" for word in _plain(run.clauses[run.first - 1 : run.first]))
    return cues


def _beside(others: Sequence[Run], step: int) -> Iterator[str]:
    words = [word for run in others for word in _plain(run.clauses[run.first : run.last])]
    yield f"{step}figures:{_step(words.count('#'))}"
    side = "before" if step < 0 else "after"
    for one, other in pairwise(words):
        if "#" in {one, other}:
            yield f"{side} {one} {other}"


def _step(count: int) -> int:
    return max(step for step in _STEPS if step <= count)
