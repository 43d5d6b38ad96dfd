"""Component: the rep's clauses about the product (feature) and about a customer's result (outcome).

An outcome is *quantified* if it has a figure, and *linked* if it takes up words of the buyer: `link` is the
turn that said them, `link_words` the words shared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, findings, layout, record
from annotators.matching import has_figure, load_patterns
from annotators.topics import content, stem
from annotators.utterances import Utterance, by_turn, clauses

TAKEN = ("question", "next_step", "agenda", "recap")  # these are neither feature nor outcome talk
SHORTEST = 3  # tokens of a clause that says something
_PATTERNS = load_patterns("value_talk")
_INTRODUCTION = frozenset({"from", "with", "at"})


@Language.factory("ridealong_value_talk", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


@dataclass(slots=True)
class _Heard:
    """The buyer's content words so far, each with the turn that said it last."""

    last_said: dict[str, int] = field(default_factory=dict)

    def add(self, turn: list[Utterance]) -> None:
        for utterance in turn:
            self.last_said.update(dict.fromkeys(content(utterance), utterance.turn))

    def link(self, stems: frozenset[str]) -> tuple[int, frozenset[str]] | None:
        """The turn that shares most of the stems, the later of equals, and the stems."""
        shared: dict[int, set[str]] = {}
        for known in stems & self.last_said.keys():
            shared.setdefault(self.last_said[known], set()).add(known)
        if not shared:
            return None
        best = max(shared, key=lambda turn: (len(shared[turn]), turn))
        return best, frozenset(shared[best])


class Component:
    """Writes `doc.spans["feature"]` and `doc.spans["outcome"]`."""

    def __call__(self, doc: Doc) -> Doc:
        """One walk through the call; links are looked up, not searched for."""
        call, turns = layout(doc), by_turn(doc)
        names = company_names(call, turns)
        taken, stories = _words_of(doc, TAKEN), _words_of(doc, ("story",))
        heard = _Heard()
        features: list[Finding] = []
        outcomes: list[Finding] = []
        for number, turn in enumerate(turns):
            if not call.is_rep(number):
                heard.add(turn)
                continue
            for label, finding in _of_turn(turn, taken, stories, names, heard):
                (features if label == "feature" else outcomes).append(finding)
        record(doc, "feature", features)
        record(doc, "outcome", outcomes)
        return doc


def _words_of(doc: Doc, labels: tuple[str, ...]) -> frozenset[tuple[int, int]]:
    """Words (turn, index) that are labelled already."""
    return frozenset(
        (found.turn, index)
        for label in labels
        for found in findings(doc, label)
        for index in range(found.start, found.stop)
    )


def company_names(call: Layout, turns: list[list[Utterance]]) -> frozenset[str]:
    """What the rep's company is called, from the introduction: "this is Claire from Northwind"."""
    names: set[str] = set()
    for turn in turns[:4]:
        for utterance in turn:
            if not call.is_rep(utterance.turn):
                continue
            said = call.turns[utterance.turn].words
            for place in range(len(utterance.tokens) - 1):
                following = said[utterance.places[place + 1]]
                introduced = utterance.tokens[place] in _INTRODUCTION and following[:1].isupper()
                if introduced and utterance.tags[place + 1].startswith("NN"):
                    names.add(utterance.tokens[place + 1])
    return frozenset(names)


def _of_turn(
    turn: list[Utterance],
    taken: frozenset[tuple[int, int]],
    stories: frozenset[tuple[int, int]],
    names: frozenset[str],
    heard: _Heard,
) -> Iterator[tuple[str, Finding]]:
    describing = False
    for utterance in turn:
        if (utterance.turn, utterance.start) in taken and utterance.ending == "?":
            continue
        for first, last in clauses(utterance):
            start, stop = utterance.words(first, last)
            if last - first < SHORTEST or (utterance.turn, start) in taken:
                continue
            label, strength = classify(utterance, first, last, names, describing=describing)
            told = (utterance.turn, start) in stories
            if not label or (told and label == "feature"):
                continue
            describing = True
            # A story's result is another customer's, not taken from this buyer's words.
            source = _Heard() if told else heard
            attributes = _outcome_attributes(utterance, first, last, source) if label == "outcome" else {}
            yield label, Finding(utterance.turn, start, stop, strength, attributes)


def classify(
    utterance: Utterance, first: int, last: int, names: frozenset[str], *, describing: bool
) -> tuple[str, float]:
    """The label of a clause and how sure it is; no label for neither.

    `describing` if the rep speaks about the product already in this turn.
    """
    groups = {match.group for match in _PATTERNS.find_within(utterance, first, last)}
    opening = {
        match.group
        for place in range(first, min(first + 3, last))
        for match in _PATTERNS.at_start(utterance, place)
    }
    if "outcome" in groups:
        return "outcome", 0.8
    if describing and "result" in opening:
        return "outcome", 0.6
    if "feature" in groups and "neither" not in opening:
        return "feature", 0.8
    named = any(token in names for token in utterance.tokens[first : min(first + 3, last)])
    if named and any(tag in {"VBZ", "VBP", "MD"} for tag in utterance.tags[first:last]):
        return "feature", 0.7
    if describing and "weak_feature" in opening and "neither" not in opening:
        return "feature", 0.55
    return "", 0.0


def _outcome_attributes(
    utterance: Utterance, first: int, last: int, heard: _Heard
) -> dict[str, str | bool | int | float | None]:
    # The clause names the result, its sentence often the need.
    link = heard.link(content(utterance, first, last)) or heard.link(content(utterance))
    shared = link[1] if link else frozenset()
    words = dict.fromkeys(token for token in utterance.tokens if stem(token) in shared)
    return {
        "quantified": has_figure(utterance.tokens[first:last]),
        "link": link[0] if link else None,
        "link_words": " ".join(words) or None,
    }
