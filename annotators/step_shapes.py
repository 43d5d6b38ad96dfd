"""The shape of a unit: its small words as they are, of others only what they are ("i will send you NN DAY").

Plans differ in what is sent and shown; what they share is their shape, which few calls are enough to learn.
"""

from collections.abc import Sequence

from annotators.step_units import Unit

DAYS = frozenset({
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
_KEPT = frozenset({
    "i", "you", "we", "he", "she", "they", "me", "us", "him", "her", "them", "it", "that", "this", "those",
    "my", "your", "our", "the", "a", "an", "and", "or", "so", "then", "if", "when", "once", "before",
    "after", "until", "by", "on", "at", "in", "for", "from", "with", "to", "of", "about", "not", "no",
    "just", "also", "both", "all", "will", "would", "can", "could", "shall", "should", "may", "might",
    "must", "have", "has", "had", "am", "are", "is", "be", "been", "was", "were", "do", "did", "does",
    "going", "let", "need", "want", "like", "get", "got", "send", "put", "give", "call", "ring", "bring",
    "come", "go", "talk", "speak", "meet", "look", "think", "check", "ask", "tell", "see", "show", "book",
    "sign", "start", "make", "write", "email", "text", "drop", "pop", "find", "out", "up", "over", "back",
    "down", "round", "off", "please", "who", "what", "which", "how",
})  # fmt: skip
_ONE_AFTER_ANOTHER = frozenset({"NN", "JJ", "CD"})


def shape(unit: Unit) -> list[str]:
    """The shape of a unit: "DAY" for a weekday, tags for other words, runs of nouns and of figures as one."""
    shape: list[str] = []
    tags = unit.utterance.tags[unit.first : unit.last]
    for token, tag in zip(unit.tokens, tags, strict=True):
        kind = tag if tag[:2] == "VB" else tag[:2]
        if token in DAYS:
            shape.append("DAY")
        elif token in _KEPT:
            shape.append(token)
        elif kind not in _ONE_AFTER_ANOTHER or shape[-1:] != [kind]:
            shape.append(kind)
    return shape


def shape_cues(unit: Unit) -> set[str]:
    """Cues of a unit's shape: two to four of its parts in a row, and the first two to five."""
    parts = shape(unit)
    cues = {f"k^{_joined(parts[:size])}" for size in (2, 3, 4, 5)}
    for size in (2, 3, 4):
        cues.update(f"k {_joined(parts[at : at + size])}" for at in range(len(parts) - size + 1))
    return cues


def _joined(parts: Sequence[str]) -> str:
    return " ".join(parts)
