"""What readers say of each word, as the network that reads whole calls learns it."""

import numpy as np

from models.call import AttributeValue
from tests.factories import transcript
from training.marks import Mark, Reading
from training.word_labels import EVERYWHERE, TASKS, word_labels

CALL = transcript(
    ("rep", "We cut their costs by half last year."),
    ("buyer", "That is too expensive."),
    ("rep", "I hear you. What would you compare it with?"),
)
ASKED: dict[str, AttributeValue] = {
    "form": "open",
    "discovery": True,
    "topic": "budget",
    "probing": True,
    "impact": False,
}
OTHER: dict[str, AttributeValue] = {**ASKED, "discovery": False, "topic": None, "probing": False}


def reading(*marks: Mark) -> Reading:
    return Reading("r", "c", {}, marks)


def of(task: str, labels: np.ndarray, word: int) -> dict[str, float]:
    """The classes of a task that have a share of a word."""
    names = list(TASKS)
    first = sum(len(TASKS[name]) for name in names[: names.index(task)])
    shares = labels[word, first : first + len(TASKS[task])].tolist()
    return {name: share for name, share in zip(TASKS[task], shares, strict=True) if share}


def test_readers_share_a_word_and_each_side_has_its_own_tasks() -> None:
    price = Mark(1, 0, 4, "objection", {"kind": "price", "status": "open"})
    timing = Mark(1, 0, 4, "objection", {"kind": "timing", "status": "open"})
    labels = word_labels(CALL, [reading(price), reading(timing), reading(), reading()])
    assert of("objection", labels, 8) == {"price": 0.25, "timing": 0.25, "none": 0.5}
    assert of("status", labels, 8) == {"open": 0.5}
    assert of("objection", labels, 0) == {}  # the rep doesn't object
    assert of("talk", labels, 8) == {}  # the buyer's product is none of ours
    assert of("talk", labels, 0) == {"neither": 1.0}


def test_a_result_inside_a_story_is_told() -> None:
    labels = word_labels(
        CALL, [reading(Mark(0, 0, 8, "story", {}), Mark(0, 1, 6, "outcome", {"quantified": True}))]
    )
    assert of("talk", labels, 0) == {"story": 1.0}
    assert of("talk", labels, 3) == {"told": 1.0}


def test_questions_say_where_they_begin_and_only_discovery_has_a_topic() -> None:
    labels = word_labels(CALL, [reading(Mark(2, 3, 9, "question", ASKED))])
    assert of("question", labels, 15) == {"discovery": 1.0}
    assert of("question_begins", labels, 15) == {"yes": 1.0}
    assert of("question_begins", labels, 16) == {"no": 1.0}
    assert of("topic", labels, 16) == {"budget": 1.0}
    assert of("question", labels, 12) == {"none": 1.0}
    labels = word_labels(CALL, [reading(Mark(2, 3, 9, "question", OTHER))])
    assert of("question", labels, 15) == {"other": 1.0}
    assert of("topic", labels, 15) == {}


def test_shares_of_a_task_that_is_asked_of_a_word_make_one() -> None:
    step = Mark(2, 0, 3, "next_step", {"owner": "rep", "vague": True, "action": None})
    labels = word_labels(CALL, [reading(step), reading(Mark(2, 0, 2, "recap", {}))])
    for word in range(len(labels)):
        for task in TASKS:
            whole = sum(of(task, labels, word).values())
            assert 0 <= whole <= 1
            assert task not in EVERYWHERE or whole in {0.0, 1.0}
    assert of("vague", labels, 13) == {"True": 0.5}


def test_words_of_a_step_and_before_it_tell_its_action_or_dont() -> None:
    call = transcript(
        ("buyer", "I'd want the price list, if there is one."),
        ("rep", "I'll send it by Friday, and ask Ann."),
    )
    said: dict[str, AttributeValue] = {
        "owner": "rep",
        "vague": False,
        "action": "send price list",
        "date": "2026-03-06",
    }
    own = Mark(1, 0, 5, "next_step", {**said, "when": "by Friday"})
    other = Mark(1, 5, 8, "next_step", {**said, "action": "ask Ann", "when": "by Friday"})
    labels = word_labels(call, [reading(own, other), reading(own, own)])
    assert [of("told", labels, word) for word in (3, 4, 10)] == [{"yes": 1.0}] * 3  # price list, send
    assert of("told", labels, 13) == {"no": 1.0}  # Friday
    assert of("told", labels, 16) == {"yes": 0.5}  # Ann
    assert of("told", labels, 11) == {}  # it
    assert of("dated", labels, 10) == {"own": 1.0}
    assert of("dated", labels, 16) == {"other": 0.5}
