"""Component: the rep uses the name of somebody on the other side.

Names are learned from the opening of the call: whom the rep greets, and as whom the buyer introduces
themselves.
"""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import load_patterns
from annotators.scoring import SpanScored
from annotators.utterances import Utterance, by_turn

OPENING = 12  # turns in which people greet and introduce themselves
_PATTERNS = load_patterns("names")


@Language.factory("ridealong_names", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["name_use"]` with `name`, in lower case."""

    labels = ("name_use",)
    compared = ("name",)

    def __call__(self, doc: Doc) -> Doc:
        """One look at the opening for names, one at the rep's turns for their use."""
        call, turns = layout(doc), by_turn(doc)
        record(doc, "name_use", _uses(call, turns, buyer_names(call, turns)))
        return doc


def buyer_names(call: Layout, turns: list[list[Utterance]]) -> frozenset[str]:
    """First names on the buyer's side; none while roles are unknown."""
    greeted: set[str] = set()
    own: set[str] = set()
    for utterance in (utterance for turn in turns[:OPENING] for utterance in turn):
        rep = call.is_rep(utterance.turn)
        for match in _PATTERNS.find(utterance):
            named = _name(utterance, match.last - 1)
            if named is None:
                continue
            if rep and match.group == "greeting":
                greeted.add(named)
            elif match.group == "introduction" and (utterance.tags[match.last - 1] == "NNP" or rep):
                (own if rep else greeted).add(named)
    return frozenset(greeted - own) if call.has_rep else frozenset()


def _name(utterance: Utterance, place: int) -> str | None:
    """The word at a place, if it can be somebody's name."""
    word = utterance.tokens[place]
    others = {match.group for match in _PATTERNS.at_start(utterance, place)}
    return word if word.isalpha() and len(word) > 1 and "no_name" not in others else None


def _uses(call: Layout, turns: list[list[Utterance]], names: frozenset[str]) -> Iterator[Finding]:
    for utterance in (utterance for turn in turns for utterance in turn):
        if not names or not call.is_rep(utterance.turn):
            continue
        for place, token in enumerate(utterance.tokens):
            if token in names:
                start, stop = utterance.words(place, place + 1)
                yield Finding(utterance.turn, start, stop, 0.8, {"name": token})
