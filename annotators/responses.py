"""Component: what the rep does with each objection, until it is settled or dropped.

Moves: acknowledge, clarify (a question), evidence, confirm, argue, concede, ignore. A small model reads the
rep's clauses after an objection one by one, knowing what it said of those before. A second one tells the
objection's `status` from how the buyer took it: resolved (content), open (left standing), dropped (talk moved
on). The network that reads the whole call has a say in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import SILENT, Read, call_read
from annotators.document import Finding, findings, record
from annotators.linear import LinearModel, load
from annotators.objection_cues import Talk, talk_of
from annotators.response_cues import MOVES, NONE, Answer, Clause, Thread, answers, status_cues, thread_cues
from annotators.scoring import SpanScored

MODEL, STATUS = "responses", "objection_status"  # names of the models
READ, READ_STATUS = 0.4, 0.5  # shares of the network in the log-odds
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
            responses = [response for answer in course for response in joined(answer)]
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
    ) -> Sequence[tuple[str, float]]:
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
        return [(label, own.get(label, 0.0)) for label, own in zip(labels, chances, strict=True)]


def joined(answer: Answer) -> Iterator[Finding]:
    """The moves of one turn of the rep, neighbouring clauses of one move together.

    Their strength is the mean chance of the move, clauses weighed by their words.
    """
    parts = zip(answer.clauses, answer.labels, answer.chances, strict=True)
    for label, group in groupby(parts, key=itemgetter(1)):
        if label == NONE:
            continue
        places = [(clause.words, chance) for clause, _, chance in group]
        sizes = [max(1, stop - start) for (start, stop), _ in places]
        chance = sum(size * chance for size, (_, chance) in zip(sizes, places, strict=True)) / sum(sizes)
        yield Finding(answer.turn, places[0][0][0], places[-1][0][1], chance, {"move": label})


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
