"""Component: stories of other customers that the rep tells; one span from its first clause to its last."""

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, record
from annotators.scoring import SpanScored
from annotators.talk import Said, talk

GAP = 1  # clauses beside the story ("you can ring her") that don't end it
SHORTEST = 5  # words of a story: it has somebody in it, and what came of it


@Language.factory("ridealong_stories", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["story"]`."""

    labels = ("story",)

    def __call__(self, doc: Doc) -> Doc:
        """One walk over the rep's clauses; raises ModelMissing without the model of the rep's talk."""
        record(doc, "story", (found for turn in talk(doc) for found in told_stories(turn)))
        return doc


def told_stories(turn: Sequence[Said]) -> Iterator[Finding]:
    """The stretches of a turn that tell of another customer."""
    told = [place for place, said in enumerate(turn) if said.in_story]
    while told:
        first = last = told.pop(0)
        while told and told[0] - last <= GAP + 1:
            last = told.pop(0)
        start, stop = turn[first].clause.words()[0], turn[last].clause.words()[1]
        if stop - start >= SHORTEST:
            sure = max(said.story_sure for said in turn[first : last + 1])
            yield Finding(turn[first].clause.utterance.turn, start, stop, max(0.3, sure))
