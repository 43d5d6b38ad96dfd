"""Component: stories of other customers that the rep tells; one span from its first sentence to its last."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import load_patterns
from annotators.utterances import Utterance, by_turn

LONGEST = 4  # utterances that a story is followed for
# What is told has happened: a story needs a past tense. The tagger takes some for adjectives.
_TOLD = frozenset({"VBD", "VBN"})
_PATTERNS = load_patterns("stories")


@Language.factory("ridealong_stories", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["story"]`."""

    def __call__(self, doc: Doc) -> Doc:
        """One walk over the rep's turns."""
        record(doc, "story", _findings(layout(doc), by_turn(doc)))
        return doc


def _findings(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    for number, turn in enumerate(turns):
        if not call.is_rep(number):
            continue
        place = 0
        while place < len(turn):
            stop = _story_stop(turn, place)
            if stop > place:
                yield Finding(number, turn[place].start, turn[stop - 1].stop, 0.7)
            place = max(stop, place + 1)


def _story_stop(turn: list[Utterance], place: int) -> int:
    """Where the story that begins at an utterance ends; `place` itself if none does."""
    opening = turn[place]
    if opening.ending == "?" or "customer" not in _PATTERNS.groups(opening):
        return place
    stop = place + 1
    while stop < len(turn) and stop - place < LONGEST:
        groups = {match.group for match in _PATTERNS.at_start(turn[stop])}
        if "continues" not in groups or turn[stop].ending == "?":
            break
        stop += 1
    told = any(
        tag in _TOLD or token.endswith("ed")
        for utterance in turn[place:stop]
        for token, tag in zip(utterance.tokens, utterance.tags, strict=True)
    )
    return stop if told else place
