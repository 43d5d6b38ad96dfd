"""What readers say of each word of a call: the tasks that the network of annotators/call_reader.py learns.

A task has a share of its readers for each class, by word. Some are asked of every word, or of every word of
one side ("none" is a class there); others only of words that a reader marked, and have no shares elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.step_joins import content
from models.call import REP, Transcript
from training.marks import KINDS, MOVES, OWNERS, STATUSES, TOPICS, Mark, Reading

YES_NO = ("no", "yes")
TASKS: Mapping[str, tuple[str, ...]] = {
    "objection": ("none", *KINDS),
    "response": ("none", *MOVES),
    "step": ("N", "S"),
    "step_begins": YES_NO,
    "owner": OWNERS,
    "vague": ("False", "True"),
    "told": YES_NO,  # whether a word tells the action of a step
    "dated": ("no", "own", "other"),  # whose words name the day of a step
    "talk": ("neither", "feature", "outcome", "story", "told"),
    "question": ("none", "other", "discovery"),
    "question_begins": YES_NO,
    "topic": TOPICS,
    "probing": YES_NO,
    "impact": YES_NO,
    "form": ("open", "closed"),
    "status": STATUSES,
    "agenda": YES_NO,
    "recap": YES_NO,
    "stakeholder": YES_NO,
    "trial_close": YES_NO,
    "roi": YES_NO,
}
EVERYWHERE = frozenset({
    "objection", "response", "step", "talk", "question", "agenda", "recap", "stakeholder", "trial_close",
    "roi",
})  # fmt: skip
_OF_THE_REP = ("response", "talk")
_OF_OTHERS = ("objection",)
_TALK = frozenset({"feature", "outcome", "story"})
_TASK_OF = {"next_step": "step"}  # of a label, where they differ
_BEFORE = 40  # words before a step in which what it is about may be named
_ENDINGS = ("ing", "ed", "es", "s")
_LEAST_STEM = 4  # letters that are left of a word
Floats = NDArray[np.float32]


def word_labels(transcript: Transcript, readings: Sequence[Reading]) -> Floats:
    """Shares of readers, shape (word, class), the classes of all tasks side by side."""
    firsts = np.cumsum([0, *(len(turn.words) for turn in transcript.turns)])
    labels = {task: np.zeros((int(firsts[-1]), len(classes)), np.float32) for task, classes in TASKS.items()}
    for task in EVERYWHERE:
        labels[task][:, 0] = 1.0
    share = 1 / len(readings)
    starts = firsts.tolist()
    said = [word.text for turn in transcript.turns for word in turn.words]
    for reading in readings:
        _add(labels, reading, starts, share)
        _add_steps(labels, reading, starts, said, share)
    speaks = np.repeat(
        [turn.speaker == REP for turn in transcript.turns], [len(turn.words) for turn in transcript.turns]
    )
    for task in _OF_THE_REP:
        labels[task][~speaks.astype(bool)] = 0.0
    for task in _OF_OTHERS:
        labels[task][speaks.astype(bool)] = 0.0
    return np.concatenate([labels[task] for task in TASKS], axis=1)


def _add(labels: Mapping[str, Floats], reading: Reading, firsts: Sequence[int], share: float) -> None:
    """What one reader marked. Where marks of one task overlap, the first has the words."""
    taken: dict[str, set[int]] = {}
    talk: dict[int, set[str]] = {}
    for mark in reading.marks:
        words = range(firsts[mark.turn] + mark.start, firsts[mark.turn] + mark.stop)
        if mark.label in _TALK:
            for word in words:
                talk.setdefault(word, set()).add(mark.label)
            continue
        task = _TASK_OF.get(mark.label, mark.label)
        if task not in labels:
            continue
        gone = taken.setdefault(task, set())
        free = [word for word in words if word not in gone]
        gone.update(free)
        for name, value, begins in _named(mark):
            for place, word in enumerate(free):
                chosen = YES_NO[place == 0] if begins else value
                labels[name][word, TASKS[name].index(chosen)] += share
                if name in EVERYWHERE:
                    labels[name][word, 0] -= share
    for word, found in talk.items():
        labels["talk"][word, TASKS["talk"].index(_talk(found))] += share
        labels["talk"][word, 0] -= share


def _add_steps(
    labels: Mapping[str, Floats], reading: Reading, firsts: Sequence[int], said: Sequence[str], share: float
) -> None:
    """Which telling words in a step and before it a reader uses for its action; where its day is named."""
    told: dict[int, bool] = {}
    dated: dict[int, str] = {}
    for mark in reading.marks:
        if mark.label != "next_step":
            continue
        words = range(firsts[mark.turn] + mark.start, firsts[mark.turn] + mark.stop)
        used, seen = stems(str(mark.attributes.get("action") or "")), set[str]()
        for word in (*words, *range(words.start - 1, max(-1, words.start - 1 - _BEFORE), -1)):
            own = stems(said[word])
            if own and (word in words or own.isdisjoint(seen)):
                told[word] = told.get(word, False) or not own.isdisjoint(used)
                seen |= own
        dated = dict.fromkeys(words, _dated(mark, said[words.start : words.stop])) | dated
    for word, is_used in told.items():
        labels["told"][word, int(is_used)] += share
    for word, name in dated.items():
        labels["dated"][word, TASKS["dated"].index(name)] += share


def stems(text: str) -> frozenset[str]:
    """The telling words of a text, without their endings: readers word an action freely."""
    plain = "".join(letter if letter.isalnum() or letter == "'" else " " for letter in text.lower())
    return frozenset(_stem(word) for word in content(plain.replace("'s", "").split()))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + _LEAST_STEM:
            return word.removesuffix(ending)
    return word


def _dated(mark: Mark, words: Sequence[str]) -> str:
    """Whether a step has a day, and whether its words name it or others do."""
    if not mark.attributes.get("date"):
        return "no"
    when = {word.strip(",.?!;").lower() for word in str(mark.attributes.get("when") or "").split()}
    return "own" if when <= {word.strip(",.?!;").lower() for word in words} else "other"


def _talk(found: set[str]) -> str:
    """The class of a word that has these labels, as `training.steps.talk_data.kind`."""
    if "story" in found:
        return "told" if "outcome" in found else "story"
    return "outcome" if "outcome" in found else "feature"


def _named(mark: Mark) -> Iterable[tuple[str, str, bool]]:
    """Task, class and whether the class is where the mark begins, for all that a mark says."""
    said = {name: str(value) for name, value in mark.attributes.items()}
    if mark.label == "objection":
        return [("objection", said["kind"], False), ("status", said["status"], False)]
    if mark.label == "response":
        return [("response", said["move"], False)]
    if mark.label == "next_step":
        return [
            ("step", "S", False),
            ("owner", said["owner"], False),
            ("vague", said["vague"], False),
            ("step_begins", "", True),
        ]
    if mark.label == "question":
        discovery = bool(mark.attributes["discovery"])
        found = [
            ("question", "discovery" if discovery else "other", False),
            ("form", said["form"], False),
            ("question_begins", "", True),
        ]
        if discovery:
            found += [
                ("topic", said["topic"], False),
                ("probing", YES_NO[bool(mark.attributes["probing"])], False),
                ("impact", YES_NO[bool(mark.attributes["impact"])], False),
            ]
        return found
    return [(mark.label, "yes", False)]
