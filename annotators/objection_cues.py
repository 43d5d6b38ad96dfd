"""What the models of objections see of a turn: its words, the rep's words before and after it, phrases.

An objection is seldom announced. What the rep does next ("fair enough", "is it the price or ...") tells as
much as what the buyer says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from spacy.tokens import Doc

from annotators.document import Finding, Layout, findings, layout
from annotators.matching import count_figures, load_patterns
from annotators.stories import told_stories
from annotators.talk import talk_by_cues
from annotators.utterances import Utterance, by_turn

NEAR = 14  # tokens of the neighbouring turns that are looked at
REACH = 3  # turns to either side in which the other side's next or last words are looked for
RECENT = 6  # turns in which what the rep showed is still fresh
ENDING = 3  # turns at the end of the call
LABELS = ("question", "story", "outcome", "roi", "feature", "next_step", "trial_close")
_AS_FOUND = ("question", "roi", "next_step", "trial_close")
PHRASES = load_patterns("objections")
_MOVES = load_patterns("responses")
_NEGATIONS = frozenset({"not", "no", "never", "nobody", "nothing", "none", "without", "hardly"})
_TURNS_OF_TALK = frozenset({"but", "though", "because", "if", "then", "still", "only", "just", "even"})
_ME = frozenset({"i", "me", "my", "we", "us", "our"})
_THEM = frozenset({"they", "them", "he", "she", "somebody", "guy", "people", "one"})


@dataclass(frozen=True, slots=True)
class Said:
    """A turn, or a part of it, as the models read it: its tokens and tags in one row."""

    utterances: tuple[Utterance, ...]
    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def doubts(utterances: Iterable[Utterance]) -> frozenset[str]:
    """Groups of the phrases of doubt in some utterances."""
    return frozenset(match.group for utterance in utterances for match in PHRASES.find(utterance))


def said(utterances: Sequence[Utterance]) -> Said:
    """Utterances of one turn put together."""
    return Said(
        tuple(utterances),
        tuple(token for utterance in utterances for token in utterance.tokens),
        tuple(tag for utterance in utterances for tag in utterance.tags),
    )


_KEPT = "ridealong_talk"


class Talk:
    """A call turn by turn, with what other annotators found; each turn is put together when first asked for.

    `marked`: by label, the turns and words that it lies on.
    """

    def __init__(
        self,
        call: Layout,
        turns: Sequence[Sequence[Utterance]],
        marked: Mapping[str, Mapping[int, frozenset[int]]] | None = None,
    ) -> None:
        self.call, self.turns = call, turns
        self.marked: Mapping[str, Mapping[int, frozenset[int]]] = marked or {}
        self._said: dict[int, Said] = {}
        self._doubts: dict[int, frozenset[str]] = {}
        features = self.marked.get("feature", {})
        self._features = [0]
        for number in range(len(turns)):
            self._features.append(self._features[-1] + (number in features))

    def said(self, number: int) -> Said:
        """A turn of the call."""
        found = self._said.get(number)
        if found is None:
            found = self._said[number] = said(self.turns[number])
        return found

    def doubts(self, number: int) -> frozenset[str]:
        """Groups of the phrases of doubt in a turn, looked for when first asked for: it takes time."""
        found = self._doubts.get(number)
        if found is None:
            found = self._doubts[number] = doubts(self.turns[number])
        return found

    def has(self, label: str, number: int) -> bool:
        """Whether a label lies on a turn."""
        return number in self.marked.get(label, ())

    def features_before(self, number: int) -> int:
        """Turns before this one in which the product was described."""
        return self._features[number]

    def other(self, number: int, step: int) -> int | None:
        """The nearest turn of the other side, forwards (1) or backwards (-1); None if there is none near."""
        for place in range(number + step, number + step * (REACH + 1), step):
            if not 0 <= place < len(self.turns):
                return None
            if self.turns[place] and self._answers(place, number):
                return place
        return None

    def _answers(self, place: int, number: int) -> bool:
        if self.call.has_rep:
            return self.call.is_rep(place) != self.call.is_rep(number)
        return self.call.turns[place].speaker != self.call.turns[number].speaker


def talk_of(doc: Doc) -> Talk:
    """The talk of a Doc that the other annotators have been through; put together once a Doc."""
    kept = doc.user_data.get(_KEPT)
    if isinstance(kept, Talk):
        return kept
    marked: dict[str, dict[int, frozenset[int]]] = {}
    for label, found in chain(_others(doc), _told(doc)):
        turns = marked.setdefault(label, {})
        turns[found.turn] = turns.get(found.turn, frozenset()) | set(range(found.start, found.stop))
    doc.user_data[_KEPT] = talk = Talk(layout(doc), by_turn(doc), marked)
    return talk


def _others(doc: Doc) -> Iterator[tuple[str, Finding]]:
    return ((label, found) for label in _AS_FOUND for found in findings(doc, label))


def _told(doc: Doc) -> Iterator[tuple[str, Finding]]:
    """Features, outcomes and stories as the linear model has them, with which these models have learned."""
    for turn in talk_by_cues(doc):
        for said_there in turn:
            if said_there.value in {"feature", "outcome"}:
                start, stop = said_there.clause.words()
                yield said_there.value, Finding(said_there.clause.utterance.turn, start, stop)
        yield from (("story", found) for found in told_stories(turn))


def turn_cues(talk: Talk, number: int) -> set[str]:
    """Cues of a turn of the buyer and of the turns around it: is it an objection?"""
    cues = own_cues(talk.said(number), talk.doubts(number))
    cues.update(_phase(talk, number))
    after = talk.other(number, 1)
    cues.update(_before(talk, talk.other(number, -1)))
    cues.update(_after(talk, after))
    later = talk.other(after, 1) if after is not None else None
    if later is not None:
        cues.update(f"later:{group}" for group in talk.doubts(later))
    return cues


def kind_cues(talk: Talk, number: int) -> set[str]:
    """Cues of an objection's kind: the words of its turn and where in the call it is.

    The turns around it are left out: on calls of writers left out they misled more than they told.
    """
    return own_cues(talk.said(number), talk.doubts(number)) | {f"at:{_place(talk, number)}"}


def own_cues(turn: Said, groups: frozenset[str]) -> set[str]:
    """Cues of the words of one turn, or a part of it, alone; `groups` of phrases of doubt in it."""
    words = turn.tokens
    cues = set(words)
    cues.update(f"{one} {two}" for one, two in pairwise(words))
    cues.update(f"^{head}" for head in heads(words))
    cues.update(f"p:{group}" for group in groups)
    cues.update(_amounts(turn, groups))
    return cues


def _amounts(turn: Said, groups: frozenset[str]) -> Iterable[str]:
    words = turn.tokens
    yield f"size:{step_of(len(words))}"
    for name, count in (
        ("no", sum(map(_NEGATIONS.__contains__, words))),
        ("but", sum(map(_TURNS_OF_TALK.__contains__, words))),
        ("me", sum(map(_ME.__contains__, words))),
        ("they", sum(map(_THEM.__contains__, words))),
        ("past", turn.tags.count("VBD")),
        ("fig", count_figures(words)),
        ("doubts", len(groups)),
    ):
        for least in (1, 2, 4):
            if count >= least:
                yield f"{name}>={least}"


def _phase(talk: Talk, number: int) -> Iterable[str]:
    """How far the call is: objections come after something was offered."""
    yield f"at:{_place(talk, number)}"
    features = talk.features_before(number)
    yield f"features:{next((least for least in (8, 4, 1) if features >= least), 0)}"
    if number + ENDING >= len(talk.turns):
        yield "ending"
    if talk.has("question", number):
        yield "asks"
    for label in LABELS:
        turns = talk.marked.get(label, {})
        if number - 1 in turns:
            yield f"before:is:{label}"
        if number + 1 in turns:
            yield f"after:is:{label}"
        if label != "question" and not turns.keys().isdisjoint(range(number - RECENT, number)):
            yield f"near:is:{label}"


def _before(talk: Talk, number: int | None) -> Iterable[str]:
    if number is None:
        yield "before:"
        return
    words = talk.said(number).tokens
    yield from (f"before:{word}" for word in words[-NEAR:])
    yield f"before:size:{step_of(len(words))}"
    if count_figures(words):
        yield "before:fig"


def _after(talk: Talk, number: int | None) -> Iterable[str]:
    if number is None:
        yield "after:"
        return
    turn = talk.said(number)
    words = turn.tokens[:NEAR]
    yield from (f"after:{word}" for word in words)
    yield from (f"after:{one} {two}" for one, two in pairwise(words))
    yield from (f"after:^{head}" for head in heads(words))
    yield f"after:size:{step_of(len(turn.tokens))}"
    for utterance in turn.utterances[:2]:
        for match in _MOVES.find_within(utterance, 0, min(NEAR, len(utterance.tokens))):
            yield f"after:m:{match.group}"


def heads(words: Sequence[str]) -> Iterable[str]:
    """The first one, two and three words, each as one text."""
    return (" ".join(words[:count]) for count in (1, 2, 3) if len(words) >= count)


def step_of(size: int) -> int:
    """A number of tokens, in steps."""
    return next((step for step in (60, 40, 25, 15, 10, 6, 3) if size >= step), 0)


def _place(talk: Talk, number: int) -> int:
    return number * 5 // max(1, len(talk.turns))
