"""Component: cuts turns into utterances, the sentence-like stretches that every other annotator reads.

Punctuation decides where there is some. Stretches without it are cut where the words on either side make a
boundary likely (annotators/boundaries.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from annotators import text
from annotators.boundaries import boundary_chances
from annotators.document import TurnPlace, layout, tags_by_word

SHORT = 2  # tokens without an ending mark up to which a stretch is one utterance
LONG = 45  # the same for a stretch with one: recognisers string sentences together by commas
LIKELY = 0.4  # chance from which a place is a boundary
LIKELY_IN_MARKED = 0.5

SUBJECTS = frozenset({
    "i", "you", "we", "they", "he", "she", "it", "that", "this", "there", "everybody", "everyone",
    "somebody", "someone", "nobody", "who", "my", "your", "our", "their", "his", "her", "its", "the",
    "these", "those",
})  # fmt: skip
AUXILIARIES = frozenset({
    "do", "does", "did", "is", "are", "was", "were", "will", "would", "can", "could", "should", "have",
    "has", "had", "may", "might", "am", "shall",
})  # fmt: skip
WH_WORDS = frozenset({
    "what", "how", "why", "who", "where", "when", "which", "whose",
})  # fmt: skip
CONJUNCTIONS = frozenset({
    "and", "but", "so", "because", "or", "if", "when", "while", "although", "though", "unless", "which",
    "whereas",
})  # fmt: skip
_STARTS = SUBJECTS | CONJUNCTIONS | {"let", "then", "with"}  # what a clause after a comma begins with
_JOINED = SUBJECTS | {"let", "then", "please"}  # the same of one after a conjunction
_ASIDES = frozenset({("you", "know"), ("i", "mean")})
GIVING = frozenset({"send", "give", "tell", "show", "bring", "email", "ask", "ping", "text"})
EMBEDDERS = frozenset({
    "know", "tell", "ask", "see", "wonder", "wondering", "understand", "about", "of", "on", "in", "to",
    "for", "with", "from", "at", "by", "idea", "explain", "show", "exactly", "is", "are", "was", "me",
    "say", "says", "said", "remember", "sure", "figure", "find", "imagine", "depends", "depending",
    "whatever", "matter",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence-like stretch of a turn.

    `start`, `stop`: half-open word indices in the turn. `tokens`: what patterns match (see annotators.text);
    `places[i]`: word index of token i; `tags[i]`: its Penn tag; `breaks[i]`: a comma or the like follows;
    `text`: the tokens, a space after each; `offsets`: where each token begins in it, and its length at the
    end. `ending` is ".", "?", "!" or "".
    """

    turn: int
    speaker: str
    start: int
    stop: int
    tokens: tuple[str, ...]
    places: tuple[int, ...]
    tags: tuple[str, ...]
    breaks: tuple[bool, ...]
    text: str
    offsets: tuple[int, ...]
    ending: str

    def words(self, first: int, last: int) -> tuple[int, int]:
        """The half-open word range that a half-open token range covers; tokens that are there."""
        return self.places[first], self.places[last - 1] + 1


class Token(NamedTuple):
    """What patterns match, the index of the word it came from, its tag, and whether a comma follows."""

    text: str
    place: int
    tag: str
    breaks: bool


