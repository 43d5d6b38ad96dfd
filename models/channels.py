"""Turns from channels: a call with one speaker a channel, crosstalk taken out, merged as a reader expects."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.attribution import span
from models.call import Turn, Word

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
# A pause this long ends a stretch of speech; shorter ones occur inside a phrase.
STRETCH_GAP: Final = 0.3
# A word at least this much quieter here than on the other channel, where the same is said, was overheard ...
SAME_TEXT_LEVEL: Final = 0.5  # -6 dB
# ... as was one recognised as something else whose sound is a copy of the other channel's.
SAME_SOUND_LEVEL: Final = 0.32  # -10 dB
SAME_SOUND_CORRELATION: Final = 0.6
SAME_TIME: Final = 0.25
# Recognisers give some words no length at all; this much about them is listened to.
SHORTEST: Final = 0.1
# An echo over a telephone line comes back within this time; it never comes early, but word times may be.
ECHO_DELAY: Final = 0.5
EARLY: Final = 0.15
# Someone who resumes within this time after an acknowledgement never gave the floor away.
RESUMES: Final = 1.5
FLOOR: Final = 0.5

ACKNOWLEDGEMENTS: Final = frozenset(
    (
        "absolutely",
        "ah",
        "aha",
        "alright",
        "cool",
        "correct",
        "definitely",
        "exactly",
        "gotcha",
        "great",
        "hm",
        "hmm",
        "huh",
        "m",
        "mhm",
        "mm",
        "mmhmm",
        "mmm",
        "nice",
        "oh",
        "ok",
        "okay",
        "perfect",
        "right",
        "sure",
        "true",
        "uh",
        "uhhuh",
        "um",
        "wonderful",
        "wow",
        "yeah",
        "yep",
        "yes",
        "yup",
    )
)
ACKNOWLEDGING_PHRASES: Final = frozenset(
    (
        "all right",
        "got it",
        "i see",
        "i understand",
        "makes sense",
        "of course",
        "of course yeah",
        "oh okay",
        "that makes sense",
    )
)


class ChannelAudio(Protocol):
    """What is needed of a recording: samples of one channel, float32 at 16 kHz."""

    def read(self, channel: int, start_sample: int, stop_sample: int) -> Floats:
        """Samples from start to stop, cut at the ends of the recording."""


def plain(text: str) -> str:
    """The letters and digits of a word, in lower case."""
    return re.sub(r"[\W_]+", "", text).lower()


def drop_crosstalk(
    audio: ChannelAudio, words: Sequence[Sequence[Word]], progress: Callable[[float], None]
) -> tuple[tuple[Word, ...], ...]:
    """The words of each of two channels without those overheard from the other one.

    A word goes where the other channel has speech at that time that is clearly louder there, and either
    the same is said or the sound is a copy. People who say the same at once are both kept.
    """
    kept = []
    for channel, own in enumerate(words):
        other = words[1 - channel]
        starts = [span(word)[0] for word in other]
        longest = max((span(word)[1] - span(word)[0] for word in other), default=0.0)
        keep = []
        for index, word in enumerate(own):
            if index % 256 == 0:
                progress((channel + index / len(own)) / 2)
            start, end = span(word)
            first = bisect_left(starts, start - ECHO_DELAY - longest)
            near = other[first : bisect_left(starts, end + EARLY)]
            near = [each for each in near if span(each)[1] > start - ECHO_DELAY]
            if not near or not _overheard(audio, channel, word, near):
                keep.append(word)
        kept.append(tuple(keep))
    progress(1.0)
    return tuple(kept)


def _overheard(audio: ChannelAudio, channel: int, word: Word, near: Sequence[Word]) -> bool:
    start, end = span(word)
    lacking = max(0.0, SHORTEST - (end - start)) / 2
    start, end = max(0.0, start - lacking), end + lacking
    here = _read(audio, channel, start, end)
    there = _read(audio, 1 - channel, start, end)
    if not here.size or not there.size:
        return False
    together = [each for each in near if abs(span(each)[0] - start) <= SAME_TIME]
    if _level(here) <= SAME_TEXT_LEVEL * _level(there) and any(
        _alike(plain(word.text), plain(each.text)) for each in together
    ):
        return True
    strength, gain = copy_of(here, _read(audio, 1 - channel, start - ECHO_DELAY, end + EARLY))
    return strength >= SAME_SOUND_CORRELATION and gain <= SAME_SOUND_LEVEL


def _level(sound: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def _read(audio: ChannelAudio, channel: int, start: float, end: float) -> Floats:
    return audio.read(channel, max(0, round(start * SAMPLE_RATE)), max(0, round(end * SAMPLE_RATE)))


def _alike(one: str, other: str) -> bool:
    return one == other or (
        min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other).ratio() >= 0.75
    )


def copy_of(piece: Floats, whole: Floats) -> tuple[float, float]:
    """How well (0..1) `piece` is a copy of some stretch of `whole`, and how loud a copy, 1 for as loud.

    Both are samples (sample,) at one rate; (0, 0) where `whole` is the shorter or either is silent.
    """
    if len(piece) > len(whole) or not np.any(piece) or not np.any(whole):
        return 0.0, 0.0
    size = 1 << (len(whole) + len(piece)).bit_length()
    product = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size))
    energies = np.maximum(_energies(whole, len(piece)), 1e-9)
    correlation = np.abs(np.fft.irfft(product, size)[: len(energies)])
    own = float(np.sum(np.square(piece, dtype=np.float64)))
    strengths = correlation / np.sqrt(energies * own)
    best = int(np.argmax(strengths))
    return float(strengths[best]), float(np.sqrt(own / energies[best]))


def _energies(samples: Floats, length: int) -> NDArray[np.float64]:
    """Energy of every stretch of `length` samples."""
    sums = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    return np.asarray(sums[length:] - sums[: len(sums) - length])


def merge_channels(words: Sequence[Sequence[Word]], speakers: Sequence[str]) -> tuple[Turn, ...]:
    """Turns of several speakers, each with words in time order, by the time they start.

    A turn ends at a pause in which another speaker takes the floor. A short acknowledgement ("mhm",
    "right") in another's turn doesn't end it unless it answers a question; it is a turn of its own after it.
    So two turns in a row have one speaker only where the first lies inside a longer turn of another.
    """
    stretches = [list(_stretches(stream)) for stream in words]
    turns = []
    for index, stream in enumerate(words):
        others = sorted(
            (stretch for other, theirs in enumerate(stretches) if other != index for stretch in theirs),
            key=lambda stretch: span(stretch[0]),
        )
        turns += [(span(turn[0])[0], index, turn) for turn in _split(stream, others)]
    turns.sort(key=lambda turn: turn[:2])
    return tuple(Turn(speakers[index], tuple(turn)) for _, index, turn in turns)


def _stretches(stream: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """A channel's words cut at its pauses."""
    first = 0
    for index in range(1, len(stream) + 1):
        if index == len(stream) or span(stream[index])[0] - span(stream[index - 1])[1] > STRETCH_GAP:
            yield stream[first:index]
            first = index


