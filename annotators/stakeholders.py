"""Component: people on the buyer's side, not on the call, with a part in the decision or its effects.

A small model looks at everybody who is spoken of: how, by whom, and what they are said to do. The network
that reads the whole call has a say.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, layout, record
from annotators.linear import LinearModel, load
from annotators.mention_cues import person_cues
from annotators.mentions import Mention, people
from annotators.reader import both
from annotators.scoring import SpanScored
from annotators.utterances import utterances

MODEL = "stakeholders"
IS, IS_NOT = "stakeholder", "other"
LIKELY = 0.25  # people with a part are few among all who are named: at a half a third of them is found
READ = 0.3  # share of the network in the log-odds


@Language.factory("ridealong_stakeholders", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["stakeholder"]` with `role` and `name`."""

    labels = ("stakeholder",)

    def __call__(self, doc: Doc) -> Doc:
        """The first mention of each of them; nobody while roles are unknown. Raises ModelMissing."""
        call, found = layout(doc), []
        if call.has_rep:
            model, read = load(MODEL), call_read(doc)
            for mentions in people(call, utterances(doc), known_words(model)).values():
                chance = _chance(mentions[0], read, model.probabilities(person_cues(call, mentions))[IS])
                if chance >= LIKELY:
                    found.append(_finding(mentions, chance))
        record(doc, "stakeholder", _once(found))
        return doc


def _chance(first: Mention, read: Read, chance: float) -> float:
    if read.silent:
        return chance
    words = first.utterance.words(first.first, first.last)
    return both(chance, read.most("stakeholder", first.utterance.turn, *words, "no"), READ)


@lru_cache(maxsize=4)
def _known(words: str) -> frozenset[str]:
    return frozenset(words.split())


def known_words(model: LinearModel) -> frozenset[str]:
    """The words that are no names, as the model's training calls have them."""
    return _known(str(model.facts.get("known", "")))


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """Less those without a name whose role somebody before has: "your operations director" is Priya."""
    roles: set[object] = set()
    for item in sorted(found, key=lambda item: (item.turn, item.start)):
        if item.attributes["name"] or item.attributes["role"] not in roles:
            yield item
        roles.add(item.attributes["role"])


def _finding(mentions: Sequence[Mention], chance: float) -> Finding:
    """The first mention, with role and name from whichever mention says them first."""
    first = mentions[0]
    role = next((" ".join(mention.role) for mention in mentions if mention.role), None)
    name = next((mention.name for mention in mentions if mention.name), None)
    start, stop = first.utterance.words(first.first, first.last)
    return Finding(
        first.utterance.turn, start, stop, min(1.0, 0.4 + chance / 2), {"role": role, "name": name}
    )
