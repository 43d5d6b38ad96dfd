"""Component: objections, where the buyer voices doubt, reluctance or a barrier; with its kind.

A question for information is no objection. Two small models decide turn by turn: whether the turn is one, by
its words and the rep's before and after it, and of which kind; the network that reads the whole call has a
say in both, and so has a deeper one where these doubt. Some phrases leave little doubt. What became of it is
found by `annotators/responses.py`.
"""

from collections.abc import Iterator, Mapping

from spacy.language import Language
from spacy.tokens import Doc

from annotators.asking_models import odds_of
from annotators.call_reader import Read, call_read
from annotators.document import Finding, record
from annotators.linear import LinearModel, load
from annotators.objection_cues import (
    PHRASES,
    Said,
    Talk,
    doubts,
    kind_cues,
    own_cues,
    said,
    talk_of,
    turn_cues,
)
from annotators.reader import both
from annotators.scoring import SpanScored
from annotators.second_look import OBJECTION, OBJECTIONS, Look, Words, allowed, looking
from annotators.utterances import Utterance

DETECTOR, KINDS = "objections", "objection_kind"  # names of the models
IS, IS_NOT = "objection", "none"  # the detector's classes
SURE = 0.6  # the least chance of a turn with an unmistakable phrase, before a second look
LIKELY = 0.27  # chance from which a turn counts as one: the best F1 on calls of writers left out
READ, READ_KIND = 0.3, 0.4  # shares of the network in the log-odds
LOOK, LOOK_KIND = 0.3, 0.35  # shares of the second look in the log-odds
UNSURE = 0.05  # chance from which a turn may get one
LOOKS, WORDS_A_LOOK = 8, 3000  # looks a call, and words for one more
SHORTEST = 3  # tokens: shorter turns are listening, mostly


@Language.factory("ridealong_objections", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["objection"]` with `kind`."""

    labels = ("objection",)
    compared = ("kind",)

    def __call__(self, doc: Doc) -> Doc:
        """At most one objection a turn; raises ModelMissing without the models."""
        record(doc, "objection", _findings(talk_of(doc), call_read(doc), load(DETECTOR), load(KINDS)))
        return doc


def candidates(talk: Talk) -> Iterator[int]:
    """Turns that can be objections: the buyer's, of some words."""
    for number, turn in enumerate(talk.turns):
        if talk.call.may_be_buyer(number) and sum(len(utterance.tokens) for utterance in turn) >= SHORTEST:
            yield number


def _findings(talk: Talk, read: Read, detector: LinearModel, kinds: LinearModel) -> Iterator[Finding]:
    chances = {number: _chance(talk, number, read, detector) for number in candidates(talk)}
    looks = {} if read.silent else _looks(talk, chances, detector)
    for number, before in chances.items():
        look = looks.get(number)
        chance = look.mixed("objection", {IS: before, IS_NOT: 1 - before}, LOOK)[IS] if look else before
        if chance >= LIKELY:
            start, stop = stretch(talk, number, detector)
            kind = _kind(talk, read, (number, start, stop), kinds, look)
            yield Finding(number, start, stop, _strength(chance), {"kind": kind})


def _looks(talk: Talk, chances: Mapping[int, float], detector: LinearModel) -> Mapping[int, Look]:
    """A second look at the turns of which it is least clear whether they are objections."""
    asked = [number for number, chance in chances.items() if chance >= UNSURE]
    asked.sort(key=lambda number: abs(odds_of(chances[number]) - odds_of(LIKELY)))
    words = {
        (number, *stretch(talk, number, detector)): number
        for number in asked[: allowed(talk.call, LOOKS, WORDS_A_LOOK)]
    }
    found = looking(OBJECTIONS).looks(talk.call, words, OBJECTION) if words else {}
    return {words[one]: look for one, look in found.items()}


def _chance(talk: Talk, number: int, read: Read, detector: LinearModel) -> float:
    chance = _by_words(talk, number, read, detector)
    plain = chance < SURE and "plain" in talk.doubts(number) and _is_plain(talk.said(number))
    return SURE if plain else chance


def _by_words(talk: Talk, number: int, read: Read, detector: LinearModel) -> float:
    words = number, 0, len(talk.call.turns[number].words)
    if read.rules_out("objection", words, IS_NOT):
        return 0.0
    chance = detector.probabilities(turn_cues(talk, number))[IS]
    return chance if read.silent else both(chance, read.most("objection", *words, IS_NOT), READ)


def _kind(talk: Talk, read: Read, words: Words, kinds: LinearModel, look: Look | None) -> str:
    if "rival" in talk.doubts(words[0]):
        return "competitor"
    chances = read.mixed("objection", words, kinds.probabilities(kind_cues(talk, words[0])), READ_KIND)
    chances = chances if look is None else look.mixed("kind", chances, LOOK_KIND)
    return max(chances, key=chances.__getitem__)


def _is_plain(turn: Said) -> bool:
    """Whether an utterance says it outright: no question, nothing of others."""
    groups = [PHRASES.groups(utterance) for utterance in turn.utterances if utterance.ending != "?"]
    return any("plain" in found and "harmless" not in found for found in groups)


def _strength(chance: float) -> float:
    """From chance to strength: a chance that just suffices is 0.5, certainty 1."""
    return 0.5 + 0.5 * (chance - LIKELY) / (1 - LIKELY)


def stretch(talk: Talk, number: int, detector: LinearModel) -> tuple[int, int]:
    """The words of a turn from the first to the last utterance that speaks for an objection."""
    utterances = talk.said(number).utterances
    speaking = [
        one for one in utterances if "plain" in PHRASES.groups(one) or _speaks(detector, one)
    ] or utterances
    return speaking[0].start, speaking[-1].stop


def _speaks(detector: LinearModel, utterance: Utterance) -> bool:
    cues = own_cues(said([utterance]), doubts([utterance]))
    return sum(weight for _, weight in detector.explain(cues, IS, most=len(cues))) > 0
