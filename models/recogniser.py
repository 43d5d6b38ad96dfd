"""Speech to words with times: Whisper, hearing the speech of all channels in shared batches.

A stereo call is two channels that are mostly silent in turns. Running each through 30 s windows pays for
that silence, and for attention over 1,500 positions a window. Here the stretches in which somebody speaks
are packed into windows of 15 s (half the positions, a quarter of the attention), and windows of all
channels share batches. `bench/speech.py` measures what that gains and costs.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations
from numpy.typing import NDArray

from models.audio import SAMPLE_RATE, Audio
from models.call import Word
from models.errors import NoSpeech
from models.repetition import compression, without_loops
from models.speech_activity import ActivityOptions, Window, pack, speech_probabilities, stretches
from models.weights import WhisperWeights

Progress = Callable[[float], None]

PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"
UNSPACED = frozenset(("zh", "yue", "ja", "th", "lo", "my"))  # the languages faster-whisper splits likewise
TOKENS_PER_SECOND = 12  # fast English speech is 4 words a second, under 2 tokens a word
SHARE_OF_VOICE_DETECTION = 0.08  # of the stage's time, for the progress shown


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised.

    `channels` holds the words of each channel in time order; `language` is an ISO 639-1 code with its
    probability, `speech` the seconds of detected speech over all channels.
    """

    language: str
    language_probability: float
    channels: tuple[tuple[Word, ...], ...]
    speech: float


class Recogniser(Protocol):
    """Turns a recording into words per channel."""

    version: str

    def recognise(
        self, audio: Audio, *, language: str | None = None, progress: Progress | None = None
    ) -> Recognition:
        """Words of every channel; raises NoSpeech when nobody speaks."""
        ...


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How windows are heard; the figures behind the defaults are in docs/benchmarks.md.

    `speech` and `window` are seconds: windows hold up to `speech` seconds of sound and are padded to
    `window`, because Whisper needs silence at the end to know where to stop. `retry_window` and
    `retry_beam` are for windows whose first decoding looks wrong.
    """

    speech: float = 14.0
    window: float = 15.0
    gap: float = 0.3
    batch: int = 8
    beam: int = 3
    retry_window: float = 30.0
    retry_beam: int = 5
    # Text of more repetition than this, or less likely than that, is decoded again: OpenAI's own limits.
    max_compression: float = 2.4
    min_log_probability: float = -1.0
    # A window this unlikely to be speech, in words this unlikely, is silence that was given words.
    max_no_speech: float = 0.6
    prompt: str | None = None
    activity: ActivityOptions = field(default_factory=ActivityOptions)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """One window's text tokens, how likely they are on average (log), and how likely there is no speech."""

    tokens: list[int]
    log_probability: float
    no_speech: float


