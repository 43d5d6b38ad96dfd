"""Where a plan may be said: the stretches of talk that are looked at for next steps, in order of the call.

A unit is a clause, or part of one: recognisers without punctuation run "tuesday is fine" and "i will look at
it" together, so it is also cut before words with which people commit themselves or ask ("could you").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from annotators.utterances import CONJUNCTIONS, SUBJECTS, WH_WORDS, Utterance, clauses

_PERSONS = frozenset({"i", "we", "you", "he", "she", "they", "somebody", "someone"})
_MODALS = frozenset({"will", "would", "shall", "can", "could", "should", "might"})
_UNFINISHED = _MODALS | frozenset({"i", "we", "you", "and", "then", "so", "to", "maybe", "let", "the", "a"})
_ASKING = frozenset({"can", "could", "would", "will", "shall"})
# After these the subject and its verb belong to the clause before.
_HOLDS = WH_WORDS | frozenset({
    "that", "because", "if", "unless", "until", "once", "before", "after", "and", "but", "so",
    "then", "or", "as",
    "when", "think", "know", "say", "said", "mean", "hope", "guess", "suppose", "thought", "than", "sure",
    "the", "a", "like", "yes", "yeah", "okay", "well", "maybe", "perhaps", "just", "also", "not", "to", "let",
    "wish", "reckon", "see", "tell", "way", "thing", "all", "whatever", "whether",
})  # fmt: skip
# A unit needs one of these, a day, or a verb at its head, to be a plan at all.
_SIGNS = frozenset({
    "will", "shall", "going", "let", "can", "could", "would", "should", "please", "send", "sending", "put",
    "get", "need", "have", "want", "give", "call", "ring", "bring", "come", "start", "happy",
    "back", "suggest",
    "might", "must", "expect", "meet", "talk", "speak", "touch", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "tomorrow", "week", "book", "next", "check", "look", "happens", "leave",
    "thirtieth", "chat", "has", "us", "noon", "ninth", "write", "email", "prepare", "arrange", "drop",
    "forward", "confirm", "schedule", "order", "sign", "ship",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """The half-open token range of an utterance, `first` to `last`."""

    utterance: Utterance
    first: int
    last: int

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its tokens."""
        return self.utterance.tokens[self.first : self.last]

    def words(self) -> tuple[int, int]:
        """The half-open word range in its turn."""
        return self.utterance.words(self.first, self.last)

    @property
    def may_plan(self) -> bool:
        """Whether it has any word that plans are made with."""
        tokens = self.tokens
        return not _SIGNS.isdisjoint(tokens) or self.utterance.tags[self.first][:2] == "VB"


def units(turn: Sequence[Utterance]) -> list[Unit]:
    """The units of one turn, in order; together they hold all of its tokens."""
    found = []
    for utterance in turn:
        for first, last in clauses(utterance):
            begin = first
            for at in range(first + 1, last - 1):
                if _commits(utterance, first, at):
                    found.append(Unit(utterance, begin, at))
                    begin = at
            found.append(Unit(utterance, begin, last))
    return _joined(found)


def _joined(found: Sequence[Unit]) -> list[Unit]:
    """Beginnings that were broken off ("so i will", "and then we can") go with what follows."""
    kept: list[Unit] = []
    for unit in found:
        before = kept[-1] if kept else None
        if before and before.utterance is unit.utterance and before.tokens[-1] in _UNFINISHED:
            kept[-1] = Unit(unit.utterance, before.first, unit.last)
        else:
            kept.append(unit)
    return kept


def _commits(utterance: Utterance, first: int, at: int) -> bool:
    tokens = utterance.tokens
    word, before, after = tokens[at], tokens[at - 1], tokens[at + 1]
    if word == "what" and after == "i" and tokens[at + 2 : at + 3] in {("will",), ("would",)}:
        return True
    if before in _HOLDS or before in CONJUNCTIONS or before in SUBJECTS:
        return False
    if word in _PERSONS:
        # "the price we would pay" is a relative clause: a noun and its article go before.
        return after in _MODALS and not _relative(utterance, first, at)
    if word in _ASKING:
        return after == "you"
    return word == "let" and after in {"us", "me"}


def _relative(utterance: Utterance, first: int, at: int) -> bool:
    tags, tokens = utterance.tags, utterance.tokens
    noun = tags[at - 1][:2] == "NN" and at - 2 >= first
    return noun and tokens[at - 2] in {"the", "a", "any", "every"} and tokens[at + 1] != "will"
