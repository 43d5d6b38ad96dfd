"""Component: questions of every speaker, with and without punctuation; open or closed.

Tags ("..., right?"), rhetorical questions and a listener's "really?" are none. A question is *open* if it
can't be answered by yes, no or one fact. A small linear model decides, trained on marked calls
(training/steps/questions.py); the rules of `questions_by_rule` are among what it goes by. While nobody knows
who is the rep, a network has as much of a say (asking_reader.py); elsewhere that which reads the whole call.
"""

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.asking import Said, said
from annotators.asking_models import Asking
from annotators.call_reader import Read, call_read
from annotators.document import Finding, layout, record
from annotators.question_form import open_odds, question_asks
from annotators.questions_by_rule import onset, question_strength
from annotators.scoring import SpanScored
from annotators.utterances import WH_WORDS, Utterance, by_turn, joined

__all__ = ["onset", "question_strength"]
OPEN = "ridealong_open"  # in `doc.user_data`: log-odds that a question is open, by its turn and words
_OWN_QUESTION = 4  # tokens with which a question stands by itself


@Language.factory("ridealong_questions", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["question"]` with `form` and `asks` (yes_no, wh, choice or told)."""

    labels = ("question",)
    compared = ("form",)

    def __call__(self, doc: Doc) -> Doc:
        """Looks at each utterance, those around it, and the answer."""
        found = list(_findings(said(by_turn(doc), layout(doc)), call_read(doc)))
        record(doc, "question", (finding for finding, _ in found))
        doc.user_data[OPEN] = {(one.turn, one.start, one.stop): odds for one, odds in found}
        return doc


def _findings(call: Said, read: Read) -> Iterator[tuple[Finding, float]]:
    """Each question, with the log-odds that it is open."""
    asking = Asking(call, read)
    for turn, heard in enumerate(call.turns):
        for strength, begin, last in _asked(asking, turn, [one.utterance for one in heard]):
            whole, first = joined([one.utterance for one in heard[begin : last + 1]]), heard[begin].first
            odds = open_odds(whole, first, call, read)
            attributes = {"form": "open" if odds >= 0 else "closed", "asks": question_asks(whole, first)}
            yield Finding(turn, whole.start, whole.stop, strength, dict(attributes)), odds


def _asked(asking: Asking, turn: int, utterances: Sequence[Utterance]) -> list[tuple[float, int, int]]:
    """Strength, first and last utterance of each question of a turn; one may go on over several."""
    asked: list[tuple[float, int, int]] = []
    least = asking.threshold
    for place in range(len(utterances)):
        asks, goes_on = asking.chances(turn, place)
        strength = min(1.0, asks + goes_on)
        if strength < least:
            continue
        continued = asked and asked[-1][2] == place - 1 and goes_on > asks
        if continued and not _asks_anew(utterances[place - 1], utterances[place]):
            asked[-1] = (max(asked[-1][0], strength), asked[-1][1], place)
        else:
            asked.append((strength, place, place))
    return asked


def _asks_anew(before: Utterance, utterance: Utterance) -> bool:
    """Whether two question marks and a question word leave no doubt that another question begins."""
    asks = before.ending == utterance.ending == "?" and utterance.tokens[0] in WH_WORDS
    return asks and len(utterance.tokens) >= _OWN_QUESTION
