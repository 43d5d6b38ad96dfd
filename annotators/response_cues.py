"""What the models of responses see: a clause of the rep in the wake of an objection, and what came of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from annotators.matching import count_figures, load_patterns
from annotators.objection_cues import LABELS, NEAR, Talk, heads, step_of
from annotators.utterances import Utterance, clauses

MOVES = ("acknowledge", "clarify", "evidence", "confirm", "argue", "concede", "ignore")
NONE = "none"
ANSWERS = 7  # turns of the rep after an objection that can still be about it
SILENT = 3  # turns of the rep without a move after which it is left
Chances = Mapping[str, float]
REPLIES = ("next", "later", "later")  # the buyer's turns after an objection, as cues name them
_PHRASES = load_patterns("responses")


@dataclass(frozen=True, slots=True)
class Clause:
    """A half-open token range of an utterance of the rep."""

    utterance: Utterance
    first: int
    last: int

    @property
    def words(self) -> tuple[int, int]:
        """Half-open word indices in the turn."""
        if (self.first, self.last) == (0, len(self.utterance.tokens)):
            return self.utterance.start, self.utterance.stop
        return self.utterance.words(self.first, self.last)

    @property
    def tokens(self) -> Sequence[str]:
        """Its tokens."""
        return self.utterance.tokens[self.first : self.last]


@dataclass(slots=True)
class Thread:
    """How far the rep has come with an objection.

    `answered`: turns of the rep since; `quiet`: those since the last one with a move; `made`: moves so far;
    `here`: labels of the clauses of the turn at hand, so far.
    """

    kind: str
    answered: int = 0
    quiet: int = 0
    made: set[str] = field(default_factory=set)
    here: list[str] = field(default_factory=list)

    def end_turn(self, labels: Sequence[str]) -> None:
        """The rep's turn is over; `labels` of its clauses are settled."""
        moves = set(labels) - {NONE}
        self.made |= moves
        self.answered += 1
        self.quiet = 0 if moves else self.quiet + 1
        self.here = []


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn of the rep after an objection: its clauses and their labels; `direct` if right after one.

    `chances` has the probability of each label, by clause.
    """

    turn: int
    clauses: tuple[Clause, ...]
    labels: tuple[str, ...]
    chances: tuple[Chances, ...]
    direct: bool


# Labels of a turn's clauses, each with the chances of all, given the thread (to be written to), clauses,
# their cues, whether it is direct.
Decide = Callable[[Thread, Sequence[Clause], Sequence[set[str]], bool], Sequence[tuple[str, Chances]]]


def answers(talk: Talk, kinds: Mapping[int, str], decide: Decide) -> Iterator[Answer]:
    """The rep's turns after each objection (turns with their kinds), as `decide` labels them."""
    thread: Thread | None = None
    objector = ""
    for number, turn in enumerate(talk.turns):
        if number in kinds:
            thread, objector = Thread(kinds[number]), talk.call.turns[number].speaker
            continue
        if thread is None or not turn or not _may_answer(talk, number, objector):
            continue
        if thread.answered >= ANSWERS or thread.quiet >= SILENT:
            continue
        parts = tuple(Clause(one, first, last) for one in turn for first, last in clauses(one))
        if not parts:
            continue
        before = talk.other(number, -1)
        context = _turn_context(talk, before, number)
        cues = [clause_cues(talk, parts, index) | context for index in range(len(parts))]
        direct = before in kinds
        decided = decide(thread, parts, cues, direct)
        labels = tuple(label for label, _ in decided)
        thread.end_turn(labels)
        yield Answer(number, parts, labels, tuple(chances for _, chances in decided), direct)


def _may_answer(talk: Talk, number: int, objector: str) -> bool:
    return talk.call.is_rep(number) if talk.call.has_rep else talk.call.turns[number].speaker != objector


def clause_cues(talk: Talk, parts: Sequence[Clause], index: int) -> set[str]:
    """Cues of a clause that do not depend on what was decided about others."""
    clause = parts[index]
    utterance, words = clause.utterance, clause.tokens
    cues = set(words)
    cues.update(f"{one} {two}" for one, two in pairwise(words))
    cues.update(f"^{head}" for head in heads(words))
    cues.add("t^" + " ".join(utterance.tags[clause.first : clause.last][:2]))
    cues.add(f"size:{step_of(len(words))}")
    cues.add(f"end:{utterance.ending if clause.last == len(utterance.tokens) else ''}")
    cues.update((f"at:{min(index, 4)}", f"of:{min(len(parts), 8) // 2}"))
    cues.update(f"p:{match.group}" for match in _PHRASES.find_within(utterance, clause.first, clause.last))
    if count_figures(words):
        cues.add("fig")
    places = range(*clause.words)
    for label in LABELS:
        if not talk.marked.get(label, {}).get(utterance.turn, frozenset()).isdisjoint(places):
            cues.add(f"is:{label}")
    if index + 1 < len(parts):
        cues.update(f"next:^{head}" for head in heads(parts[index + 1].tokens))
    else:
        cues.add("closes")
    if index:
        cues.update(f"prev:^{head}" for head in heads(parts[index - 1].tokens))
    return cues


