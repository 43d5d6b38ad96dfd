"""Component: the rep's clauses about the product (feature) and about a customer's result (outcome).

An outcome is *quantified* if it has a figure, and *linked* if it takes up words of the buyer, or a figure
with its unit: `link` is the turn that said them, `link_words` the words shared. A number alone ties nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, findings, layout, record
from annotators.matching import has_figure, is_figure
from annotators.scoring import SpanScored
from annotators.talk import Said, talk
from annotators.talk_cues import Clause
from annotators.topics import content, stem
from annotators.utterances import Utterance, by_turn


@Language.factory("ridealong_value_talk", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


@dataclass(slots=True)
class _Heard:
    """The buyer's content words and figures so far, each with the turn that said it last."""

    last_said: dict[str, int] = field(default_factory=dict)

    def add(self, turn: list[Utterance]) -> None:
        for utterance in turn:
            self.last_said.update(dict.fromkeys(_substance(utterance), utterance.turn))

    def link(self, stems: frozenset[str]) -> tuple[int, frozenset[str]] | None:
        """The turn that shares most of the stems, the later of equals, and the stems."""
        shared: dict[int, set[str]] = {}
        for known in stems & self.last_said.keys():
            shared.setdefault(self.last_said[known], set()).add(known)
        if not shared:
            return None
        best = max(shared, key=lambda turn: (len(shared[turn]), turn))
        return best, frozenset(shared[best])


class Component(SpanScored):
    """Writes `doc.spans["feature"]` and `doc.spans["outcome"]`."""

    labels = ("feature", "outcome")
    compared = ("quantified", "link")

    def __call__(self, doc: Doc) -> Doc:
        """One walk through the call; raises ModelMissing without the model of the rep's talk."""
        call, said = layout(doc), talk(doc)
        asked = _starts(doc, "question")
        heard = _Heard()
        found: dict[str, list[Finding]] = {"feature": [], "outcome": []}
        for number, turn in enumerate(by_turn(doc)):
            if not call.is_rep(number):
                heard.add(turn)
            for (value, _), run in groupby(said[number], key=lambda one: (one.value, one.in_story)):
                clauses = [one for one in run if not _is_asked(one, asked)]
                if value in found and clauses:
                    found[value].append(_finding(clauses, heard))
        for label, spans in found.items():
            record(doc, label, spans)
        return doc


def _starts(doc: Doc, label: str) -> frozenset[tuple[int, int]]:
    """Turn and first word of what is labelled."""
    return frozenset((found.turn, found.start) for found in findings(doc, label))


def _is_asked(said: Said, asked: frozenset[tuple[int, int]]) -> bool:
    utterance = said.clause.utterance
    return utterance.ending == "?" and (utterance.turn, utterance.start) in asked


def _finding(said: Sequence[Said], heard: _Heard) -> Finding:
    """Adjoining clauses of one value as one finding."""
    first, last = said[0].clause, said[-1].clause
    attributes: dict[str, str | bool | int | float | None] = {}
    if said[0].value == "outcome":
        # A story's result is another customer's, not taken from this buyer's words.
        attributes = _outcome_attributes(
            [one.clause for one in said], _Heard() if said[0].in_story else heard
        )
    sure = max(0.3, *(one.sure for one in said))
    return Finding(first.utterance.turn, first.words()[0], last.words()[1], sure, attributes)


def _outcome_attributes(
    clauses: Sequence[Clause], heard: _Heard
) -> dict[str, str | bool | int | float | None]:
    # The clauses name the result, their sentences often the need.
    utterances = list(dict.fromkeys(clause.utterance for clause in clauses))
    named = (_substance(clause.utterance, clause.first, clause.last) for clause in clauses)
    whole = (_substance(utterance) for utterance in utterances)
    link = heard.link(frozenset().union(*named)) or heard.link(frozenset().union(*whole))
    shared = {part for known in (link[1] if link else ()) for part in known.split()}
    tokens = (token for utterance in utterances for token in utterance.tokens)
    return {
        "quantified": any(has_figure(one.utterance.tokens[one.first : one.last]) for one in clauses),
        "link": link[0] if link else None,
        "link_words": " ".join(dict.fromkeys(token for token in tokens if stem(token) in shared)) or None,
    }


def _substance(utterance: Utterance, first: int = 0, last: int | None = None) -> frozenset[str]:
    """Stems of the content words in a half-open token range less numbers, and figures with their units."""
    tokens, tags = utterance.tokens, utterance.tags
    stop = len(tokens) if last is None else last
    numbers = {stem(token) for token in tokens[first:stop] if is_figure(token)}
    return content(utterance, first, stop) - numbers | _figures(tokens[first:stop], tags[first:stop])


def _figures(tokens: Sequence[str], tags: Sequence[str]) -> frozenset[str]:
    """Figures with the noun right after them, as stems with spaces: "five hour"; "40%" as it is."""
    found, run = set(), list[str]()
    for word, tag in zip(tokens, tags, strict=True):
        if has_figure([word]):
            run.append(stem(word))
            if not word[0].isalpha() and not word.replace(",", "").replace(".", "").isdigit():
                found.add(" ".join(run))
        elif not (run and word == "and"):
            if run and tag.startswith("NN"):
                found.add(" ".join([*run, stem(word)]))
            run = []
    return frozenset(found)
