"""Features of what the rep asks to learn about the buyer.

The counts are not capped, because people follow them from week to week; the scorer's transforms
saturate, and it sees how thinly questions are spread, so that length alone buys nothing. Questions that
nobody is left to answer buy nothing either.
"""

import re
from collections import Counter
from collections.abc import Container, Sequence

from models.call import REP, Evidence, Turn
from models.measure import Call, Feature, Pick, feature

LEARNING: dict[str, Feature] = {}

DISCOVERY = Pick("question", attributes={"discovery": True})
OPEN = Pick("question", attributes={"discovery": True, "form": "open"})
PROBING = Pick("question", attributes={"discovery": True, "probing": True})
IMPACT = Pick("question", attributes={"discovery": True, "impact": True})

ANSWER_TURNS = 3  # turns after a question in which its answer is looked for
WORDS_AN_ANSWER = 5  # of the other side; that many for each question of a turn, or it was not left to answer

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


def _asked(call: Call, pick: Pick) -> list[tuple[int, Evidence]]:
    """The picked discovery questions, less those that the other side is given no room to answer.

    Of the questions in one turn the last ones count, as many as the answer has room for, at least one: a rep
    who recites the whole rubric in one breath has asked one thing.
    """
    counted: set[int] = set()
    turns: dict[int, list[int]] = {}
    for position, item in DISCOVERY.of(call):
        turns.setdefault(item.turn, []).append(position)
    for turn, positions in turns.items():
        room = max(1, _answer_words(call, turn, turns) // WORDS_AN_ANSWER)
        counted.update(positions[-room:])
    return [(position, item) for position, item in pick.of(call) if position in counted]


def _answer_words(call: Call, turn: int, asking: Container[int]) -> int:
    """Words of the other side after a turn, until the rep's next turn that asks."""
    words = 0
    for number, answer in enumerate(_following(call, turn), turn + 1):
        if number in asking:
            break
        words += len(answer.words) if answer.speaker != REP else 0
    return words


def _following(call: Call, turn: int) -> Sequence[Turn]:
    return call.turns[turn + 1 : turn + 1 + ANSWER_TURNS]


def _count(call: Call, pick: Pick) -> int:
    return len(_asked(call, pick))


def _grounds(items: Sequence[tuple[int, Evidence]]) -> set[str]:
    topics = {str(item.attributes.get("topic") or "").lower() for _, item in items}
    return {
        ground for ground, marks in _GROUNDS.items() if any(m in topic for topic in topics for m in marks)
    }


def _breadth(call: Call) -> set[str]:
    grounds = _grounds([*_asked(call, OPEN), *_asked(call, PROBING)])
    return grounds | {"impact"} if _asked(call, IMPACT) else grounds


def has_figure(turn: Turn) -> bool:
    """Whether a number is said, in digits or in words ("one" aside, which is mostly a pronoun)."""
    return _FIGURE.search(turn.text) is not None


@feature(LEARNING, "questions", 1, [DISCOVERY])
def discovery_questions(call: Call) -> float:
    """Questions the rep asks to learn about the buyer.

    Number of `question` by the rep with `discovery` true. Several in a turn count singly as far as the answer
    has five words for each; beyond that only the last ones, here and in all that follows.
    """
    return _count(call, DISCOVERY)


@feature(LEARNING, "questions", 1, [OPEN])
def open_discovery_questions(call: Call) -> float:
    """Discovery questions that a yes, a no or one fact can't answer.

    Number of `question` by the rep with `discovery` true and `form` open.
    """
    return _count(call, OPEN)


@feature(LEARNING, "share", 1, [OPEN])
def discovery_open_share(call: Call) -> float | None:
    """Share of the discovery questions that are open.

    open_discovery_questions / discovery_questions; None without any.
    """
    return _count(call, OPEN) / asked if (asked := _count(call, DISCOVERY)) else None


@feature(LEARNING, "questions", 1, [PROBING])
def probing_questions(call: Call) -> float:
    """Discovery questions that build on what the buyer just said.

    Number of `question` by the rep with `discovery` and `probing` true.
    """
    return _count(call, PROBING)


@feature(LEARNING, "questions", 1, [IMPACT])
def impact_questions(call: Call) -> float:
    """Discovery questions on what the problem costs, risks or changes.

    Number of `question` by the rep with `discovery` and `impact` true.
    """
    return _count(call, IMPACT)


@feature(LEARNING, "words", -1, [DISCOVERY])
def words_per_discovery_question(call: Call) -> float:
    """How thinly discovery is spread over the call: what is said, by anybody, for each discovery question.

    call_words / discovery_questions; call_words without any. Five questions are much in ten minutes and
    little in an hour.
    """
    return sum(call.words.values()) / max(1, _count(call, DISCOVERY))


@feature(LEARNING, "grounds", 1, [OPEN, PROBING])
def discovery_breadth(call: Call) -> float:
    """Grounds of a decision touched: impact, process, people, time, money (0 to 5).

    Distinct grounds among the topics of the open or probing discovery questions; a list of closed ones
    is an interrogation and counts for nothing here. `impact` true touches impact whatever the topic.
    """
    return len(_breadth(call))


@feature(LEARNING, "grounds", 1, [DISCOVERY])
def decision_grounds(call: Call) -> float:
    """Grounds of the buyer's decision asked about: process, people, time, money (0 to 4).

    Distinct grounds other than impact among the topics of all discovery questions.
    """
    return len(_grounds(_asked(call, DISCOVERY)) - {"impact"})


@feature(LEARNING, "answers", 1, [IMPACT])
def impact_figures(call: Call) -> float:
    """Impact questions that the buyer answers with a figure.

    Number of impact questions with a number said by someone else than the rep within the next three turns.
    """
    asked = Counter(item.turn for _, item in _asked(call, IMPACT))
    return sum(
        times
        for turn, times in asked.items()
        if any(answer.speaker != REP and has_figure(answer) for answer in _following(call, turn))
    )


@feature(LEARNING, "yes/no", 1, [OPEN, PROBING])
def discovery_deep(call: Call) -> float:
    """Whether discovery goes deep: enough questions, open ones, following the answers, past the situation.

    1 if discovery_questions >= 5, probing_questions >= 3, open_discovery_questions >= 2 and
    discovery_breadth >= 2, else 0.
    """
    enough = all(_count(call, pick) >= least for pick, least in ((DISCOVERY, 5), (PROBING, 3), (OPEN, 2)))
    return enough and len(_breadth(call)) >= 2


@feature(LEARNING, "yes/no", 1, [IMPACT, DISCOVERY])
def discovery_complete(call: Call) -> float:
    """Whether deep discovery brings out the impact in figures, and how the decision is made.

    1 if discovery_deep, impact_figures >= 1, and the decision process as well as people, time or money are
    asked about, else 0.
    """
    grounds = _grounds(_asked(call, DISCOVERY)) - {"impact"}
    decided = "process" in grounds and len(grounds) >= 2
    return bool(discovery_deep(call)) and decided and bool(impact_figures(call))
