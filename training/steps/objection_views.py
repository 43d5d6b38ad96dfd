"""Objections and answers as a second look learns them: as readers mark them, and as they are found."""

from collections.abc import Iterator, Mapping

import numpy as np

from annotators.call_pieces import Cutter, Pieces
from annotators.document import Finding
from annotators.linear import load
from annotators.objection_cues import turn_cues
from annotators.objections import DETECTOR, IS, IS_NOT, candidates, stretch
from annotators.response_cues import MOVES, NONE, answers
from annotators.responses import MODEL, Decider, moves
from annotators.scoring import pair
from annotators.second_look import ANSWER, OBJECTION, Reach, Words, view
from training.look_lessons import Example, Floats
from training.marks import KINDS, STATUSES, Mark
from training.steps.objection_data import Seen, marks, objecting
from training.steps.responses import kinds_of

TASKS: Mapping[str, tuple[str, ...]] = {
    "objection": (IS_NOT, IS),
    "kind": KINDS,
    "status": STATUSES,
    "move": (*MOVES, NONE),
}
# Shares shown of the turns that are no objection, from a chance by the linear model: most are surely none,
# and teach little.
_OTHERS = ((0.03, 0.5), (0.01, 0.15), (0.0, 0.04))
_MARKED_ALONE = 0.35  # share shown of the answers that are cut as a reader has them alone
_Labels = dict[Words, Floats]


def examples(cutter: Cutter, seen: Seen, chance: np.random.Generator) -> tuple[Example, ...]:
    """Objections of a call in one style, some turns of the buyer that are none, and the rep's answers."""
    pieces = cutter.pieces(seen.talk.call)
    return (
        *_as_read(seen, pieces, _objections(seen, chance), OBJECTION),
        *_as_read(seen, pieces, _answers(seen, chance), ANSWER),
    )


def _as_read(seen: Seen, pieces: Pieces, labels: _Labels, reach: Reach) -> Iterator[Example]:
    firsts = np.cumsum([0, *(len(turn.words) for turn in seen.talk.call.turns)]).tolist()
    for (turn, start, stop), own in labels.items():
        yield Example(view(pieces, firsts[turn] + start, firsts[turn] + stop, reach), own)


def _objections(seen: Seen, chance: np.random.Generator) -> _Labels:
    talk, detector = seen.talk, load(DETECTOR)
    readers = [objecting(reading) for reading in seen.call.readings]
    labels: _Labels = {}
    for number in candidates(talk):
        said = [own.get(number) for own in readers]
        likely = detector.probabilities(turn_cues(talk, number))[IS]
        if not any(said) and chance.random() >= next(share for least, share in _OTHERS if likely >= least):
            continue
        found = number, *stretch(talk, number, detector)
        for mark in said:
            own = _share(seen) * _of_objection(mark)
            _add(labels, found, own)
            if mark is not None and _words(mark) != found:
                _add(labels, _words(mark), own)
    return labels


def _of_objection(mark: Mark | None) -> Floats:
    if mark is None:
        return _said({"objection": IS_NOT})
    attributes = mark.attributes
    return _said({"objection": IS, "kind": str(attributes["kind"]), "status": str(attributes["status"])})


def _answers(seen: Seen, chance: np.random.Generator) -> _Labels:
    found: _Labels = {}
    marked: _Labels = {}
    for reading in seen.call.readings:
        own = marks(reading, "response")
        course = answers(seen.talk, kinds_of(reading), Decider(load(MODEL)))
        given = [move.finding() for answer in course for move in moves(answer)]
        twins = {_words(two): one for one, two in pair(own, given)[0]}
        for finding in given:
            twin = twins.get(_words(finding))
            move = str(twin.attributes["move"]) if twin else NONE
            _add(found, _words(finding), _share(seen) * _said({"move": move}))
        for mark in own:
            if twins.get(_words(mark)) is not mark:  # else it was found with just its words
                _add(marked, _words(mark), _share(seen) * _said({"move": str(mark.attributes["move"])}))
    alone = {words: own for words, own in marked.items() if words in found or chance.random() < _MARKED_ALONE}
    for words, labels in alone.items():
        _add(found, words, labels)
    return found


def _add(labels: _Labels, words: Words, own: Floats) -> None:
    labels[words] = labels[words] + own if words in labels else own


def _words(span: Mark | Finding) -> Words:
    return span.turn, span.start, span.stop


def _share(seen: Seen) -> float:
    return 1 / len(seen.call.readings)


def _said(classes: Mapping[str, str]) -> Floats:
    """Ones for the class of each task that has one."""
    return np.array(
        [name == classes.get(task) for task, names in TASKS.items() for name in names], dtype=np.float32
    )
