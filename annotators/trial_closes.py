"""Component: trial closes, where the rep tests how near the buyer is to a yes.

Phrases that do are in patterns/trial_closes.toml; the network that reads the whole call finds more among the
rep's questions.
"""

from collections.abc import Iterator
from math import exp

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, Layout, findings, layout, record
from annotators.matching import load_patterns
from annotators.questions import question_strength
from annotators.scoring import SpanScored
from annotators.utterances import Utterance, utterances

LIKELY = 0.15  # the network's chance from which a question is one: it has learned that readers mark few
_SUREST = 0.85
_PATTERNS = load_patterns("trial_closes")


@Language.factory("ridealong_trial_closes", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["trial_close"]`."""

    labels = ("trial_close",)

    def __call__(self, doc: Doc) -> Doc:
        """Only the rep closes; raises ModelMissing without the network."""
        call = layout(doc)
        plain = list(_by_phrases(call, utterances(doc)))
        read = _by_reading(call, findings(doc, "question"), call_read(doc))
        others = [one for one in read if not any(_overlap(one, other) for other in plain)]
        record(doc, "trial_close", [*plain, *others])
        return doc


def _by_phrases(call: Layout, found: tuple[Utterance, ...]) -> Iterator[Finding]:
    for utterance in found:
        if call.is_rep(utterance.turn) and _PATTERNS.find(utterance):
            strength = question_strength(utterance)
            if strength:
                yield Finding(utterance.turn, utterance.start, utterance.stop, min(_SUREST, strength))


def _by_reading(call: Layout, asked: tuple[Finding, ...], read: Read) -> Iterator[Finding]:
    for one in asked:
        if call.is_rep(one.turn) and not read.silent:
            odds = read.most("trial_close", one.turn, one.start, one.stop, "no")
            chance = 1 / (1 + exp(-odds))
            if chance >= LIKELY:
                strength = 0.5 + 0.5 * (chance - LIKELY) / (1 - LIKELY)
                yield Finding(one.turn, one.start, one.stop, min(_SUREST, strength))


def _overlap(one: Finding, other: Finding) -> bool:
    return one.turn == other.turn and one.start < other.stop and other.start < one.stop
