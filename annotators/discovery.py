"""Component: which of the rep's questions are discovery, on what topic, and how they build on the buyer.

Discovery asks to learn about the buyer's situation, problem, consequence, goal, decision, people, time or
money. Courtesy, technical checks, logistics, trial closes and "did I get that right?" are not.
"""

from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, findings, layout, record
from annotators.matching import load_patterns
from annotators.questions import onset
from annotators.topics import content, contents
from annotators.utterances import Utterance, by_turn

# Asked about more than one thing, a question counts for the rarer and more telling one.
PRIORITY = (
    "impact", "budget", "success_criteria", "decision", "stakeholders", "timeline", "pain",
    "current_solution",
)  # fmt: skip
LOOK_BACK = 4  # turns in which the buyer's last answer is looked for
ANSWER = 6  # utterances of that answer that a question can build on

SUBSTANTIAL = 8  # tokens that make it an answer one can build on

_PATTERNS = load_patterns("discovery")
_NONE = {"discovery": False, "topic": None, "probing": False, "impact": False}


@Language.factory("ridealong_discovery", assigns=["doc.spans"], requires=["doc._.utterances", "doc.spans"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Adds `discovery`, `topic`, `probing`, `impact` to `doc.spans["question"]`."""

    def __call__(self, doc: Doc) -> Doc:
        """Looks back over a bounded number of turns only."""
        call, turns = layout(doc), by_turn(doc)
        places = {(utterance.turn, utterance.start): utterance for turn in turns for utterance in turn}
        agenda = frozenset((found.turn, found.start) for found in findings(doc, "agenda"))
        described = (
            _described(found, places[found.turn, found.start], call, turns, agenda)
            for found in findings(doc, "question")
        )
        record(doc, "question", [found for found in described if found is not None])
        return doc


def _described(
    found: Finding,
    utterance: Utterance,
    call: Layout,
    turns: list[list[Utterance]],
    agenda: frozenset[tuple[int, int]],
) -> Finding | None:
    attributes = dict(found.attributes)
    if not call.is_rep(found.turn):
        return replace(found, attributes={**attributes, **_NONE})
    # "I'd like to hear about ... first" says what the call is for.
    if (found.turn, utterance.start) in agenda and utterance.ending != "?":
        return None
    answer = last_answer(call, turns, found.turn)
    groups = _PATTERNS.groups(utterance)
    probing = bool(answer) and builds_on(utterance, groups, answer)
    if not is_discovery(groups, probing=probing):
        return replace(found, attributes={**attributes, **_NONE})
    topic = question_topic(groups)
    return replace(
        found,
        attributes={
            **attributes,
            "discovery": True,
            "topic": topic,
            "probing": probing,
            "impact": "topic_impact" in groups,
        },
    )


def is_discovery(groups: frozenset[str], *, probing: bool) -> bool:
    """Whether a question of the rep, by the pattern groups in it, asks to learn about the buyer."""
    if any(group.startswith("excluded_") for group in groups):
        return False
    topical = any(group.startswith("topic_") for group in groups)
    return "buyer_world" in groups or topical or probing or "follow_up" in groups


def question_topic(groups: frozenset[str]) -> str:
    """The topic by priority; the buyer's situation when no other is named."""
    return next((topic for topic in PRIORITY if f"topic_{topic}" in groups), "situation")


def last_answer(call: Layout, turns: list[list[Utterance]], turn: int) -> list[Utterance]:
    """The end of what the other side said last; with the answer before it when that was a word or two."""
    said: list[Utterance] = []
    for number in range(turn - 1, max(-1, turn - 1 - LOOK_BACK), -1):
        if call.may_be_buyer(number):
            said = turns[number][-ANSWER:] + said
            if sum(len(utterance.tokens) for utterance in said) >= SUBSTANTIAL:
                break
    return said


def builds_on(utterance: Utterance, groups: frozenset[str], answer: list[Utterance]) -> bool:
    """Whether a question takes up the buyer's answer: by its words, or by pointing back at it."""
    if contents(answer) & content(utterance):
        return True
    substantial = sum(len(said.tokens) for said in answer) >= SUBSTANTIAL // 2
    first = onset(utterance)
    points_back = any(token in {"that", "those", "it", "they", "them"} for token in utterance.tokens[first:])
    return substantial and ("follow_up" in groups or points_back)
