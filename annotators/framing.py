"""Component: the agenda the rep states, and the recaps in which the rep sums up what was said.

Two small models judge each utterance of the rep by its words, its place and what it takes up of the buyer's
(annotators/framing_cues.py), and the network that reads the whole call has a say; in a turn, the surest
utterance and its neighbours make one finding.
"""

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, layout, record
from annotators.framing_cues import OPENING, Seen, framing_cues
from annotators.linear import load
from annotators.scoring import SpanScored
from annotators.utterances import by_turn

# Probabilities from which an utterance is one, and from which its neighbours go with it; tuned for F1.
AGENDA, RECAP, ALONG = 0.23, 0.17, 0.16
READ = 0.5  # share of the network in the log-odds
ANNOUNCED = 0.6  # "to recap, ..." is one, whatever follows
SHORTEST = 3  # tokens of an utterance that is more than "right, so"


@Language.factory("ridealong_framing", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["agenda"]` and `doc.spans["recap"]`."""

    labels = (
        "agenda",
        "recap",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Each utterance is compared with a bounded stretch before it."""
        agendas: list[Finding] = []
        recaps: list[Finding] = []
        read = call_read(doc)
        for seen in framing_cues(layout(doc), by_turn(doc)):
            if seen[0].said.turn < OPENING:
                agendas.extend(_surest(seen, read, "agenda", AGENDA))
            recaps.extend(_surest(seen, read, "recap", RECAP))
        record(doc, "agenda", agendas)
        record(doc, "recap", recaps)
        return doc


def _surest(seen: Sequence[Seen], read: Read, name: str, least: float) -> Iterator[Finding]:
    model = load(name)
    odds = [0.0] * len(seen)
    for place, one in enumerate(seen):
        if len(one.said.tokens) >= SHORTEST:
            words = one.said.turn, one.said.start, one.said.stop
            odds[place] = read.mixed(name, words, model.probabilities(one.cues), READ)["yes"]
    if name == "recap":
        odds = [max(ANNOUNCED, sure) if one.announced else sure for one, sure in zip(seen, odds, strict=True)]
    first = last = max(range(len(odds)), key=odds.__getitem__)
    if odds[first] < least:
        return
    surest = odds[first]
    while first > 0 and odds[first - 1] >= ALONG:
        first -= 1
    while last + 1 < len(odds) and odds[last + 1] >= ALONG:
        last += 1
    yield Finding(seen[0].said.turn, seen[first].said.start, seen[last].said.stop, surest)
