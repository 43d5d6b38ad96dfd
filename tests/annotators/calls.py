"""Calls written as lines of text, for the tests of the annotators."""

import datetime as dt

from annotators import annotate
from models.call import Evidence, Transcript, Turn, Word

TUESDAY = dt.date(2026, 3, 3)


def call(*lines: str) -> Transcript:
    """A transcript from lines like "rep: Hello."; what has no known speaker before a colon is the rep's."""
    turns = []
    for line in lines:
        speaker, colon, said = line.partition(": ")
        known = colon and speaker.rstrip(" 23") in {"rep", "buyer", "A", "B"}
        words = (said if known else line).split()
        turns.append(Turn(speaker if known else "rep", tuple(Word(None, None, word) for word in words)))
    return Transcript("en", None, tuple(turns))


def found(label: str, *lines: str) -> list[Evidence]:
    """Evidence of one label in a call held on Tuesday, the third of March 2026."""
    return [item for item in annotate(call(*lines), call_date=TUESDAY) if item.label == label]


def quote(transcript: Transcript, item: Evidence) -> str:
    """The words that evidence points at."""
    return " ".join(word.text for word in transcript.turns[item.turn].words[item.start : item.stop])
