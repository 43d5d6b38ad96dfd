"""What is to be done, in a few words that make sense alone: "send the revised quote".

A phrase of the step is taken as said where it is short enough. Else a linear model (`step_action`) chooses
the deed and the words that say what it is done to.
"""

from collections.abc import Sequence

from annotators import linear
from annotators.step_heads import LEADS
from annotators.step_joins import LITTLE, PEOPLE_WHO_ACT, actor, content
from annotators.step_marks import Marked
from annotators.step_rules import Place
from annotators.step_words import Candidate, acts, candidates, timed, verb_at

LONGEST = 6  # words of a phrase
_TELLING = 2  # words of a phrase that say what it is about, if it is taken as said
CHOSEN = 0.45  # likelihood from which a word is taken besides the deed and the likeliest
MOST = 4  # words chosen
_BETWEEN = 2  # little words between two chosen ones that are kept
_SENDS = {"have": "send", "get": "send", "receive": "send"}  # "you will have it": the speaker sends it
_PASSED_OVER = frozenset({"just", "also", "then", "over", "probably", "maybe", "actually", "try"})
_TO_WHOM = frozenset({"you", "me", "us"})
_ARTICLES = frozenset({"the", "a", "an", "my", "your", "our", "their", "that", "this", "those"})
_ENDS = frozenset({"so", "because", "if", "when", "once", "which", "where", "until"})
_OPEN_ENDED = _ARTICLES | frozenset({
    "and", "or", "but", "of", "to", "for", "with", "in", "on", "at", "by", "from", "so", "as", "than", "not",
    "'s", "up", "i", "we", "you", "it", "he", "she", "they",
})  # fmt: skip
_JOINING = _ARTICLES | frozenset({
    "and", "of", "to", "for", "with", "in", "on", "at", "by", "from", "up", "out", "about", "into", "some",
})  # fmt: skip


def action(
    said: Sequence[Sequence[str]],
    turns: Sequence[Sequence[Place]],
    step: Marked,
    side: str,
    owner: str | None,
) -> str:
    """Two to six words for a step, without its time; fewer only where no more were said.

    Args:
        said: the words of every turn.
        turns: the units of every turn.
        step: whose action it is.
        side: whose turn it is, "rep" or "buyer".
        owner: who is to act.
    """
    short = phrase(said[step.turn], turns[step.turn][step.first : step.last])
    words = short.lower().split()
    if len(content(words)) == _TELLING and words[0] not in LITTLE:
        return short
    return _chosen(said, candidates(turns, step.turn, range(step.first, step.last), side, owner)) or short


def _chosen(said: Sequence[Sequence[str]], words: Sequence[Candidate]) -> str:
    """The likeliest deed with the likeliest other words, in their order."""
    model = linear.load("step_action")
    likely = sorted(words, key=lambda word: (-model.probabilities(word.cues)["yes"], word.rank))
    deeds = [word for word in likely if word.is_deed][:1]
    others = [word for word in likely if word not in deeds and not word.is_deed]
    kept = [
        word
        for number, word in enumerate(others[: MOST - 1])
        if not number or model.probabilities(word.cues)["yes"] >= CHOSEN
    ]
    return _spelled(said, deeds + sorted(kept, key=lambda word: word.rank))


def _spelled(said: Sequence[Sequence[str]], words: Sequence[Candidate]) -> str:
    """The words as said, with the little words that stood between them."""
    told: list[str] = []
    last: tuple[int, int] | None = None
    for word in words:
        if word.at is None:
            told.append(word.token)
            continue
        turn, index = word.at
        if last and last[0] == turn and 1 < index - last[1] <= _BETWEEN + 1:
            between = [_plain(other) for other in said[turn][last[1] + 1 : index]]
            between = [other for other in between if other.lower() not in _TO_WHOM]
            told += between if _JOINING.issuperset(other.lower() for other in between) else []
        if word.at != last:
            told.append(_plain(said[turn][index]))
        last = word.at
    return " ".join(told)


def _plain(word: str) -> str:
    return word.strip(" ,.?!;:")


def phrase(words: Sequence[str], row: Sequence[Place]) -> str:
    """Words in a row of a turn `words`, from the deed of the unit of `row` in which somebody is to act."""
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
        word = _plain(words[at])
        if len(told) > 1 and word.lower() in _ENDS:
            break
        if word and (not told or word.lower() != told[-1].lower()):
            told.append(word)
    return told


def _order(row: Sequence[Place]) -> list[int]:
    """The unit that says what is done first, then those after it."""
    acting = [index for index, place in enumerate(row) if acts(place)]
    acting = acting or [index for index, place in enumerate(row) if actor(place) == "given"]
    doing = [index for index in acting if row[index].kind]
    telling = [index for index in doing or acting if _says_what(row[index])]
    first = next(iter(telling or doing or acting), 0)
    return list(range(first, len(row)))


def _says_what(place: Place) -> bool:
    """Whether a unit has words for what is done, besides its verb: not "I'll send it"."""
    return any(
        token not in LITTLE for token in place.unit.utterance.tokens[verb_at(place) + 1 : place.unit.last]
    )


def _deed(place: Place, left_out: frozenset[str]) -> list[int]:
    """The words of a unit that tell the deed, by their index in the turn."""
    utterance, unit = place.unit.utterance, place.unit
    at = verb_at(place) if actor(place) in PEOPLE_WHO_ACT - {"third"} else unit.first
    away = timed(unit)
    kept = [
        index
        for index in range(at, unit.last)
        if index not in away
        and utterance.tokens[index] not in _PASSED_OVER
        and (utterance.tokens[index] not in left_out or utterance.tokens[index - 1] in _OPEN_ENDED)
    ]
    while at == unit.first and kept and utterance.tokens[kept[0]] in LEADS - {"look"}:
        kept.pop(0)
    return [utterance.places[index] for index in kept]
