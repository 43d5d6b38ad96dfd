"""A call as pieces of words, in windows: what the network of annotators/call_reader.py is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from annotators.document import Layout

WINDOW = 256  # pieces that are read at once
BEFORE, AFTER = 16, 8  # pieces of a window that are there for the others' sake
OTHER, REP_SPEAKS = 1, 2  # pieces that begin a turn
UNKNOWN, CLASS, MASK = 100, 101, 103
SPECIAL = 104  # pieces, the first ones, that stand for no text
_LONGEST = 100  # letters of a word that is cut into pieces
_KEPT = 1 << 15  # words whose pieces are remembered
_PARTS = 10  # of a call
HEAD = 6  # pieces before each window
CALL, SCENE, EXCHANGE = SOURCES = ("call", "scene", "exchange")  # of what is read


@dataclass(frozen=True)
class Pieces:
    """A call as the network reads it: pieces of words, and the word that each begins, -1 for none.

    Words are numbered through the call.
    """

    ids: NDArray[np.int64]
    words: NDArray[np.int64]

    @cached_property
    def firsts(self) -> NDArray[np.intp]:
        """Where each word begins."""
        return np.flatnonzero(self.words >= 0)

    def stretch(self, start: int, stop: int) -> tuple[int, int]:
        """The half-open range of pieces that a half-open range of words has; at least one word."""
        end = int(self.firsts[stop]) if stop < len(self.firsts) else len(self.ids)
        begins_a_turn = self.words[end - 1] < 0 and self.ids[end - 1] in (OTHER, REP_SPEAKS)
        return int(self.firsts[start]), end - int(begins_a_turn)


class Cutter:
    """Cuts words into the pieces of a vocabulary; a call repeats most of its words.

    Contractions that the vocabulary has are a piece each, not three.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        rows = {piece: row for row, piece in enumerate(vocabulary)}
        unknown = vocabulary[UNKNOWN]
        self._cutter = Tokenizer(WordPiece(rows, unk_token=unknown, max_input_chars_per_word=_LONGEST))
        self._cutter.normalizer = BertNormalizer()
        self._cutter.pre_tokenizer = BertPreTokenizer()
        self._contractions = {piece: row for piece, row in rows.items() if is_contraction(piece)}
        self._known: dict[str, list[int]] = {}

    def of(self, word: str) -> list[int]:
        """At least one piece of a word."""
        found = self._known.get(word)
        if found is None:
            found = self._cut(word) or [UNKNOWN]
            if len(self._known) < _KEPT:
                self._known[word] = found
        return found

    def _cut(self, word: str) -> list[int]:
        bare = contraction(word)
        whole = self._contractions.get(bare)
        if whole is None:
            return list(self._cutter.encode(word, add_special_tokens=False).ids)
        rest = word[len(bare) :]
        return [whole, *self._cutter.encode(rest, add_special_tokens=False).ids] if rest else [whole]

    def pieces(self, call: Layout) -> Pieces:
        """A call's pieces: each turn begins with one that says whether the rep speaks."""
        ids: list[int] = []
        words: list[int] = []
        number = 0
        for place, turn in enumerate(call.turns):
            if turn.words:
                ids.append(REP_SPEAKS if call.is_rep(place) else OTHER)
                words.append(-1)
            for word in turn.words:
                own = self.of(word)
                ids += own
                words += [number, *[-1] * (len(own) - 1)]
                number += 1
        return Pieces(np.array(ids, dtype=np.int64), np.array(words, dtype=np.int64))


def contraction(word: str) -> str:
    """A word as the vocabulary has it if it is a contraction: small letters, no punctuation after it."""
    return word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").rstrip(".,?!")


def is_contraction(piece: str) -> bool:
    """Whether a piece is a whole word with an apostrophe in it."""
    return "'" in piece[1:-1]


def head(first: int, size: int, total: int, source: str = CALL) -> list[int]:
    """The pieces before a window: of what it is, where in how many pieces it begins and ends.

    Scenes are pieces of calls: where in one, nobody knows.
    """
    told = [CLASS, 70 + SOURCES.index(source)]
    if source == SCENE:
        return told + [MASK] * (HEAD - len(told))
    rest = max(0, total - first - size)
    return [
        *told,
        10 + min(_PARTS - 1, _PARTS * first // max(1, total)),
        25 + min(_PARTS - 1, _PARTS * rest // max(1, total)),
        40 + min(9, rest // 100),
        55 + min(5, total // 1500),
    ]


def windows(total: int) -> Iterator[tuple[int, int, int, int]]:
    """Windows over so many pieces: what is read, and the part of it that counts; parts cover all, once."""
    size = WINDOW - HEAD
    start = 0
    while total:
        stop = min(total, start + size)
        yield start, stop, start + BEFORE if start else 0, stop - AFTER if stop < total else total
        if stop == total:
            return
        start = stop - AFTER - BEFORE


def window_ids(pieces: Pieces, start: int, stop: int, source: str = CALL) -> NDArray[np.int64]:
    """What the network is given of a window."""
    return np.concatenate([head(start, stop - start, len(pieces.ids), source), pieces.ids[start:stop]])