def _split(stream: Sequence[Word], others: Sequence[Sequence[Word]]) -> Iterator[Sequence[Word]]:
    """One speaker's words cut where another takes the floor; `others` are stretches by their start."""
    first = passed = 0
    for index in range(1, len(stream)):
        silent_from, silent_to = span(stream[index - 1])[1], span(stream[index])[0]
        while passed < len(others) and span(others[passed][-1])[1] <= silent_from:
            passed += 1
        for position in range(passed, len(others)):
            if span(others[position][0])[0] >= silent_to:
                break
            if _takes_floor(others[position], stream[index - 1], silent_to):
                yield stream[first:index]
                first = index
                break
    if stream:
        yield stream[first:]


def _takes_floor(stretch: Sequence[Word], last: Word, silent_to: float) -> bool:
    """Whether another's stretch of speech ends the turn whose last word before a pause is `last`."""
    silent_from = span(last)[1]
    start, end = span(stretch[0])[0], span(stretch[-1])[1]
    inside = min(end, silent_to) - max(start, silent_from)
    if inside < min(FLOOR, (end - start) / 2):
        return False
    resumes = silent_to - silent_from < RESUMES and not last.text.endswith("?")
    return not (resumes and is_acknowledgement(stretch))


def is_acknowledgement(words: Sequence[Word]) -> bool:
    """Whether all that is said is that one listens, as in "mhm" or "okay, right"."""
    said = [plain(part) for word in words for part in word.text.split("-")]
    if not any(said):
        return True
    phrase = " ".join(part for part in said if part)
    return len(said) <= 4 and (
        phrase in ACKNOWLEDGING_PHRASES or all(plain(part) in ACKNOWLEDGEMENTS or not part for part in said)
    )