class Whisper:
    """Whisper by way of CTranslate2, on CPU or CUDA."""

    def __init__(
        self,
        weights: WhisperWeights,
        *,
        device: str = "auto",
        threads: int | None = None,
        options: DecodingOptions | None = None,
    ) -> None:
        """Load the model.

        Args:
            weights: from `models.weights.whisper_weights`.
            device: "cpu", "cuda", or "auto": CUDA where there is a device.
            threads: CPU threads in all; every core by default.
            options: see DecodingOptions; by default beam search on CUDA, where it costs little.
        """
        cuda = device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0)
        self.options = options or (DecodingOptions(beam=5, batch=16) if cuda else DecodingOptions())
        threads = threads or os.cpu_count() or 1
        # Two batches at a time keep the cores busy through the parts of a batch that use one thread.
        self._workers = 1 if cuda or threads < 2 else 2
        self._model = WhisperModel(
            str(weights.path) if weights.path else weights.name,
            device="cuda" if cuda else "cpu",
            compute_type="int8_float16" if cuda else "int8",
            cpu_threads=max(1, threads // self._workers),
            num_workers=self._workers,
            files=dict(weights.files) if weights.files else None,
        )
        self.version = weights.version

    def recognise(
        self, audio: Audio, *, language: str | None = None, progress: Progress | None = None
    ) -> Recognition:
        """Words of every channel, in time order.

        Args:
            audio: one or two channels.
            language: ISO 639-1; detected from the longest windows when None.
            progress: called with the share that is done, 0..1, rising.

        Raises:
            NoSpeech: no voice was detected, or no words were recognised in what sounded like one.
        """
        report = _Report(progress)
        windows = self._windows(audio, report)
        if not windows:
            raise NoSpeech(f"{audio.source.name}: nobody speaks in it; check that it is the right recording")
        report.expect(sum(window.samples for window in windows))
        batches = _batches(windows, self.options.batch)
        heard, tokenizer, probability = self._first(audio, batches[0], language, report)
        with ThreadPoolExecutor(self._workers) as pool:
            rest = pool.map(lambda batch: self._hear(audio, batch, tokenizer, report), batches[1:])
            words = dict(chain(heard, chain.from_iterable(rest)))
        channels = _by_channel(windows, words, audio)
        if not any(channels):
            raise NoSpeech(
                f"{audio.source.name}: no words could be made out; check that it is the right recording"
            )
        speech = sum(stretch.samples for window in windows for stretch in window.stretches) / SAMPLE_RATE
        return Recognition(tokenizer.language_code, probability, channels, speech)

    def _windows(self, audio: Audio, report: "_Report") -> list[Window]:
        options = self.options
        windows: list[Window] = []
        for channel in range(audio.channels):
            probabilities = speech_probabilities(audio, channel)
            report.detecting((channel + 1) / audio.channels)
            speech = stretches(probabilities, channel, audio.samples, options.activity)
            windows += pack(speech, options.speech, options.gap)
        return windows

    def _first(
        self, audio: Audio, batch: list[Window], language: str | None, report: "_Report"
    ) -> tuple[list[tuple[Window, list[Word]]], Tokenizer, float]:
        """Hear the first batch, and learn the language from it where it is not given."""
        features = self._features([window.sound(audio) for window in batch], self.options.window)
        encoded = self._model.encode(features)
        probability = 1.0
        if not self._model.model.is_multilingual:
            language = "en"
        elif language is None:
            language, probability = _majority(self._model.model.detect_language(encoded))
        tokenizer = Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language
        )
        return self._hear(audio, batch, tokenizer, report, encoded), tokenizer, probability

    def _hear(
        self,
        audio: Audio,
        batch: list[Window],
        tokenizer: Tokenizer,
        report: "_Report",
        encoded: ctranslate2.StorageView | None = None,
    ) -> list[tuple[Window, list[Word]]]:
        """Words of each window of a batch."""
        if encoded is None:
            features = self._features([window.sound(audio) for window in batch], self.options.window)
            encoded = self._model.encode(features)
        decoded = self._decode(encoded, len(batch), tokenizer, self.options.beam)
        aligned = self._align(encoded, batch, decoded, tokenizer)
        heard = []
        for window, result, words in zip(batch, decoded, aligned, strict=True):
            if self._doubtful(result, tokenizer):
                words = self._again(audio, window, tokenizer)  # noqa: PLW2901 - the second hearing replaces the first
            heard.append((window, words))
        report.heard(sum(window.samples for window in batch))
        return heard

    def _again(self, audio: Audio, window: Window, tokenizer: Tokenizer) -> list[Word]:
        """Hear one window with all of Whisper's attention; loops that stay are cut, silence gets no words."""
        encoded = self._model.encode(self._features([window.sound(audio)], self.options.retry_window))
        decoded = self._decode(encoded, 1, tokenizer, self.options.retry_beam)
        [result] = decoded
        if result.no_speech > self.options.max_no_speech and (
            result.log_probability < self.options.min_log_probability
        ):
            return []
        [words] = self._align(encoded, [window], decoded, tokenizer)
        return without_loops(words)

    def _features(self, sounds: Sequence[NDArray[np.float32]], seconds: float) -> NDArray[np.float32]:
        """Log-mel features padded to `seconds` by silence, shape (window, mel, frame)."""
        extractor = self._model.feature_extractor
        samples = max(int(seconds * SAMPLE_RATE), *(len(sound) for sound in sounds))
        samples += -samples % (2 * extractor.hop_length)  # the encoder halves the frames
        return np.stack(
            [extractor(np.pad(sound, (0, samples - len(sound))), padding=0)[..., :] for sound in sounds]
        )

    def _decode(
        self, encoded: ctranslate2.StorageView, count: int, tokenizer: Tokenizer, beam: int
    ) -> list[_Decoded]:
        before = tokenizer.encode(" " + self.options.prompt) if self.options.prompt else []
        prompt = self._model.get_prompt(tokenizer, before, without_timestamps=True)
        results = self._model.model.generate(
            encoded,
            [prompt] * count,
            beam_size=beam,
            max_length=min(
                self._model.max_length, len(prompt) + int(TOKENS_PER_SECOND * self.options.window)
            ),
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [
            _Decoded(
                [token for token in result.sequences_ids[0] if token < tokenizer.eot],
                result.scores[0] * len(result.sequences_ids[0]) / (len(result.sequences_ids[0]) + 1),
                result.no_speech_prob,
            )
            for result in results
        ]

    def _align(
        self,
        encoded: ctranslate2.StorageView,
        batch: Sequence[Window],
        decoded: Sequence[_Decoded],
        tokenizer: Tokenizer,
    ) -> list[list[Word]]:
        """Words with times of the call, from the decoder's attention to the sound."""
        frames = [window.samples // self._model.feature_extractor.hop_length for window in batch]
        aligned = self._model.find_alignment(tokenizer, [one.tokens for one in decoded], encoded, frames)
        spaced = tokenizer.language_code not in UNSPACED
        heard = []
        for window, timings in zip(batch, aligned, strict=True):
            merge_punctuations(timings, PREPENDED, APPENDED)
            heard.append(list(_timed(timings, window, spaced=spaced)))
        return heard

    def _doubtful(self, result: _Decoded, tokenizer: Tokenizer) -> bool:
        """Whether a decoding repeats itself, is unlikely, or gives words to what may be silence."""
        text = tokenizer.decode(result.tokens)
        return (
            compression(text) > self.options.max_compression
            or result.log_probability < self.options.min_log_probability
            or (result.no_speech > self.options.max_no_speech and bool(result.tokens))
        )


class _Report:
    """Progress of one recognition: voice detection, then windows heard; safe to call from several threads."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._samples = 1
        self._done = 0

    def detecting(self, share: float) -> None:
        if self._progress is not None:
            self._progress(share * SHARE_OF_VOICE_DETECTION)

    def expect(self, samples: int) -> None:
        self._samples = samples

    def heard(self, samples: int) -> None:
        if self._progress is None:
            return
        with self._lock:
            self._done += samples
            rest = 1 - SHARE_OF_VOICE_DETECTION
            self._progress(min(1.0, SHARE_OF_VOICE_DETECTION + rest * self._done / self._samples))


def _batches(windows: Sequence[Window], size: int) -> list[list[Window]]:
    """Windows of like length together, longest first: a batch takes as long as its longest text."""
    ordered = sorted(windows, key=lambda window: -window.samples)
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _majority(detected: Sequence[Sequence[tuple[str, float]]]) -> tuple[str, float]:
    """The language of highest mean probability over windows, and that mean; ties go by name."""
    total: dict[str, float] = {}
    for window in detected:
        for token, probability in window:
            total[token] = total.get(token, 0.0) + probability
    token = min(total, key=lambda name: (-total[name], name))
    return token.strip("<|>"), total[token] / len(detected)


def _timed(timings: Sequence[dict[str, Any]], window: Window, *, spaced: bool) -> Iterator[Word]:
    """Aligned words in times of the call.

    Pieces that don't begin a word ("-year" after "three", ".75" after "$1") and marks that stand alone join
    the word before them, which then ends where they do and is as likely as the less likely of the two.
    `spaced` is false for languages written without spaces, where every piece is a word.
    """
    pending: Word | None = None
    for timing in timings:
        text = timing["word"].strip()
        if not text:
            continue
        start, end = window.times(float(timing["start"]), float(timing["end"]))
        probability = float(timing["probability"])
        speech = any(character.isalnum() for character in text)
        if pending is None:
            pending = Word(start, end, text, probability)
        elif not speech:
            pending = Word(pending.start, pending.end, pending.text + text, pending.probability)
        elif spaced and not timing["word"].startswith(" "):
            least = min(pending.probability or 0.0, probability)
            pending = Word(pending.start, end, pending.text + text, least)
        else:
            yield pending
            pending = Word(start, end, text, probability)
    if pending is not None and any(character.isalnum() for character in pending.text):
        yield pending


def _by_channel(
    windows: Sequence[Window], words: dict[Window, list[Word]], audio: Audio
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
