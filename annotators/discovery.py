"""Component: which of the rep's questions are discovery, on what topic, and how they build on the buyer.

Discovery asks to learn about the buyer's situation, problem, consequence, goal, decision, people, time or
money. Courtesy, technical checks, logistics, trial closes and "did I get that right?" are not. Four small
models decide, trained on marked calls (training/steps), with phrases of patterns/discovery.toml as cues; the
network that reads the whole call has a say in each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, findings, layout, record
from annotators.linear import load
from annotators.question_cues import Heard, last_answer, question_cues
from annotators.scoring import SpanScored
from annotators.utterances import by_turn

# Probabilities from which a question is discovery, probes, asks for consequences: chosen leaving
# one writer out.
ASKS, BUILDS, WEIGHS = 0.6, 0.6, 0.4
ASKS_ALONE = 0.45  # the first of these where the network is silent
READ = 0.5  # share of the network in the log-odds

_NONE = {"discovery": False, "topic": None, "probing": False, "impact": False}


@Language.factory("ridealong_discovery", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Adds `discovery`, `topic`, `probing`, `impact` to `doc.spans["question"]`."""

    labels = ("question",)
    compared = (
        "form",
        "discovery",
        "topic",
        "probing",
        "impact",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Looks at a bounded number of turns around each question."""
        heard = Heard(layout(doc), by_turn(doc))
        agenda = frozenset((found.turn, found.start) for found in findings(doc, "agenda"))
        record(doc, "question", list(_described(heard, call_read(doc), findings(doc, "question"), agenda)))
        return doc


def _described(
    heard: Heard, read: Read, asked: tuple[Finding, ...], agenda: frozenset[tuple[int, int]]
) -> Iterator[Finding]:
    for found in asked:
        if not heard.call.is_rep(found.turn):
            yield replace(found, attributes={**found.attributes, **_NONE})
            continue
        # "I'd like to hear about ... first" says what the call is for.
        if (found.turn, found.start) in agenda and not _marked(heard, found):
            continue
        yield replace(found, attributes={**found.attributes, **_judged(heard, read, found)})


def _marked(heard: Heard, found: Finding) -> bool:
    return any(
        said.ending == "?"
        for said in heard.turns[found.turn]
        if said.start < found.stop and said.stop > found.start
    )


def _judged(heard: Heard, read: Read, found: Finding) -> dict[str, bool | str | None]:
    words = found.turn, found.start, found.stop
    cues = question_cues(heard, *words)

    def chances(model: str, task: str) -> Mapping[str, float]:
        return read.mixed(task, words, load(model).probabilities(cues), READ)

    asks = load("discovery").probabilities(cues)
    either = read.mixed("question", words, {"other": asks["no"], "discovery": asks["yes"]}, READ)
    if either["discovery"] < (ASKS_ALONE if read.silent else ASKS):
        return dict(_NONE)
    topics = chances("discovery_topic", "topic")
    return {
        "discovery": True,
        "topic": max(topics, key=topics.__getitem__),
        "probing": bool(last_answer(heard, found.turn)) and chances("probing", "probing")["yes"] >= BUILDS,
        "impact": chances("impact", "impact")["yes"] >= WEIGHS,
    }
