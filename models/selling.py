"""Features of what was said: counts and shares of the evidence that annotators found.

The counts are not capped, because people follow them from week to week; the scorer's transforms
saturate, so that length alone buys nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence

from models.call import REP, Evidence, Turn
from models.measure import Call, Feature, Pick, feature

SELLING: dict[str, Feature] = {}

DISCOVERY = Pick("question", attributes={"discovery": True})
OPEN = Pick("question", attributes={"discovery": True, "form": "open"})
PROBING = Pick("question", attributes={"discovery": True, "probing": True})
IMPACT = Pick("question", attributes={"discovery": True, "impact": True})
FEATURE = Pick("feature")
OUTCOME = Pick("outcome")
LINKED = Pick("outcome", having=("link",))
QUANTIFIED = Pick("outcome", having=("quantified",))
QUANTIFIED_HERE = Pick("outcome", having=("quantified", "link"))
STORY = Pick("story")
ROI = Pick("roi")

# What a buyer decides by, from the question topics of the discovery annotator; one row is one ground.
_GROUNDS = {
    "impact": ("impact",),
    "process": ("decision",),
    "people": ("stakeholder",),
    "time": ("timeline", "timing"),
    "money": ("budget", "money"),
}
_FIGURE = re.compile(
    r"\d|%|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|half|dozens?|percent|double|twice)\b",
    re.IGNORECASE,
)


def _count(call: Call, pick: Pick) -> int:
    return len(pick.of(call))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _words(items: Sequence[tuple[int, Evidence]]) -> int:
    return sum(max(0, item.stop - item.start) for _, item in items)


def _grounds(items: Sequence[tuple[int, Evidence]]) -> set[str]:
    topics = {str(item.attributes.get("topic") or "").lower() for _, item in items}
    return {
        ground for ground, marks in _GROUNDS.items() if any(m in topic for topic in topics for m in marks)
    }


def _breadth(call: Call) -> set[str]:
    grounds = _grounds([*OPEN.of(call), *PROBING.of(call)])
    return grounds | {"impact"} if IMPACT.of(call) else grounds


def has_figure(turn: Turn) -> bool:
    """Whether a number is said, in digits or in words ("one" aside, which is mostly a pronoun)."""
    return _FIGURE.search(turn.text) is not None


@feature(SELLING, "questions", 1, [DISCOVERY])
def discovery_questions(call: Call) -> float:
    """Questions the rep asks to learn about the buyer.

    Number of `question` by the rep with `discovery` true; several in a row count singly.
    """
    return _count(call, DISCOVERY)


@feature(SELLING, "questions", 1, [OPEN])
def open_discovery_questions(call: Call) -> float:
    """Discovery questions that a yes, a no or one fact can't answer.

    Number of `question` by the rep with `discovery` true and `form` open.
    """
    return _count(call, OPEN)


@feature(SELLING, "share", 1, [OPEN])
def discovery_open_share(call: Call) -> float | None:
    """Share of the discovery questions that are open.

    open_discovery_questions / discovery_questions; None without any.
    """
    return _share(_count(call, OPEN), _count(call, DISCOVERY))


@feature(SELLING, "questions", 1, [PROBING])
def probing_questions(call: Call) -> float:
    """Discovery questions that build on what the buyer just said.

    Number of `question` by the rep with `discovery` and `probing` true.
    """
    return _count(call, PROBING)


@feature(SELLING, "questions", 1, [IMPACT])
def impact_questions(call: Call) -> float:
    """Discovery questions on what the problem costs, risks or changes.

    Number of `question` by the rep with `discovery` and `impact` true.
    """
    return _count(call, IMPACT)


@feature(SELLING, "grounds", 1, [OPEN, PROBING])
def discovery_breadth(call: Call) -> float:
    """Grounds of a decision touched: impact, process, people, time, money (0 to 5).

    Distinct grounds among the topics of the open or probing discovery questions; a list of closed ones
    is an interrogation and counts for nothing here. `impact` true touches impact whatever the topic.
    """
    return len(_breadth(call))


@feature(SELLING, "grounds", 1, [DISCOVERY])
def decision_grounds(call: Call) -> float:
    """Grounds of the buyer's decision asked about: process, people, time, money (0 to 4).

    Distinct grounds other than impact among the topics of all discovery questions.
    """
    return len(_grounds(DISCOVERY.of(call)) - {"impact"})


@feature(SELLING, "answers", 1, [IMPACT])
def impact_figures(call: Call) -> float:
    """Impact questions that the buyer answers with a figure.

    Number of impact questions with a number said by someone else than the rep within the next three turns.
    """
    asked = Counter(item.turn for _, item in IMPACT.of(call))
    return sum(
        times
        for turn, times in asked.items()
        if any(answer.speaker != REP and has_figure(answer) for answer in call.turns[turn + 1 : turn + 4])
    )


@feature(SELLING, "yes/no", 1, [OPEN, PROBING])
def discovery_deep(call: Call) -> float:
    """Whether discovery goes deep: enough questions, open ones, following the answers, past the situation.

    1 if discovery_questions >= 5, probing_questions >= 3, open_discovery_questions >= 2 and
    discovery_breadth >= 2, else 0.
    """
    enough = _count(call, DISCOVERY) >= 5 and _count(call, PROBING) >= 3 and _count(call, OPEN) >= 2
    return enough and len(_breadth(call)) >= 2


@feature(SELLING, "yes/no", 1, [IMPACT, DISCOVERY])
def discovery_complete(call: Call) -> float:
    """Whether deep discovery brings out the impact in figures, and how the decision is made.

    1 if discovery_deep, impact_figures >= 1, and the decision process as well as people, time or money are
    asked about, else 0.
    """
    grounds = _grounds(DISCOVERY.of(call)) - {"impact"}
    decided = "process" in grounds and len(grounds) >= 2
    return bool(discovery_deep(call)) and decided and bool(impact_figures(call))


@feature(SELLING, "passages", 0, [FEATURE, OUTCOME, STORY, ROI])
def offer_passages(call: Call) -> float:
    """How often the rep speaks about the offer at all.

    Number of `feature`, `outcome`, `story` and `roi` by the rep.
    """
    return sum(_count(call, pick) for pick in (FEATURE, OUTCOME, STORY, ROI))


@feature(SELLING, "passages", 1, [OUTCOME])
def outcomes(call: Call) -> float:
    """Passages of the rep on what changes for a customer.

    Number of `outcome` by the rep.
    """
    return _count(call, OUTCOME)


@feature(SELLING, "share", 1, [OUTCOME])
def outcome_share(call: Call) -> float | None:
    """Share of the pitch that is about outcomes rather than features.

    Words in `outcome` / words in `outcome` and `feature`, all by the rep; None without either.
    """
    words = _words(OUTCOME.of(call))
    return _share(words, words + _words(FEATURE.of(call)))


@feature(SELLING, "passages", 1, [LINKED])
def linked_outcomes(call: Call) -> float:
    """Outcomes tied to something this buyer said.

    Number of `outcome` by the rep with `link`.
    """
    return _count(call, LINKED)


@feature(SELLING, "share", 1, [LINKED])
def linked_share(call: Call) -> float | None:
    """Share of the outcomes that are tied to something this buyer said.

    linked_outcomes / outcomes; None without outcomes.
    """
    return _share(_count(call, LINKED), _count(call, OUTCOME))


@feature(SELLING, "passages", 1, [QUANTIFIED])
def quantified_outcomes(call: Call) -> float:
    """Outcomes with a figure.

    Number of `outcome` by the rep with `quantified` true.
    """
    return _count(call, QUANTIFIED)


@feature(SELLING, "passages", 1, [QUANTIFIED_HERE, ROI])
def quantified_for_buyer(call: Call) -> float:
    """Outcomes put in figures for this very buyer.

    Number of `outcome` by the rep with both `quantified` and `link`, and of `roi`.
    """
    return _count(call, QUANTIFIED_HERE) + _count(call, ROI)


@feature(SELLING, "stories", 1, [STORY])
def stories(call: Call) -> float:
    """Stories of other customers told by the rep.

    Number of `story` by the rep.
    """
    return _count(call, STORY)


@feature(SELLING, "stories", 1, [STORY])
def fitting_stories(call: Call) -> float:
    """Customer stories in a pitch that speaks to this buyer's needs.

    Number of `story` by the rep once at least one `outcome` has a `link`, else 0.
    """
    return _count(call, STORY) if LINKED.of(call) else 0


@feature(SELLING, "yes/no", 1, [STORY, QUANTIFIED_HERE, ROI])
def value_proven(call: Call) -> float:
    """Whether a pitch that speaks to this buyer's needs has both a story and figures for them.

    1 if fitting_stories >= 1 and quantified_for_buyer >= 1, else 0.
    """
    return bool(fitting_stories(call)) and bool(quantified_for_buyer(call))


@feature(SELLING, "yes/no", picks=[DISCOVERY, FEATURE, OUTCOME])
def selling_talk(call: Call) -> float:
    """Whether the rep asks about the buyer or speaks about the offer at all.

    1 if discovery_questions >= 1 or offer_passages >= 1, else 0, as in pure logistics.
    """
    return bool(DISCOVERY.of(call)) or bool(offer_passages(call))


@feature(SELLING, "people", 0, [Pick("stakeholder", rep=None)])
def stakeholders(call: Call) -> float:
    """Mentions of people with a say in the decision.

    Number of `stakeholder` by anybody.
    """
    return _count(call, Pick("stakeholder", rep=None))
