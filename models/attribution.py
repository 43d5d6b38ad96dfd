"""Which voice said which word: pieces of speech, the cost of a change between them, the likeliest path."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.call import Word

Floats = NDArray[np.float32]

SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！")
# A pause from which on a piece of speech ends even inside a sentence.
PAUSE: Final = 0.2
# The encoder was trained on 1.6 s; longer runs are cut into pieces of about this length.
PIECE: Final = 1.6
# Where a run is cut, a comma this much farther away is taken: a change of speaker is likelier there.
COMMA_DRAWS: Final = 0.5
COMMAS: Final = (",", ";", ":", "-", "—", "、", "，")
# How likely the next word is another speaker's, as log odds against it, by what stands between the words and,
# for the second figure, with a pause as well. Counted over 7,100 pairs of words in 24 calls: 0.1% and 5%
# where nothing stands, 0.7% and 3% after a comma, 22% to 52% after a sentence, over half after a question.
NOTHING: Final = (6.0, 2.9)
COMMA: Final = (4.5, 3.2)
SENTENCE: Final = (1.2, 0.7)
SENTENCE_LONG_PAUSE: Final = 0.0
QUESTION: Final = 0.0
LONG_PAUSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """Words first..stop (half-open) of a channel, spoken without a pause from `start` to `end` seconds."""

    first: int
    stop: int
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def span(word: Word) -> tuple[float, float]:
    """Start and end of a recognised word, seconds; ValueError for a word without times."""
    if word.start is None or word.end is None:
        raise ValueError(f"the word {word.text!r} has no times")
    return word.start, word.end


def cut(words: Sequence[Word]) -> list[Piece]:
    """Words in time order as pieces likely to be one speaker's: ended by sentences, pauses and length."""
    pieces: list[Piece] = []
    first = 0
    for index in range(1, len(words) + 1):
        if index == len(words) or breaks(words[index - 1], words[index]):
            pieces += _even_pieces(words, first, index)
            first = index
    return pieces


def breaks(before: Word, after: Word) -> bool:
    """Whether a sentence ends or speech pauses between two words."""
    return before.text.endswith(SENTENCE_ENDS) or span(after)[0] - span(before)[1] > PAUSE


def _even_pieces(words: Sequence[Word], first: int, stop: int) -> Iterator[Piece]:
    """A run of words in pieces of like length, cut between words."""
    start, end = span(words[first])[0], span(words[stop - 1])[1]
    count = min(stop - first, max(1, round((end - start) / PIECE)))
    begin = first
    for number in range(1, count):
        target = start + (end - start) * number / count
        index = _cut_near(words, begin + 1, stop - (count - number), target)
        yield piece_of(words, begin, index)
        begin = index
    yield piece_of(words, begin, stop)


def _cut_near(words: Sequence[Word], first: int, last: int, target: float) -> int:
    """The word from `first` to `last` whose start is nearest to `target` seconds; a comma before it draws."""
    best, nearest = first, float("inf")
    for index in range(first, last + 1):
        begins = span(words[index])[0]
        distance = abs(begins - target) - (COMMA_DRAWS if words[index - 1].text.endswith(COMMAS) else 0)
        if distance < nearest:
            best, nearest = index, distance
        if begins > target + COMMA_DRAWS:
            break
    return best


def piece_of(words: Sequence[Word], first: int, stop: int) -> Piece:
    """The piece that words first..stop make."""
    return Piece(first, stop, span(words[first])[0], span(words[stop - 1])[1])


def change_costs(words: Sequence[Word], pieces: Sequence[Piece]) -> Floats:
    """The log odds (piece,) against a change of speaker at the start of each piece; 0 for the first."""
    costs = [0.0]
    costs += [_change_cost(words[piece.first - 1], words[piece.first]) for piece in pieces[1:]]
    return np.asarray(costs[: len(pieces)], np.float32)


def _change_cost(before: Word, after: Word) -> float:
    pause = span(after)[0] - span(before)[1]
    if before.text.endswith("?"):
        return QUESTION
    if before.text.endswith(SENTENCE_ENDS):
        return SENTENCE_LONG_PAUSE if pause > LONG_PAUSE else SENTENCE[pause > PAUSE]
    return (COMMA if before.text.endswith(COMMAS) else NOTHING)[pause > PAUSE]


def likeliest_path(evidence: Floats, costs: Floats) -> NDArray[np.intp]:
    """The voice (piece,) of each piece that best fits evidence (piece, voice) and the cost of changes.

    Viterbi's algorithm; evidence is log likelihood.
    """
    pieces, voices = evidence.shape
    stays = np.arange(voices)
    came_from = np.zeros((pieces, voices), np.intp)
    best = evidence[0].astype(np.float64)
    for index in range(1, pieces):
        leader = int(np.argmax(best))
        changed = best[leader] - costs[index]
        came_from[index] = np.where(best >= changed, stays, leader)
        best = np.maximum(best, changed) + evidence[index]
    path = np.empty(pieces, np.intp)
    path[-1] = np.argmax(best)
    for index in range(pieces - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return path


def certainty(evidence: Floats, costs: Floats) -> Floats:
    """How probable each voice is for each piece (piece, voice), given the whole call; rows sum to 1.

    The forward-backward algorithm over the same model as `likeliest_path`.
    """
    pieces, voices = evidence.shape
    likely = np.exp(evidence.astype(np.float64) - evidence.max(axis=1, keepdims=True))
    odds = np.exp(-costs.astype(np.float64)) / max(1, voices - 1)
    change = odds / (1 + odds * (voices - 1))
    forward, backward = np.ones_like(likely), np.ones_like(likely)

    def step(state: NDArray[np.float64], index: int) -> NDArray[np.float64]:
        mixed = state * (1 - change[index] * voices) + change[index] * state.sum()
        return np.asarray(mixed / mixed.sum())

    forward[0] = likely[0] / likely[0].sum()
    for index in range(1, pieces):
        forward[index] = step(forward[index - 1], index) * likely[index]
        forward[index] /= forward[index].sum()
    for index in range(pieces - 1, 0, -1):
        backward[index - 1] = step(backward[index] * likely[index], index)
    both = forward * backward
    return np.asarray(both / both.sum(axis=1, keepdims=True), np.float32)
