"""From a decoder's tokens and their alignment with the sound to words with times of the call."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from faster_whisper.transcribe import merge_punctuations

from models.audio import SAMPLE_RATE, Audio
from models.call import Word
from models.speech_activity import Window

PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"
SHORTEST_WORD = 0.03  # seconds; alignment counts in steps of 0.02
MOST_TIMELESS = 4  # words in a row that take no time; two or three happen in hurried speech

Timing = dict[str, Any]  # of faster-whisper: word, start, end (seconds in the window), probability


def words_of(timings: list[Timing], window: Window, *, spaced: bool) -> list[Word]:
    """The words of a window in times of the call.

    `timings` are what faster-whisper's `find_alignment` gives; they are changed. `spaced` is false for
    languages written without spaces, where every piece is a word.
    """
    merge_punctuations(timings, PREPENDED, APPENDED)
    return list(_timed(_audible(timings), window, spaced=spaced))


def by_channel(
    windows: Sequence[Window], words: Mapping[Window, Sequence[Word]], audio: Audio
) -> tuple[tuple[Word, ...], ...]:
    """Words of each channel in time order; starts never fall, and all lie inside the recording."""
    channels: list[list[Word]] = [[] for _ in range(audio.channels)]
    for window in windows:
        channel = channels[window.channel]
        for word in words[window]:
            last = channel[-1].start if channel else 0.0
            start = round(min(max(word.start or 0.0, last or 0.0), audio.duration), 3)
            end = round(min(max(word.end or 0.0, start), audio.duration), 3)
            channel.append(Word(start, max(start, end), word.text, round(word.probability or 0.0, 4)))
    return tuple(tuple(channel) for channel in channels)


def longest_silence(words: Sequence[Word], window: Window, within: int = 0) -> float:
    """The longest voiced time of a window, in seconds, in which at most `within` words end.

    The words of a passage that the decoder passed over leave a hole, or one word that seems to last all
    through it, or to stand alone in the middle of it. Pads around the speech count as voiced.
    """
    longest = 0.0
    for start, stop, ends in _heard(words, window):
        marks = [start, *ends, stop]
        pairs = zip(marks, [*marks[within + 1 :], *[stop] * within], strict=False)
        longest = max(longest, *(after - before for before, after in pairs))
    return longest


def longest_unheard(words: Sequence[Word], window: Window) -> float:
    """The length in seconds, pads included, of the longest stretch of a window in which no word ends."""
    return max((stop - start for start, stop, ends in _heard(words, window) if not ends), default=0.0)


def _heard(words: Sequence[Word], window: Window) -> Iterator[tuple[float, float, list[float]]]:
    """Of each stretch its start and end, and where words end in it, in seconds of the call."""
    for stretch in window.stretches:
        start, stop = stretch.start / SAMPLE_RATE, stretch.stop / SAMPLE_RATE
        yield start, stop, [word.end for word in words if word.end is not None and start <= word.end <= stop]


def _audible(timings: Sequence[Timing]) -> list[Timing]:
    """Aligned words without those that no sound is left for.

    A decoder that runs on past the end of a window repeats itself or makes words up; alignment then has no
    time to give them, and they come out as a run of words at one moment.
    """
    kept: list[Timing] = []
    timeless: list[Timing] = []
    for timing in timings:
        if not timing["word"].strip():
            continue
        if timing["end"] - timing["start"] < SHORTEST_WORD:
            timeless.append(timing)
            continue
        if len(timeless) < MOST_TIMELESS:
            kept += timeless
        kept.append(timing)
        timeless = []
    return kept + timeless if len(timeless) < MOST_TIMELESS else kept


def _timed(timings: Sequence[Timing], window: Window, *, spaced: bool) -> Iterator[Word]:
    """Aligned words in times of the call.

    Pieces that don't begin a word ("-year" after "three", ".75" after "$1") and marks that stand alone join
    the word before them, which then ends where they do and is as likely as the less likely of the two.
    `spaced` is false for languages written without spaces, where every piece is a word.
    """
    pending: Word | None = None
    for timing in timings:
        text = timing["word"].strip()
        start, end = window.times(float(timing["start"]), float(timing["end"]))
        probability = float(timing["probability"])
        speech = any(character.isalnum() for character in text)
        if pending is None:
            # A mark that nothing was said before ("♪", "...") has no word to stand by.
            pending = Word(start, end, text, probability) if speech else None
        elif not speech:
            pending = Word(pending.start, pending.end, pending.text + text, pending.probability)
        elif spaced and not timing["word"].startswith(" "):
            least = min(pending.probability or 0.0, probability)
            pending = Word(pending.start, end, pending.text + text, least)
        else:
            yield pending
            pending = Word(start, end, text, probability)
    if pending is not None:
        yield pending
