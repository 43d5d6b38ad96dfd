"""Component: fillers and hedges, of every speaker; the words from which delivery is measured."""

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, TurnPlace, layout, record
from annotators.matching import Match, load_patterns
from annotators.scoring import SpanScored
from annotators.text import is_filler
from annotators.utterances import Utterance, utterances

_PATTERNS = load_patterns("delivery")
# "You know" and "I think" are also said in earnest; um never is.
PAUSE, PHRASE = 1.0, 0.7


@Language.factory("ridealong_delivery", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["filler"]` and `doc.spans["hedge"]`."""

    labels = ("filler", "hedge")

    def __call__(self, doc: Doc) -> Doc:
        """Filled pauses by word, phrases by utterance."""
        found = [(utterance, _PATTERNS.find(utterance)) for utterance in utterances(doc)]
        pauses = [
            pause for number, turn in enumerate(layout(doc).turns) for pause in filled_pauses(number, turn)
        ]
        record(doc, "filler", [*pauses, *_phrases(found, "filler")])
        record(doc, "hedge", _phrases(found, "hedge"))
        return doc


def filled_pauses(number: int, turn: TurnPlace) -> Iterator[Finding]:
    """Every um, uh and er of a turn."""
    for index, word in enumerate(turn.words):
        if is_filler(word):
            yield Finding(number, index, index + 1, PAUSE)


def _phrases(found: Sequence[tuple[Utterance, list[Match]]], label: str) -> Iterator[Finding]:
    for utterance, matches in found:
        plain = [match for match in matches if match.group == "plain"]
        last = 0
        for match in matches:
            # "You know, ..." with a comma is filler, whatever comes next.
            set_off = label == "filler" and utterance.breaks[match.last - 1]
            if match.group == label and match.first >= last and (set_off or not _overlaps(match, plain)):
                last = match.last
                start, stop = utterance.words(match.first, match.last)
                yield Finding(utterance.turn, start, stop, PHRASE)


def _overlaps(match: Match, others: list[Match]) -> bool:
    return any(match.first < other.last and other.first < match.last for other in others)