@Language.factory("ridealong_utterances", assigns=["doc._.utterances"], requires=["token.tag"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Sets `doc._.utterances`, in order of the call."""

    def __call__(self, doc: Doc) -> Doc:
        """Linear in the words of the call."""
        found: list[Utterance] = []
        for number, turn in enumerate(layout(doc).turns):
            found.extend(split_turn(number, turn, tags_by_word(doc, turn)))
        doc._.utterances = tuple(found)
        return doc


def utterances(doc: Doc) -> tuple[Utterance, ...]:
    """What the component found."""
    found: tuple[Utterance, ...] = doc._.utterances
    return found


def by_turn(doc: Doc) -> list[list[Utterance]]:
    """Utterances of each turn; a turn without words has none."""
    turns: list[list[Utterance]] = [[] for _ in layout(doc).turns]
    for utterance in utterances(doc):
        turns[utterance.turn].append(utterance)
    return turns


def split_turn(number: int, turn: TurnPlace, tags: Sequence[tuple[str, ...]]) -> Iterator[Utterance]:
    """The utterances of one turn; words without letters or figures go with the utterance before them."""
    begin = 0
    for stop in _sentence_stops(turn.words):
        tokens = tokens_of(turn.words, tags, begin, stop)
        ending = _ending(turn.words[begin:stop])
        cuts = _hidden_boundaries(tokens, marked=bool(ending))
        edges = [0, *cuts, len(tokens)]
        for left, right in pairwise(edges):
            if left == right:
                continue
            last = right == len(tokens)
            start = begin if left == 0 else tokens[left].place
            end = stop if last else tokens[right].place
            if start < end:
                yield _utterance(
                    number,
                    turn.speaker,
                    start=start,
                    stop=end,
                    tokens=tokens[left:right],
                    ending=ending if last else "",
                )
        begin = stop


def _sentence_stops(words: Sequence[str]) -> Iterator[int]:
    for index, word in enumerate(words):
        if index + 1 == len(words) or text.terminal(word):
            yield index + 1


def _ending(words: Sequence[str]) -> str:
    for word in reversed(words):
        mark = text.terminal(word)
        if mark or text.pieces(word):
            return mark
    return ""


def tokens_of(words: Sequence[str], tags: Sequence[tuple[str, ...]], begin: int, stop: int) -> list[Token]:
    """Tokens of words begin..stop, words said twice in a row (or pairs of words) kept once."""
    tokens: list[Token] = []
    for index in range(begin, stop):
        parts = text.pieces(words[index])
        breaks = text.is_break(words[index])
        if not parts and tokens and breaks and not text.visible(words[index])[:1].isalnum():
            tokens[-1] = tokens[-1]._replace(breaks=True)
        for position, part in enumerate(parts):
            tag = tags[index][min(position, len(tags[index]) - 1)]
            tokens.append(Token(part, index, tag, breaks and position == len(parts) - 1))
            _drop_repeat(tokens)
    return tokens


def _drop_repeat(tokens: list[Token]) -> None:
    for size in (1, 2, 3):
        if len(tokens) < 2 * size:
            return
        if tokens[-1].text != tokens[-1 - size].text:
            continue
        now, before = tokens[-size:], tokens[-2 * size : -size]
        same = [token.text for token in now] == [token.text for token in before]
        if same and not any(char.isdigit() for token in now for char in token.text):
            del tokens[-2 * size : -size]
            return


def _hidden_boundaries(tokens: Sequence[Token], *, marked: bool) -> list[int]:
    """Where an utterance begins inside a stretch that has an ending mark (`marked`) or none."""
    if len(tokens) <= (LONG if marked else SHORT):
        return []
    chances = boundary_chances(
        [token.text for token in tokens], [token.tag for token in tokens], [token.breaks for token in tokens]
    )
    least = LIKELY_IN_MARKED if marked else LIKELY
    return [
        place
        for place, chance in enumerate(chances)
        if (chance >= least and not _belongs(tokens, place))
        or (place and not marked and _asks(tokens, place))
    ]


def _asks(tokens: Sequence[Token], place: int) -> bool:
    """Whether another question surely begins: "... and what do they"; not "I know how and why do"."""
    words = [token.text for token in tokens[place : place + 3]]
    return (
        len(words) == 3
        and words[0] in {"and", "so", "but"}
        and words[1] in WH_WORDS
        and words[2] in AUXILIARIES
        and tokens[place - 1].text not in EMBEDDERS | WH_WORDS
    )


def _belongs(tokens: Sequence[Token], place: int) -> bool:
    """Whether a token can only go on with what is before it: "what system | are you", "send me | last"."""
    before = [token.text for token in tokens[max(0, place - 4) : place]]
    if before[-1:] in (["me"], ["us"]) and len(before) > 1 and before[-2] in GIVING:
        return True
    asked = [index for index, word in enumerate(before[:-1]) if word in WH_WORDS]
    if tokens[place].text not in AUXILIARIES or not asked:
        return False
    named = tokens[place - len(before) + asked[-1] + 1 : place]
    return all(token.tag.startswith(("NN", "JJ", "RB")) for token in named)


def _utterance(
    turn: int, speaker: str, *, start: int, stop: int, tokens: Sequence[Token], ending: str
) -> Utterance:
    words, places, tags, breaks = zip(*tokens, strict=True)
    return Utterance(
        turn=turn,
        speaker=speaker,
        start=start,
        stop=stop,
        tokens=words,
        places=places,
        tags=tags,
        breaks=breaks,
        text=" ".join(words) + " ",
        offsets=tuple(accumulate((len(word) + 1 for word in words), initial=0)),
        ending=ending,
    )


def joined(utterances: Sequence[Utterance]) -> Utterance:
    """Utterances of a turn in a row (at least one) as one: a question may go on over several."""
    if len(utterances) == 1:
        return utterances[0]
    words = "".join(utterance.text for utterance in utterances)
    tokens = tuple(token for utterance in utterances for token in utterance.tokens)
    return Utterance(
        turn=utterances[0].turn,
        speaker=utterances[0].speaker,
        start=utterances[0].start,
        stop=utterances[-1].stop,
        tokens=tokens,
        places=tuple(place for utterance in utterances for place in utterance.places),
        tags=tuple(tag for utterance in utterances for tag in utterance.tags),
        breaks=tuple(
            breaks or (number == len(utterance.tokens) - 1)
            for utterance in utterances
            for number, breaks in enumerate(utterance.breaks)
        ),
        text=words,
        offsets=tuple(accumulate((len(token) + 1 for token in tokens), initial=0)),
        ending=utterances[-1].ending,
    )


def clauses(utterance: Utterance) -> list[tuple[int, int]]:
    """Half-open token ranges of the clauses, told by commas and conjunctions before a new subject."""
    edges = [0]
    tokens = utterance.tokens
    for index in range(2, len(tokens) - 1):
        word = tokens[index]
        comma = utterance.breaks[index - 1] and (
            word in _STARTS or utterance.tags[index][:2] in {"VB", "MD", "PR"}
        )
        if not comma and (word not in CONJUNCTIONS or tokens[index + 1] not in _JOINED):
            continue
        aside = tokens[index : index + 2] in _ASIDES or tokens[index - 2 : index] in _ASIDES
        if index - edges[-1] >= 2 and not aside:
            edges.append(index)
    return list(zip(edges, [*edges[1:], len(tokens)], strict=True)) if tokens else []
