"""Component: what the rep does with each objection, until it is settled or dropped.

Moves: acknowledge, clarify (a question), evidence, confirm, argue, concede; *ignore* if the answering turn
has none of them. The objection's `status`: resolved (the buyer is content), open (raised again or left
standing at the end), dropped (talk moved on).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, findings, layout, record
from annotators.matching import load_patterns
from annotators.utterances import Utterance, by_turn

REACH = 10  # turns after an objection in which it can still be answered
ANSWERS = 4  # turns of the rep that count as its response
# Of several moves in one sentence the one that says most; a concession shows in words of evidence, too.
PRIORITY = ("confirm", "concede", "argue", "acknowledge", "evidence")
PROOF = ("roi", "story", "outcome")  # labels that answer by what they show
_PATTERNS = load_patterns("responses")


@dataclass(frozen=True, slots=True)
class _Course:
    """What happened after one objection."""

    status: str
    responses: tuple[Finding, ...]


_Places = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Marks:
    """What other annotators said of the call, as (turn, word)."""

    questions: _Places
    proof: _Places
    steps: _Places


@Language.factory("ridealong_responses", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["response"]` with `move`, and adds `status` to `doc.spans["objection"]`."""

    def __call__(self, doc: Doc) -> Doc:
        """Follows each objection over a bounded number of turns."""
        call, turns = layout(doc), by_turn(doc)
        raised = findings(doc, "objection")
        marks = _Marks(_starts(doc, "question"), _words(doc, PROOF), _words(doc, ("next_step",)))
        objecting = {found.turn: found.attributes["kind"] for found in raised}
        settled: list[Finding] = []
        responses: dict[tuple[int, int], Finding] = {}
        for objection in raised:
            course = _follow(call, turns, objection, objecting, marks)
            settled.append(replace(objection, attributes={**objection.attributes, "status": course.status}))
            responses.update({(found.turn, found.start): found for found in course.responses})
        record(doc, "objection", settled)
        record(doc, "response", responses.values())
        return doc


def _starts(doc: Doc, label: str) -> _Places:
    return frozenset((found.turn, found.start) for found in findings(doc, label))


def _words(doc: Doc, labels: tuple[str, ...]) -> _Places:
    return frozenset(
        (found.turn, index)
        for label in labels
        for found in findings(doc, label)
        for index in range(found.start, found.stop)
    )


def _follow(
    call: Layout,
    turns: list[list[Utterance]],
    objection: Finding,
    objecting: dict[int, str | bool | int | float | None],
    marks: _Marks,
) -> _Course:
    speaker = call.turns[objection.turn].speaker
    responses: list[Finding] = []
    answered = 0
    for number in range(objection.turn + 1, min(objection.turn + 1 + REACH, len(turns))):
        turn = turns[number]
        if not turn:
            continue
        if _answers(call, number, speaker):
            if answered < ANSWERS:
                moves = list(_moves(turn, marks, first=answered == 0))
                if answered and not moves:
                    return _Course("dropped", tuple(responses))
                responses.extend(moves)
                answered += 1
            continue
        asked_for = bool(responses) and responses[-1].attributes["move"] == "clarify"
        if number in objecting and answered and not asked_for:
            again = objecting[number] == objection.attributes["kind"]
            brushed_off = _made(responses) & {"argue", "ignore"}
            return _Course("open" if again and not brushed_off else "dropped", tuple(responses))
        if answered and _made(responses) - {"clarify", "acknowledge", "ignore"}:
            confirmed = responses[-1].attributes["move"] == "confirm"
            if _is_content(turn, confirmed=confirmed):
                return _Course("resolved", tuple(responses))
    over = objection.turn + REACH >= len(turns)
    return _Course("open" if over and not answered else "dropped", tuple(responses))


def _answers(call: Layout, number: int, objector: str) -> bool:
    return call.is_rep(number) if call.has_rep else call.turns[number].speaker != objector


def _made(responses: list[Finding]) -> set[str]:
    return {str(found.attributes["move"]) for found in responses}


def _moves(turn: list[Utterance], marks: _Marks, *, first: bool) -> Iterator[Finding]:
    """The moves of one turn, neighbours of one kind joined; `ignore` if the first answer makes none."""
    found: list[Finding] = []
    for utterance in turn:
        move = response_move(utterance, question=(utterance.turn, utterance.start) in marks.questions)
        spans = {(utterance.turn, place) for place in utterance.places}
        if move is None and (not spans.isdisjoint(marks.proof) or (first and _states(utterance))):
            move = "evidence"
        if move is None or (move == "evidence" and not spans.isdisjoint(marks.steps)):
            continue
        last = found[-1] if found else None
        if last and last.attributes["move"] == move and last.stop == utterance.start and move != "clarify":
            found[-1] = replace(last, stop=utterance.stop)
        else:
            found.append(Finding(utterance.turn, utterance.start, utterance.stop, 0.7, {"move": move}))
    if not found and first:
        found = [Finding(turn[0].turn, turn[0].start, turn[-1].stop, 0.5, {"move": "ignore"})]
    yield from found


def response_move(utterance: Utterance, *, question: bool) -> str | None:
    """What one utterance of the rep does with the objection, or None."""
    groups = _PATTERNS.groups(utterance)
    if "confirm" in groups:
        return "confirm"
    if question:
        return None if _about_dates(utterance) else "clarify"
    return next((move for move in PRIORITY if move in groups), None)


def _states(utterance: Utterance) -> bool:
    return utterance.ending != "?" and "statement" in _PATTERNS.groups(utterance)


def _about_dates(utterance: Utterance) -> bool:
    days = {"monday", "tuesday", "wednesday", "thursday", "friday", "tomorrow"}
    return not days.isdisjoint(utterance.tokens)


def _is_content(turn: list[Utterance], *, confirmed: bool) -> bool:
    """Whether the buyer's turn begins by accepting; a bare nod does if the rep just asked."""
    for utterance in turn[:2]:
        groups = {match.group for match in _PATTERNS.at_start(utterance)}
        for place in range(1, min(4, len(utterance.tokens))):
            groups |= {match.group for match in _PATTERNS.at_start(utterance, place)} - {"nod"}
        if "unsettled" in groups:
            return False
        if "settled" in groups or (confirmed and "nod" in groups):
            return True
    return False
