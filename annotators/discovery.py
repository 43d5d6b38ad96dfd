"""Component: which of the rep's questions are discovery, on what topic, and how they build on the buyer.

Discovery asks to learn about the buyer's situation, problem, consequence, goal, decision, people, time or
money. Courtesy, technical checks, logistics, trial closes and "did I get that right?" are not. Four small
models decide, trained on marked calls (training/steps), with phrases of patterns/discovery.toml as cues; the
network that reads the whole call has a say in each, and a deeper one in what discovery questions are after.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from math import exp

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, Layout, findings, layout, record
from annotators.linear import load
from annotators.question_cues import Heard, last_answer, question_cues
from annotators.questions import OPEN
from annotators.scoring import SpanScored
from annotators.second_look import QUESTION, Look, Words, allowed, looking
from annotators.utterances import by_turn

# Probabilities from which a question is discovery, probes, asks for consequences: chosen leaving
# one writer out.
ASKS, BUILDS, WEIGHS = 0.6, 0.6, 0.4
ASKS_ALONE = 0.45  # the first of these where the network is silent
READ = 0.5  # share of the network in the log-odds
LOOK = 0.4  # share of the second look in the log-odds
LOOKS, WORDS_A_LOOK = 20, 1200  # looks a call, and words for one more

_NONE = {"discovery": False, "topic": None, "probing": False, "impact": False}


@Language.factory("ridealong_discovery", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Adds `discovery`, `topic`, `probing`, `impact` to `doc.spans["question"]`; looks at `form` again."""

    labels = ("question",)
    compared = (
        "form",
        "discovery",
        "topic",
        "probing",
        "impact",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Looks at a bounded number of turns around each question, and once more at some."""
        heard, read = Heard(layout(doc), by_turn(doc)), call_read(doc)
        agenda = frozenset((found.turn, found.start) for found in findings(doc, "agenda"))
        asked = [found for found in findings(doc, "question") if not _announced(heard, found, agenda)]
        judged = {
            _words(found): _Judged(heard, read, _words(found), doc.user_data[OPEN])
            for found in asked
            if heard.call.is_rep(found.turn)
        }
        looks = {} if read.silent else _looks(heard.call, judged.values())
        described = (
            (found, own.attributes(looks.get(own.words)) if (own := judged.get(_words(found))) else _NONE)
            for found in asked
        )
        record(
            doc,
            "question",
            (replace(found, attributes={**found.attributes, **more}) for found, more in described),
        )
        return doc


def _words(found: Finding) -> Words:
    return found.turn, found.start, found.stop


def _announced(heard: Heard, found: Finding, agenda: Collection[tuple[int, int]]) -> bool:
    """Whether it says what the call is for: "I'd like to hear about ... first"."""
    rep = heard.call.is_rep(found.turn)
    return rep and (found.turn, found.start) in agenda and not _marked(heard, found)


def _marked(heard: Heard, found: Finding) -> bool:
    return any(
        said.ending == "?"
        for said in heard.turns[found.turn]
        if said.start < found.stop and said.stop > found.start
    )


class _Judged:
    """A question of the rep, and what the models make of it."""

    def __init__(self, heard: Heard, read: Read, words: Words, open_odds: Mapping[Words, float]) -> None:
        self.words = words
        self._builds = bool(last_answer(heard, words[0]))
        self._read = read
        self._open = 1 / (1 + exp(-open_odds[words]))
        self._cues = question_cues(heard, *self.words)
        asks = load("discovery").probabilities(self._cues)
        either = read.mixed("question", self.words, {"other": asks["no"], "discovery": asks["yes"]}, READ)
        self.asks = either["discovery"]
        self.is_discovery = self.asks >= (ASKS_ALONE if read.silent else ASKS)

    def attributes(self, look: Look | None) -> dict[str, bool | str | None]:
        """What it is after, and its form; the second look has a say where there is one."""
        if not self.is_discovery:
            return dict(_NONE)
        topics = self._chances("discovery_topic", "topic", look)
        return {
            "discovery": True,
            "topic": max(topics, key=topics.__getitem__),
            "probing": self._builds and self._chances("probing", "probing", look)["yes"] >= BUILDS,
            "impact": self._chances("impact", "impact", look)["yes"] >= WEIGHS,
            **self._form(look),
        }

    def _form(self, look: Look | None) -> dict[str, str]:
        if look is None:
            return {}
        forms = look.mixed("form", {"open": self._open, "closed": 1 - self._open}, LOOK)
        return {"form": max(forms, key=forms.__getitem__)}

    def _chances(self, model: str, task: str, look: Look | None) -> Mapping[str, float]:
        chances = self._read.mixed(task, self.words, load(model).probabilities(self._cues), READ)
        return chances if look is None else look.mixed(task, chances, LOOK)


def _looks(call: Layout, judged: Iterable[_Judged]) -> Mapping[Words, Look]:
    """A second look at the surest discovery questions: it takes time, however many a call holds."""
    asked = sorted((one for one in judged if one.is_discovery), key=lambda one: -one.asks)
    most = allowed(call, LOOKS, WORDS_A_LOOK)
    return looking().looks(call, [one.words for one in asked[:most]], QUESTION) if asked else {}
