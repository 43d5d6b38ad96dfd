"""Component: the agenda the rep states, and the recaps in which the rep sums up what was said."""

from collections.abc import Iterator
from itertools import chain

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import load_patterns
from annotators.topics import content
from annotators.utterances import Utterance, by_turn

AGENDA_TURNS = 8  # an agenda comes with the opening
RECALL_TURNS = 12  # turns of the buyer that an unannounced recap may take up
SHARED = 3  # content words an unannounced recap must share with them
SHARE = 0.5  # and of how many of its own
_PATTERNS = load_patterns("framing")


@Language.factory("ridealong_framing", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["agenda"]` and `doc.spans["recap"]`."""

    def __call__(self, doc: Doc) -> Doc:
        """Each utterance is compared with a bounded stretch before it."""
        call, turns = layout(doc), by_turn(doc)
        record(doc, "agenda", _agendas(call, turns))
        record(doc, "recap", _recaps(call, turns))
        return doc


def _agendas(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    for utterance in chain.from_iterable(turns[:AGENDA_TURNS]):
        if call.is_rep(utterance.turn) and "agenda" in _PATTERNS.groups(utterance):
            yield Finding(utterance.turn, utterance.start, utterance.stop, 0.75)


def _recaps(call: Layout, turns: list[list[Utterance]]) -> Iterator[Finding]:
    heard: list[frozenset[str]] = []
    for number, turn in enumerate(turns):
        if not call.is_rep(number):
            heard.append(frozenset(chain.from_iterable(content(said) for said in turn)))
            continue
        recalled = frozenset(chain.from_iterable(heard[-RECALL_TURNS:]))
        for place, utterance in enumerate(turn):
            groups = _PATTERNS.groups(utterance)
            if "recap" in groups:
                stop = place + 1
                if stop < len(turn) and "did_i_get_it" in _PATTERNS.groups(turn[stop]):
                    stop += 1
                yield Finding(number, utterance.start, turn[stop - 1].stop, 0.8)
            elif takes_up(utterance, recalled):
                yield Finding(number, utterance.start, utterance.stop, 0.6)


def takes_up(utterance: Utterance, recalled: frozenset[str]) -> bool:
    """A "so ..." statement made mostly of what the buyer said."""
    if utterance.tokens[:1] != ("so",) or utterance.ending == "?" or len(utterance.tokens) < 8:
        return False
    own = content(utterance)
    shared = own & recalled
    return len(shared) >= SHARED and len(shared) >= SHARE * len(own)
