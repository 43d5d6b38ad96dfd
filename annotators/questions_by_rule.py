"""Rules that tell a question by its form: how it begins, its word order, its ending mark, a tag at its end.

They need no context; the model of questions (annotators/asking.py) takes their judgment as a cue.
"""

from collections.abc import Sequence

from annotators.matching import Match, load_patterns
from annotators.utterances import AUXILIARIES, WH_WORDS, Utterance
from annotators.word_order import PRONOUNS, asks_by_word, inversion, inverts_later, late_inversion

PHRASES = load_patterns("questions")
_PREPOSITIONS = frozenset({"in", "at", "for", "to", "with", "by", "from", "on"})
_DECLARATIVE_END = (
    " right ", " correct ", " yeah ", " or ", " is it ", " are you ", " do not you ",
    " are not you ", " have not you ",
)  # fmt: skip


def onset(utterance: Utterance) -> int:
    """The token at which the utterance proper begins, after "so", "okay, great" and the like."""
    first = 0
    for _ in range(6):
        if utterance.breaks[first] and utterance.tags[first] == "NNP" and first + 1 < len(utterance.tokens):
            first += 1  # "Daniel, what ..."
            continue
        skipped = [match.last for match in PHRASES.at_start(utterance, first) if match.group == "lead_in"]
        if not skipped or max(skipped) >= len(utterance.tokens):
            return first
        first = max(skipped)
    return first


def question_strength(utterance: Utterance) -> float:
    """How sure it is that the speaker asks to be answered, 0..1; 0 for anything else."""
    return max(0.0, judged(utterance, onset(utterance))) if utterance.tokens else 0.0


def judged(utterance: Utterance, first: int) -> float:
    """The same, but -1 for what surely asks nothing: a tag, a listener's "really?", a rhetorical question.

    `first` is the onset of an utterance that has tokens.
    """
    here = PHRASES.at_start(utterance, first)
    if _is_nod(utterance, first, here) or _is_rhetorical(utterance, first, here):
        return -1.0
    if utterance.ending == "!" or (utterance.ending == "." and len(utterance.tokens) - first < 4):
        return 0.0
    shape = max(_shape(utterance, first, here), late_inversion(utterance, first))
    if utterance.ending == ".":
        # A recogniser that punctuates writes "?" unless it hears a statement.
        return shape if shape >= 0.8 else 0.0
    shape = max(shape, _late_request(utterance, first))
    return _marked(utterance, first, shape) if utterance.ending == "?" else shape


def _marked(utterance: Utterance, first: int, shape: float) -> float:
    if shape:
        return 0.97
    if _tag_length(utterance) and not _about_listener(utterance, first):
        return 0.0
    return 0.85


def _is_nod(utterance: Utterance, first: int, here: Sequence[Match]) -> bool:
    """Nothing but a tag or a backchannel, after any lead-in."""
    size = len(utterance.tokens)
    matches = [*PHRASES.at_start(utterance), *here] if first else here
    return any(match.group in {"tag", "backchannel"} and match.last == size for match in matches)


def _is_rhetorical(utterance: Utterance, first: int, here: Sequence[Match]) -> bool:
    size = len(utterance.tokens)
    return any(
        match.group == "rhetorical"
        and (size - match.last <= 1 or "not" in utterance.tokens[first : match.last])
        for match in here
    )


def _shape(utterance: Utterance, first: int, here: Sequence[Match]) -> float:
    """How surely the onset has the form of a question."""
    tokens = utterance.tokens
    word, after = tokens[first], tokens[first + 1] if first + 1 < len(tokens) else ""
    groups = {match.group for match in here}
    if "request" in groups:
        return 0.85
    if word in WH_WORDS and asks_by_word(utterance, first):
        return 0.9
    if "elliptical" in groups:
        return 0.75 if after else 0.0
    if word in AUXILIARIES:
        return inversion(utterance, first)
    if word in _PREPOSITIONS and after in {"what", "which"}:
        relative = tokens[first + 2 : first + 3] and tokens[first + 2] in PRONOUNS
        return 0.8 if not relative and inverts_later(utterance, first + 1) else 0.0
    return 0.6 if _declares(utterance, first) else 0.0


def _declares(utterance: Utterance, first: int) -> bool:
    """A statement about the listener that asks by its end: "you use it every day, right"."""
    rest = len(utterance.tokens) - first
    about = utterance.tokens[first] == "you" and rest > 4 and utterance.tags[first + 1] != "MD"
    return about and utterance.text.endswith(_DECLARATIVE_END)


def _late_request(utterance: Utterance, first: int) -> float:
    """A request further in: "before I show you anything, I'd love to hear"."""
    for match in PHRASES.find_within(utterance, first + 1, len(utterance.tokens)):
        set_off = utterance.breaks[match.first - 1] or utterance.ending != "."
        if match.group == "request" and set_off:
            return 0.7
    return 0.0


def _tag_length(utterance: Utterance) -> int:
    """Tokens of a tag at the very end, 0 if there is none."""
    size = len(utterance.tokens)
    for place in range(max(1, size - 4), size):
        for match in PHRASES.at_start(utterance, place):
            if match.group == "tag" and match.last == size:
                return size - place
    return 0


def _about_listener(utterance: Utterance, first: int) -> bool:
    """Whether a tag asks for a fact ("you're on Sage, right?"), not for a nod ("it's the best, right?")."""
    subject = utterance.tokens[first]
    return subject in {"you", "your"}
