"""Component: the rep's clauses about the product (feature) and about a customer's result (outcome).

An outcome is *quantified* if it has a figure, and *linked* if it takes up words of the buyer, or a figure
with its unit: `link` is the turn that said them, `link_words` the words shared. A number alone ties nothing.
`tied`, of either label, is how much of its talk is likely a result tied to this buyer: clauses that are
called feature may be results, too, and the other way round.
"""

from collections.abc import Sequence
from itertools import groupby

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, findings, layout, record
from annotators.matching import has_figure
from annotators.outcome_links import Heard, Result, Spoken, link, tied
from annotators.scoring import SpanScored
from annotators.talk import Said, talk
from annotators.topics import stem
from annotators.utterances import by_turn


@Language.factory("ridealong_value_talk", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["feature"]` and `doc.spans["outcome"]`."""

    labels = ("feature", "outcome")
    compared = ("quantified", "link")

    def __call__(self, doc: Doc) -> Doc:
        """One walk through the call; raises ModelMissing without the model of the rep's talk."""
        call, said = layout(doc), talk(doc)
        asked = _starts(doc, "question")
        heard = Heard()
        found: dict[str, list[Finding]] = {"feature": [], "outcome": []}
        for number, turn in enumerate(by_turn(doc)):
            if not call.is_rep(number):
                heard.add(turn)
                continue
            spoken = Spoken.of(turn)
            for (value, _), run in groupby(said[number], key=lambda one: (one.value, one.in_story)):
                clauses = [one for one in run if not _is_asked(one, asked)]
                if value in found and clauses:
                    found[value].append(_finding(clauses, spoken, heard))
            heard.add_own(spoken)
        for label, spans in found.items():
            record(doc, label, spans)
        return doc


def _starts(doc: Doc, label: str) -> frozenset[tuple[int, int]]:
    """Turn and first word of what is labelled."""
    return frozenset((found.turn, found.start) for found in findings(doc, label))


def _is_asked(said: Said, asked: frozenset[tuple[int, int]]) -> bool:
    utterance = said.clause.utterance
    return utterance.ending == "?" and (utterance.turn, utterance.start) in asked


def _finding(said: Sequence[Said], spoken: Spoken, heard: Heard) -> Finding:
    """Adjoining clauses of one value as one finding."""
    clauses = [one.clause for one in said]
    start, stop = clauses[0].words()[0], clauses[-1].words()[1]
    attributes: dict[str, str | bool | int | float | None] = {}
    if said[0].value == "outcome":
        attributes = _outcome_attributes(Result(clauses, spoken, said[0].in_story), heard)
    attributes["tied"] = round(tied(said, spoken, heard), 3)
    sure = max(0.3, *(one.sure for one in said))
    return Finding(clauses[0].utterance.turn, start, stop, sure, attributes)


def _outcome_attributes(result: Result, heard: Heard) -> dict[str, str | bool | int | float | None]:
    taken = link(result, heard)
    shared = {part for known in (taken[1] if taken else ()) for part in known.split()}
    tokens = (token for utterance in result.near() for token in utterance.tokens)
    figures = (has_figure(one.utterance.tokens[one.first : one.last]) for one in result.clauses)
    return {
        "quantified": any(figures),
        "link": taken[0] if taken else None,
        "link_words": " ".join(dict.fromkeys(token for token in tokens if stem(token) in shared)) or None,
    }
