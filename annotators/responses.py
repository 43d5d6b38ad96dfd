"""Component: what the rep does with each objection, until it is settled or dropped.

Moves: acknowledge, clarify (a question), evidence, confirm, argue, concede, ignore. A small model reads the
rep's clauses after an objection one by one, knowing what it said of those before. A second one tells the
objection's `status` from how the buyer took it: resolved (content), open (left standing), dropped (talk moved
on). The network that reads the whole call has a say in both, a deeper one in which move it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import itemgetter

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import SILENT, Read, call_read
from annotators.document import Finding, Layout, findings, record
from annotators.linear import LinearModel, load
from annotators.objection_cues import Talk, talk_of
from annotators.response_cues import (
    MOVES,
    NONE,
    Answer,
    Chances,
    Clause,
    Thread,
    answers,
    status_cues,
    thread_cues,
)
from annotators.scoring import SpanScored
from annotators.second_look import ANSWER, OBJECTIONS, Look, Words, allowed, looking

MODEL, STATUS = "responses", "objection_status"  # names of the models
READ, READ_STATUS = 0.4, 0.5  # shares of the network in the log-odds
LOOK = 0.4  # share of the second look in the log-odds of a move
LOOKS, WORDS_A_LOOK = 10, 4500  # looks a call, and words for one more
# What a chance counts for: without the first too much is left out, without the others rare moves never win.
_COUNTS = {NONE: 0.25, "argue": 1.5, "concede": 2.5, "ignore": 1.6, "confirm": 2.2}


@Language.factory("ridealong_responses", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["response"]` with `move`, and adds `status` to `doc.spans["objection"]`."""

    labels = (
        "objection",
        "response",
    )
    compared = (
        "kind",
        "status",
        "move",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Follows each objection over a bounded number of turns; raises ModelMissing without the models."""
        raised = findings(doc, "objection")
        responses: list[Finding] = []
        if raised:
            talk, read = talk_of(doc), call_read(doc)
            kinds = {found.turn: str(found.attributes["kind"]) for found in raised}
            course = list(answers(talk, kinds, Decider(load(MODEL), read)))
            given = [move for answer in course for move in moves(answer)]
            responses = [move.finding() for move in (given if read.silent else looked_at(talk.call, given))]
            views = {turn: cues for cues, turn in status_views(talk, kinds, course)}
            raised = tuple(
                replace(found, attributes={**found.attributes, "status": _status(found, views, read)})
                for found in raised
            )
        record(doc, "objection", raised)
        record(doc, "response", responses)
        return doc


class Decider:
    """Labels the clauses of a turn of the rep from left to right."""

    def __init__(self, model: LinearModel, read: Read = SILENT) -> None:
        self._model, self._read = model, read

    def __call__(
        self, thread: Thread, parts: Sequence[Clause], cues: Sequence[set[str]], direct: bool
    ) -> Sequence[tuple[str, Chances]]:
        """A label a clause; an answer right after the objection has at least one move."""
        chances = []
        for clause, own in zip(parts, cues, strict=True):
            by_cues = self._model.probabilities(own.union(thread_cues(thread, direct=direct)))
            words = clause.utterance.turn, *clause.words
            found = self._read.mixed("response", words, by_cues, READ)
            counted = {label: chance * _COUNTS.get(label, 1.0) for label, chance in found.items()}
            whole = sum(counted.values())
            chances.append({label: chance / whole for label, chance in counted.items()})
            thread.here.append(max(chances[-1], key=chances[-1].__getitem__))
        labels = list(thread.here)
        if direct and set(labels) == {NONE}:
            place = min(range(len(parts)), key=lambda index: chances[index][NONE])
            labels[place] = max(MOVES, key=lambda move: chances[place].get(move, 0.0))
        return list(zip(labels, chances, strict=True))


@dataclass(frozen=True, slots=True)
class Move:
    """Neighbouring clauses of a turn of the rep that do the same, and the chances of what they do."""

    turn: int
    start: int
    stop: int
    label: str
    chances: Chances

    @property
    def words(self) -> Words:
        """Its turn, and the half-open range of its words."""
        return self.turn, self.start, self.stop

    def finding(self) -> Finding:
        """As it is recorded: its strength is the chance of the move."""
        return Finding(*self.words, self.chances.get(self.label, 0.0), {"move": self.label})


def moves(answer: Answer) -> Iterator[Move]:
    """The moves of one turn of the rep; chances are the mean of their clauses', weighed by their words."""
    parts = zip(answer.clauses, answer.labels, answer.chances, strict=True)
    for label, group in groupby(parts, key=itemgetter(1)):
        if label != NONE:
            yield _move(answer.turn, label, [(clause.words, chances) for clause, _, chances in group])


def _move(turn: int, label: str, parts: Sequence[tuple[tuple[int, int], Chances]]) -> Move:
    sizes = [max(1, stop - start) for (start, stop), _ in parts]
    mean = {
        name: sum(size * own.get(name, 0.0) for size, (_, own) in zip(sizes, parts, strict=True)) / sum(sizes)
        for name in {label, *parts[0][1]}
    }
    return Move(turn, parts[0][0][0], parts[-1][0][1], label, mean)


def looked_at(call: Layout, given: Sequence[Move]) -> Iterator[Move]:
    """Moves after a second look at those that are least sure; neighbours that come to the same are one."""
    doubtful = sorted(given, key=lambda move: move.chances.get(move.label, 0.0))
    asked = [move.words for move in doubtful[: allowed(call, LOOKS, WORDS_A_LOOK)]]
    looks = looking(OBJECTIONS).looks(call, asked, ANSWER) if asked else {}
    together: list[list[Move]] = []
    for move in (_with_look(move, looks.get(move.words)) for move in given):
        if together and _goes_on(together[-1][-1], move):
            together[-1].append(move)
        else:
            together.append([move])
    for own in together:
        yield _move(own[0].turn, own[0].label, [((one.start, one.stop), one.chances) for one in own])


def _goes_on(move: Move, after: Move) -> bool:
    return (move.turn, move.label) == (after.turn, after.label) and after.start <= move.stop


def _with_look(move: Move, look: Look | None) -> Move:
    """What it is by the second look, too, which isn't asked whether it is any."""
    if look is None:
        return move
    some = {name: move.chances.get(name, 0.0) for name in MOVES}
    whole = sum(some.values())
    chances = {name: whole * chance for name, chance in look.mixed("move", some, LOOK).items()}
    return replace(move, label=max(chances, key=chances.__getitem__), chances=chances)


def _status(raised: Finding, views: Mapping[int, set[str]], read: Read) -> str:
    """What became of an objection; `views` has the cues by turn."""
    words = raised.turn, raised.start, raised.stop
    cues = views[raised.turn]
    if read.silent and "content:True" in cues:  # the buyer's last word is "that makes sense, that works"
        return "resolved"
    chances = read.mixed("status", words, load(STATUS).probabilities(cues), READ_STATUS)
    return max(chances, key=chances.__getitem__)


def status_views(
    talk: Talk, kinds: Mapping[int, str], course: Sequence[Answer]
) -> Iterator[tuple[set[str], int]]:
    """The status cues of each objection, and its turn."""
    raised = sorted(kinds)
    for place, (turn, until) in enumerate(pairwise([*raised, len(talk.turns)])):
        own = [answer for answer in course if turn < answer.turn < until]
        yield status_cues(talk, turn, kinds[turn], own, raised[place + 1 :]), turn
