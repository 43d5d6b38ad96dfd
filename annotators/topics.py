"""Words that carry content, and what two stretches of talk share; used where annotators link back."""

from collections.abc import Iterable
from functools import lru_cache

from annotators.utterances import Utterance

_CONTENT_TAGS = ("NN", "VB", "JJ", "CD")
_EMPTY = frozenset({
    "be", "is", "are", "was", "were", "am", "been", "being", "have", "has", "had", "do", "does", "did",
    "doing", "done", "get", "got", "go", "going", "gone", "make", "made", "say", "said", "think", "know",
    "see", "look", "want", "need", "would", "could", "can", "will", "like", "thing", "things",
    "something", "anything", "lot", "lots", "bit", "way", "kind", "sort", "time", "times", "people",
    "one", "two", "much", "many", "more", "most", "good", "great", "okay", "right", "just", "really",
    "new", "other", "same", "next", "last", "first", "able", "sure", "yes", "no", "use", "using", "take",
    "come", "let", "put", "give", "tell", "ask", "mean", "today", "now", "day", "days", "week", "weeks",
    "month", "months", "year", "years", "us", "them", "him", "her", "what", "who", "how", "mr", "mrs",
    "thank", "thanks", "please", "fine", "work", "works",
})  # fmt: skip


@lru_cache(maxsize=1 << 14)  # a call repeats most of its words
def stem(word: str) -> str:
    """A crude stem, enough to join "spreadsheets" and "spreadsheet", "onboarding" and "onboard"."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def content(utterance: Utterance, first: int = 0, last: int | None = None) -> frozenset[str]:
    """Stems of the content words in a half-open token range."""
    stop = len(utterance.tokens) if last is None else last
    return frozenset(
        stem(utterance.tokens[place])
        for place in range(first, stop)
        if utterance.tags[place].startswith(_CONTENT_TAGS)
        and utterance.tokens[place] not in _EMPTY
        and (len(utterance.tokens[place]) > 2 or utterance.tokens[place].isdigit())
    )


def contents(found: Iterable[Utterance]) -> frozenset[str]:
    """Stems of the content words of several utterances."""
    stems: set[str] = set()
    for utterance in found:
        stems |= content(utterance)
    return frozenset(stems)
