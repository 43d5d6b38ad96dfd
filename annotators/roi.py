"""Component: return-on-investment arithmetic of the rep, figures put together into what it brings in."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import count_figures, load_patterns
from annotators.utterances import Utterance, by_turn

_PATTERNS = load_patterns("roi")


@Language.factory("ridealong_roi", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["roi"]`, adjoining sentences of one reckoning as one span."""

    def __call__(self, doc: Doc) -> Doc:
        """One walk over the rep's turns."""
        record(doc, "roi", _findings(layout(doc), by_turn(doc)))
        return doc


def _findings(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    for number, turn in enumerate(turns):
        if not call.is_rep(number):
            continue
        start, stop = -1, -1
        for utterance in turn:
            if not reckons(utterance):
                continue
            if utterance.start != stop:
                if start >= 0:
                    yield Finding(number, start, stop, 0.75)
                start = utterance.start
            stop = utterance.stop
        if start >= 0:
            yield Finding(number, start, stop, 0.75)


def reckons(utterance: Utterance) -> bool:
    """A return with a figure, or two figures, one reckoned from the other over a stretch of time."""
    groups = _PATTERNS.groups(utterance)
    if "return" in groups:
        return "span" in groups or count_figures(utterance.tokens) > 0
    return "reckoning" in groups and "span" in groups and count_figures(utterance.tokens) >= 2
