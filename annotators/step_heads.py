"""How a unit that may be a plan begins ("i will": a promise), and where its doing is named."""

from annotators.step_units import Unit

LEADS = frozenset({
    "and", "so", "then", "okay", "but", "just", "well", "yes", "yeah", "please", "right", "oh", "no", "look",
    "now", "good", "great", "also", "maybe", "perhaps", "sure", "fine",
})  # fmt: skip
# Heads with which people speak of what is to come.
AHEAD = frozenset({
    "promise", "joint", "told", "third", "i may", "we may", "you may", "i would", "we would", "let us",
    "let me", "let we", "ask", "order", "i need", "we need", "i now", "we now", "you now", "i am", "we am",
})  # fmt: skip
_PROMISED = {"i": "promise", "we": "joint", "you": "told"}
_PERSONS = frozenset(_PROMISED)
_WILL = frozenset({"will", "shall"})
_BE = frozenset({"am", "are"})
_AFTER = {
    **dict.fromkeys(("can", "could", "might", "may"), "may"),
    **dict.fromkeys(("need", "want", "must", "have", "should", "got"), "need"),
    **dict.fromkeys(_BE, "am"),
    "would": "would",
}
_INVERTED = frozenset({"shall", "should", "can", "could"})
_ASKING = frozenset({"could", "can", "would", "will"})
_BETWEEN = frozenset({
    "just", "also", "then", "now", "probably", "definitely", "certainly", "have", "to", "go", "and", "be",
    "going", "try", "like", "love", "want", "maybe", "sort", "of", "kind", "quickly", "personally", "even",
    "still", "do", "is", "need", "happily", "all", "both", "ja", "you", "ahead", "i", "will", "got",
})  # fmt: skip


def head(unit: Unit) -> tuple[str, int]:
    """How the unit begins, as one of a few names, and the token where the doing is named."""
    tokens = unit.utterance.tokens
    first = unit.first
    while first < unit.last - 1 and tokens[first] in LEADS:
        first += 1
    name, skipped = _named(unit, first)
    at = first + skipped
    while skipped and at < unit.last - 1 and tokens[at] in _BETWEEN:
        at += 1
    return name, at


def _named(unit: Unit, first: int) -> tuple[str, int]:
    """The name of the head and how many tokens it takes."""
    tokens, tags = unit.utterance.tokens, unit.utterance.tags
    word = tokens[first]
    after = tokens[first + 1] if first + 1 < unit.last else ""
    if word == "what" and after in {"i", "we"}:
        return "promise", 2
    if after in _WILL or (after in _BE and tokens[first + 2 : first + 3] == ("going",)):
        return _PROMISED.get(word, "third"), 2
    if word in _PERSONS:
        return _of_person(word, after, tags[first + 1] if after else "")
    if word == "let" or (word in _INVERTED and after == "we"):
        return f"let {after}", 2
    if after == "you" and word in _ASKING:
        return "ask", 2
    return ("order", 0) if tags[first] in {"VB", "VBP"} else ("other", 0)


def _of_person(word: str, after: str, tag: str) -> tuple[str, int]:
    kind = _AFTER.get(after)
    if kind and (word != "you" or kind == "may"):
        return f"{word} {kind}", 2
    return f"{word} {'now' if tag in {'VBP', 'VB'} else 'else'}", 1
