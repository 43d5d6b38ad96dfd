"""Component: objections, where the buyer voices doubt, reluctance or a barrier; with its kind.

A question for information is no objection. What became of it is found by `annotators/responses.py`.
"""

from collections import Counter
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import load_patterns
from annotators.questions import question_strength
from annotators.utterances import Utterance, by_turn

# Of kinds with as many signs the more particular one: "too much work to change" is effort.
KINDS = ("competitor", "authority", "effort", "trust", "price", "timing", "need", "status_quo")
# In question form only these doubt: "why would we need that?", "how do I know?", "any discount?".
_IN_QUESTIONS = frozenset({"need", "trust", "price"})
_PATTERNS = load_patterns("objections")


@Language.factory("ridealong_objections", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["objection"]` with `kind`."""

    def __call__(self, doc: Doc) -> Doc:
        """Doubts of a turn that follow each other are one objection."""
        record(doc, "objection", _findings(layout(doc), by_turn(doc)))
        return doc


def _findings(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    for number, turn in enumerate(turns):
        if not call.may_be_buyer(number):
            continue
        run: list[Utterance] = []
        signs: Counter[str] = Counter()
        for place, utterance in enumerate(turn):
            found = doubts(utterance)
            if found:
                run.append(utterance)
                signs += found
            if run and (not found or place + 1 == len(turn)):
                kind = objection_kind(signs, turn)
                if kind:
                    certain = sum(signs.values()) > 1 or "doubt" not in signs
                    yield Finding(
                        number, run[0].start, run[-1].stop, 0.8 if certain else 0.65, {"kind": kind}
                    )
                run, signs = [], Counter()


def doubts(utterance: Utterance) -> Counter[str]:
    """How many signs of each kind of doubt an utterance holds; none if it only asks."""
    signs = Counter({match.group for match in _PATTERNS.find(utterance)})
    if not signs or "harmless" in signs:
        return Counter()
    if question_strength(utterance) > 0.7:
        return Counter({kind: count for kind, count in signs.items() if kind in _IN_QUESTIONS})
    return signs


def objection_kind(signs: Counter[str], turn: list[Utterance]) -> str | None:
    """The kind with most signs; an open doubt takes its kind from the rest of the turn, if that tells."""
    named = Counter({kind: signs[kind] for kind in KINDS if signs[kind]})
    if not named:
        for utterance in turn:
            named.update(match.group for match in _PATTERNS.find(utterance) if match.group in KINDS)
    if not named:
        return "trust" if signs["doubt"] else None
    best = max(named.values())
    return next(kind for kind in KINDS if named[kind] == best)
