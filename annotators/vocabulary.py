"""Component: business vocabulary of the rep: money, risk, people and time, as those who run a firm speak."""

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, layout, record
from annotators.matching import load_patterns
from annotators.scoring import SpanScored
from annotators.utterances import utterances

_PATTERNS = load_patterns("vocabulary")


@Language.factory("ridealong_vocabulary", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["business_term"]`."""

    labels = ("business_term",)

    def __call__(self, doc: Doc) -> Doc:
        """Every phrase of the pattern file that the rep says, the longest where several begin."""
        call = layout(doc)
        found = []
        for utterance in utterances(doc):
            last = 0
            for match in _PATTERNS.find(utterance) if call.is_rep(utterance.turn) else ():
                if match.first >= last:
                    last = match.last
                    found.append(Finding(utterance.turn, *utterance.words(match.first, match.last), 0.8))
        record(doc, "business_term", found)
        return doc
