"""Loops: text that a recogniser repeats although nobody says it again."""

import zlib
from collections.abc import Sequence

from models.call import Word

LONGEST_PHRASE = 24  # words; longer loops show as unlikely text
SAID_AGAIN = {1: 4, 2: 3}  # "no no no no" is speech; of longer phrases only two in a row are
SHORT_TEXT = 60  # characters; the ratio of shorter texts says nothing


def compression(text: str) -> float:
    """How much shorter zlib makes a text: size over compressed size, UTF-8; 0 for short texts.

    Ordinary speech stays under 2.4 (the limit that OpenAI's own Whisper decoding uses).
    """
    if len(text) < SHORT_TEXT:
        return 0.0
    content = text.encode()
    return len(content) / len(zlib.compress(content))


def without_loops(words: Sequence[Word]) -> list[Word]:
    """The words with each phrase that is repeated in a row beyond what people say kept once."""
    keys = [word.text.casefold().strip(".,!?;:") for word in words]
    kept: list[Word] = []
    at = 0
    while at < len(words):
        phrase, times = _loop(keys, at)
        kept.extend(words[at : at + phrase])
        at += phrase * times
    return kept


def _loop(keys: Sequence[str], at: int) -> tuple[int, int]:
    """Length and number of repetitions of the shortest loop that starts here; (1, 1) without one."""
    for length in range(1, min(LONGEST_PHRASE, len(keys) - at) + 1):
        phrase = keys[at : at + length]
        times = 1
        while keys[at + times * length : at + (times + 1) * length] == phrase:
            times += 1
        if times > SAID_AGAIN.get(length, 2):
            return length, times
    return 1, 1
