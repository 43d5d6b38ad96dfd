"""Whether the other side turns a next step down, as in "Tuesday?" and "no, let's leave it"."""

from collections.abc import Sequence

from annotators.matching import load_patterns
from annotators.step_shapes import DAYS
from annotators.utterances import Utterance

PATTERNS = load_patterns("refusals")
STEPS = load_patterns("next_steps")
REPLY_TURNS = 3  # turns after the step in which the other side's answer is looked for
REPLY_UTTERANCES = 3  # how much of each answer is read
# A no to "would you mind" or "anything else" is none to the step.
_ASKS_OTHERWISE = frozenset({
    "mind", "problem", "problems", "objection", "objections", "question", "questions", "anything", "else",
    "concerns", "unless", "issue", "issues",
})  # fmt: skip


def is_refused(said: Sequence[Sequence[Utterance]], turn: int, start: int, stop: int) -> bool:
    """Whether the first clear answer to the step in words `start` to `stop` of a turn is a no.

    `said` holds the utterances by turn. A no that comes with another day or with consent refuses nothing.
    """
    speaker = said[turn][0].speaker if said[turn] else ""
    bare = not _asks_otherwise(said[turn], start, stop)
    for following in said[turn + 1 : turn + 1 + REPLY_TURNS]:
        if following and following[0].speaker != speaker:
            answer = _answer(following[:REPLY_UTTERANCES], bare=bare)
            if answer is not None:
                return answer
            bare = False
    return False


def _asks_otherwise(turn: Sequence[Utterance], start: int, stop: int) -> bool:
    """Whether the turn ends in a question to which a no would not be about the step."""
    rest = [item for item in turn if item.words(0, len(item.tokens))[1] > start]
    if any(not _ASKS_OTHERWISE.isdisjoint(item.tokens) for item in rest):
        return True
    return any(item.start >= stop and item.ending == "?" for item in rest)


def _answer(said: Sequence[Utterance], *, bare: bool) -> bool | None:
    """Refused (True), answered otherwise (False), or not answered; only if `bare` is a mere no an answer."""
    groups = {match.group for item in said for match in PATTERNS.find(item)}
    if not groups.isdisjoint({"consent", "instead"}):
        return False
    if "plain" in groups:
        return True
    openings = {match.group for match in PATTERNS.at_start(said[0])}
    if "no" in openings:
        return True if bare and not any(map(_names_a_day, said)) else None
    return False if any(match.group == "accept" for match in STEPS.at_start(said[0])) else None


def is_consent(item: Utterance) -> bool:
    """Whether a no is a yes: "no, that works", "no problem"."""
    begins = {match.group for match in PATTERNS.at_start(item)}
    return not begins.isdisjoint({"no", "consent"}) and "consent" in PATTERNS.groups(item)


def _names_a_day(item: Utterance) -> bool:
    return "tomorrow" in item.tokens or not DAYS.isdisjoint(item.tokens)
