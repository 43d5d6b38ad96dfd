"""Component: trial closes, where the rep tests how near the buyer is to a yes."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import load_patterns
from annotators.questions import question_strength
from annotators.scoring import SpanScored
from annotators.utterances import Utterance, utterances

_PATTERNS = load_patterns("trial_closes")


@Language.factory("ridealong_trial_closes", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["trial_close"]`."""

    labels = ("trial_close",)

    def __call__(self, doc: Doc) -> Doc:
        """Only the rep closes."""
        record(doc, "trial_close", _findings(layout(doc), utterances(doc)))
        return doc


def _findings(call: Layout, found: tuple[Utterance, ...]) -> Iterator[Finding]:
    for utterance in found:
        if call.is_rep(utterance.turn) and _PATTERNS.find(utterance):
            strength = question_strength(utterance)
            if strength:
                yield Finding(utterance.turn, utterance.start, utterance.stop, min(0.85, strength))
