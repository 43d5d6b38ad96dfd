"""What is to be done, in a few words that make sense alone: "send the revised quote"."""

from collections.abc import Sequence

from annotators.dates import find_times
from annotators.step_heads import LEADS, head
from annotators.step_joins import LITTLE, PEOPLE_WHO_ACT, actor
from annotators.step_rules import Place

LONGEST = 6  # words
_SENDS = {"have": "send", "get": "send", "receive": "send"}  # "you will have it": the speaker sends it
_PASSED_OVER = frozenset({"just", "also", "then", "over", "probably", "maybe", "actually", "try"})
_TO_WHOM = frozenset({"you", "me", "us"})
_SMALL_VERBS = frozenset({"have", "be", "get", "go", "do"})
_ARTICLES = frozenset({"the", "a", "an", "my", "your", "our", "their", "that", "this", "those"})
_ENDS = frozenset({"so", "because", "if", "when", "once", "which", "where", "until"})
_OPEN_ENDED = _ARTICLES | frozenset({
    "and", "or", "but", "of", "to", "for", "with", "in", "on", "at", "by", "from", "so", "as", "than", "not",
    "'s", "up", "i", "we", "you", "it", "he", "she", "they",
})  # fmt: skip


def action(words: Sequence[str], row: Sequence[Place]) -> str:
    """Two to six words as said in the turn `words` by a step of the units `row`, without its time.

    Begins with the deed of the unit in which somebody is to act; fewer words only where no more were said.
    """
    order = _order(row)
    told = _told(words, row, order, _TO_WHOM)
    if len(told) < 2:
        told = _told(words, row, order, frozenset())
    if actor(row[order[0]]) == "given" and told:
        told[0] = _SENDS.get(told[0].lower(), told[0])
    if len(told) > LONGEST:
        told = [word for word in told if word.lower() not in _ARTICLES]
    told = told[:LONGEST]
    while len(told) > 2 and told[-1].lower() in _OPEN_ENDED:
        told.pop()
    return " ".join(told) or " ".join(words[row[0].unit.words()[0] : row[-1].unit.words()[1]][:LONGEST])


def _told(
    words: Sequence[str], row: Sequence[Place], order: Sequence[int], left_out: frozenset[str]
) -> list[str]:
    """The words of the units in their order, as said, without repeats and those `left_out`."""
    places = [at for index in order for at in _deed(row[index], left_out)]
    told: list[str] = []
    for at in dict.fromkeys(places):
        word = words[at].strip(" ,.?!;:")
        if len(told) > 1 and word.lower() in _ENDS:
            break
        if word and (not told or word.lower() != told[-1].lower()):
            told.append(word)
    return told


def _order(row: Sequence[Place]) -> list[int]:
    """The unit that says what is done first, then those after it."""
    acting = [index for index, place in enumerate(row) if _acts(place)]
    acting = acting or [index for index, place in enumerate(row) if actor(place) == "given"]
    doing = [index for index in acting if row[index].kind]
    telling = [index for index in doing or acting if _says_what(row[index])]
    first = next(iter(telling or doing or acting), 0)
    return list(range(first, len(row)))


def _acts(place: Place) -> bool:
    """Whether somebody is to act by this unit, not only to be given or shown something."""
    return actor(place) in PEOPLE_WHO_ACT - {"given"} and place.head != "you may"


def _says_what(place: Place) -> bool:
    """Whether a unit has words for what is done, besides its verb: not "I'll send it"."""
    return any(
        token not in LITTLE for token in place.unit.utterance.tokens[_verb(place) + 1 : place.unit.last]
    )


def _verb(place: Place) -> int:
    """Where the deed of a unit begins: at its verb, be it a small one ("have it ready", "be there")."""
    _, at = head(place.unit)
    return at - 1 if place.unit.utterance.tokens[at - 1] in _SMALL_VERBS and at > place.unit.first else at


def _deed(place: Place, left_out: frozenset[str]) -> list[int]:
    """The words of a unit that tell the deed, by their index in the turn."""
    utterance, unit = place.unit.utterance, place.unit
    at = _verb(place) if actor(place) in PEOPLE_WHO_ACT - {"third"} else unit.first
    timed = {
        index
        for time in find_times(utterance, unit.first, unit.last, None)
        for index in range(time.first, time.last)
    }
    kept = [
        index
        for index in range(at, unit.last)
        if index not in timed
        and utterance.tokens[index] not in _PASSED_OVER
        and (utterance.tokens[index] not in left_out or utterance.tokens[index - 1] in _OPEN_ENDED)
    ]
    while at == unit.first and kept and utterance.tokens[kept[0]] in LEADS - {"look"}:
        kept.pop(0)
    return [utterance.places[index] for index in kept]