def _turn_context(talk: Talk, before: int | None, number: int) -> set[str]:
    """Cues of what was said just before a turn of the rep."""
    if before is None:
        return {"b:"}
    turn = talk.said(before)
    cues = {f"b:{word}" for word in turn.tokens[:NEAR]}
    cues.update(f"b:^{head}" for head in heads(turn.tokens))
    cues.update(f"b:p:{group}" for group in talk.doubts(before))
    cues.update(_reception(talk, before, "b"))
    cues.add(f"b:away:{min(number - before, 3)}")
    return cues


def _reception(talk: Talk, number: int, prefix: str) -> Iterable[str]:
    """How a turn of the buyer takes what was said."""
    turn = talk.said(number)
    for utterance in turn.utterances[:2]:
        yield from (f"{prefix}:m:{match.group}" for match in _PHRASES.at_start(utterance))
    yield f"{prefix}:size:{step_of(len(turn.tokens))}"
    if talk.has("question", number):
        yield f"{prefix}:asks"


def thread_cues(thread: Thread, *, direct: bool) -> Iterator[str]:
    """Cues of the course so far, for the next clause; `direct`: the turn comes right after an objection."""
    quiet = min(thread.quiet, 3)
    yield f"kind:{thread.kind}"
    yield f"answered:{min(thread.answered, 5)}"
    yield f"quiet:{quiet}"
    yield f"last:{thread.here[-1] if thread.here else ''}"
    yield f"direct:{direct} quiet:{quiet}"
    here = set(thread.here) - {NONE}
    yield from (f"here:{move}" for move in here)
    yield from (f"made:{move}" for move in thread.made)
    if not here:
        yield f"first:{direct}"


def brushed_off(course: Sequence[Answer]) -> bool:
    """Whether the rep did nothing but argue or pass over it."""
    made = {label for answer in course for label in answer.labels} - {NONE}
    return bool(made) and made <= {"ignore", "argue"}


def _is_content(talk: Talk, number: int, *, asked: bool = False) -> bool:
    """Whether a turn of the buyer begins by accepting; a nod may be politeness unless `asked`."""
    accepting = {"settled", "nod"} if asked else {"settled"}
    for utterance in talk.turns[number][:2]:
        groups = {match.group for match in _PHRASES.at_start(utterance)}
        for place in range(1, min(4, len(utterance.tokens))):
            groups |= {match.group for match in _PHRASES.at_start(utterance, place)}
        if "unsettled" in groups:
            return False
        if accepting & groups:
            return True
    return False


def _next_replies(talk: Talk, turn: int) -> Iterator[str]:
    """What the buyer says next, whatever the answers between were taken for, and where in the call."""
    yield f"tenth:{10 * turn // max(1, len(talk.turns))}"
    place: int | None = turn
    for prefix in REPLIES:
        answer = talk.other(place, 1) if place is not None else None
        place = talk.other(answer, 1) if answer is not None else None
        if place is None:
            return
        words = talk.said(place).tokens
        yield from (f"{prefix}:{word}" for word in words[:NEAR])
        yield f"{prefix}^{' '.join(words[:2])}"
        yield from (f"{prefix}:p:{group}" for group in talk.doubts(place))


def status_cues(talk: Talk, turn: int, kind: str, course: Sequence[Answer], again: Sequence[int]) -> set[str]:
    """What tells how an objection ended: `course`, the rep's answers up to the next; `again`, later ones."""
    made = [label for answer in course for label in answer.labels if label != NONE]
    cues = {f"kind:{kind}", f"made:{'+'.join(sorted(set(made)))}", *(f"made:{move}" for move in made)}
    cues.add(f"moves:{min(len(made), 6) // 2}")
    cues.update(f"last:{move}" for move in made[-1:])
    moved = [answer.turn for answer in course if set(answer.labels) != {NONE}]
    cues.add(f"answers:{min(len(moved), 5)}")
    replies = [reply for reply in (talk.other(number, 1) for number in moved) if reply is not None]
    for prefix, reply in (("first", replies[:1]), ("end", replies[-1:]), ("so", replies)):
        for number in reply:
            cues.update(f"{prefix}:p:{group}" for group in talk.doubts(number))
            cues.update(_reception(talk, number, prefix))
    if replies:
        cues.update(f"end:{word}" for word in talk.said(replies[-1]).tokens[:NEAR])
    end = replies[-1] if replies else turn
    after = talk.other(end, 1)
    answer = talk.other(after, 1) if after is not None else None
    if answer is not None:
        cues.update(_reception(talk, answer, "then"))
    content = [_is_content(talk, reply) for reply in replies[:-1]]
    content += [_is_content(talk, reply, asked=made[-1:] == ["confirm"]) for reply in replies[-1:]]
    if any(content):
        cues.update(("content", f"content:{content[-1]}"))
    if brushed_off(course):
        cues.add("brushed off")
    cues.update(_next_replies(talk, turn))
    left = len(talk.turns) - 1 - end
    cues.add(f"left:{next((least for least in (30, 15, 8, 4, 2) if left >= least), 0)}")
    cues.update(f"again:{min(number - turn, 6) // 2}" for number in again[:1])
    return cues
