"""Speech to words with times: Whisper, hearing the speech of all channels in shared batches.

A stereo call is two channels that are mostly silent in turns. Running each through 30 s windows pays for
that silence, and for attention over 1,500 positions a window. Here the stretches in which somebody speaks
are packed into windows of 15 s (half the positions, a quarter of the attention), and windows of all
channels share batches. `bench/speech.py` measures what that gains and costs.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Protocol

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from models.alignment import by_channel, longest_silence, longest_unheard, words_of
from models.audio import SAMPLE_RATE, Audio
from models.call import Word
from models.errors import CallError, ModelMissing, NoSpeech
from models.repetition import compression, without_loops
from models.speech_activity import ActivityOptions, Window, pack, speech_probabilities, stretches
from models.weights import WhisperWeights

Progress = Callable[[float], None]
Encoded = NDArray[Any]  # float32, or float16 from CUDA

# Whisper writes like the text before: after this it keeps um and uh (docs/benchmarks.md says how many).
FILLERS_KEPT = "Um, hi, uh, thanks for, um, taking my call. Yeah, so, uh, I mean, let us, um, get started."
UNSPACED = frozenset(("zh", "yue", "ja", "th", "lo", "my"))  # the languages faster-whisper splits likewise
TOKENS_PER_SECOND = 12  # fast English speech is 4 words a second, under 2 tokens a word
FEWEST_PASSED_OVER = 3  # words
LANGUAGE_WINDOWS = 2  # heard to find out the language
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
    `window`, because Whisper needs silence at the end to know where to stop. Each is decoded greedily, then
    with `beam` beams where the greedy text is less likely than `sure` (mean log probability of a token), and
    once more in a window of `retry_window` where the text looks wrong.
    """

    speech: float = 14.0
    window: float = 15.0
    gap: float = 0.3
    batch: int = 8
    beam: int = 5
    sure: float = -0.15
    retry_window: float = 30.0
    # Text of more repetition than this, or less likely than that, is decoded again: OpenAI's own limits.
    max_compression: float = 2.4
    min_log_probability: float = -1.0
    # No speech is likelier than `max_no_speech` + `no_speech_slope` x log probability: words were invented.
    max_no_speech: float = 0.75
    no_speech_slope: float = 0.3
    # Voiced seconds beyond which words were passed over: without the end of a word, with that of one alone,
    # and of a stretch without any.
    longest_silence: float = 2.5
    longest_alone: float = 3.0
    longest_unheard: float = 1.2
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
        fillers: bool = False,
    ) -> None:
        """Load the model.

        Args:
            weights: from `models.weights.whisper_weights`.
            device: "cpu", "cuda", or "auto": CUDA where there is a device.
            threads: CPU threads in all; every core by default.
            options: see DecodingOptions; by default beam search everywhere on CUDA, where it costs little.
            fillers: keep um and uh, at the price of more errors on noisy lines.

        Raises:
            CallError: CUDA is asked for where there is none.
            ModelMissing: the weights can't be loaded.
        """
        found = ctranslate2.get_cuda_device_count()
        if device == "cuda" and not found:
            raise CallError("there is no CUDA device here; use --device cpu, or leave it at auto")
        cuda = device == "cuda" or (device == "auto" and found > 0)
        self.options = options or (DecodingOptions(sure=0.0, batch=16) if cuda else DecodingOptions())
        threads = threads or os.cpu_count() or 1
        # Two batches at a time keep the cores busy through the parts of a batch that use one thread.
        self._workers = 1 if cuda or threads < 2 else 2
        try:
            self._model = WhisperModel(
                str(weights.path) if weights.path else weights.name,
                device="cuda" if cuda else "cpu",
                compute_type="int8_float16" if cuda else "int8",
                cpu_threads=max(1, threads // self._workers),
                num_workers=self._workers,
                files=dict(weights.files) if weights.files else None,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelMissing(
                f"the Whisper model {weights.name} can't be loaded ({error}); convert or install it again"
            ) from error
        if fillers:
            self.options = replace(self.options, prompt=FILLERS_KEPT)
        self.version = f"{weights.version}+fillers" if fillers else weights.version

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
            CallError: the model doesn't know the language.
        """
        if language is not None and language not in self._model.supported_languages:
            raise CallError(
                f"{self.version} does not know the language {language!r}; "
                "give a code like en, or another --model"
            )
        report = _Report(progress)
        windows = self._windows(audio, report)
        if not windows:
            raise NoSpeech(f"{audio.source.name}: nobody speaks in it; check that it is the right recording")
        report.expect(sum(window.samples for window in windows))
        with ThreadPoolExecutor(self._workers) as pool:
            tokenizer, probability = self._tokenizer(audio, windows, language)
            batches = _batches(windows, min(self.options.batch, -(-len(windows) // self._workers)))
            heard = pool.map(lambda batch: self._hear(audio, batch, tokenizer, report), batches)
            words = dict(chain.from_iterable(heard))
        channels = by_channel(windows, words, audio)
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

    def _tokenizer(
        self, audio: Audio, windows: Sequence[Window], language: str | None
    ) -> tuple[Tokenizer, float]:
        """A tokenizer for the language, given or heard in the longest windows, and how sure that is."""
        probability = 1.0
        if not self._model.model.is_multilingual:
            language = "en"
        elif language is None:
            longest = sorted(windows, key=lambda window: -window.samples)[:LANGUAGE_WINDOWS]
            encoded = self._encode([window.sound(audio) for window in longest], self.options.window)
            language, probability = _majority(self._model.model.detect_language(_view(encoded)))
        multilingual = self._model.model.is_multilingual
        return Tokenizer(
            self._model.hf_tokenizer, multilingual, task="transcribe", language=language
        ), probability

    def _hear(
        self, audio: Audio, batch: list[Window], tokenizer: Tokenizer, report: "_Report"
    ) -> list[tuple[Window, list[Word]]]:
        """Words of each window of a batch."""
        encoded = self._encode([window.sound(audio) for window in batch], self.options.window)
        decoded = self._decode_adaptively(encoded, tokenizer)
        aligned = self._align(encoded, batch, decoded, tokenizer)
        heard = []
        for window, result, words in zip(batch, decoded, aligned, strict=True):
            if self._invented(result):
                words = []  # noqa: PLW2901 - what nobody said is left out
            elif self._doubtful(result, tokenizer):
                words = self._again(audio, window, tokenizer)  # noqa: PLW2901 - the second hearing replaces the first
            elif self._passed_over(words, window):
                again = self._again(audio, window, tokenizer)
                # Spelt letters and laughter take long too: only words that were passed over are a gain.
                if len(again) >= len(words) + FEWEST_PASSED_OVER:
                    words = again  # noqa: PLW2901
            heard.append((window, words))
        report.heard(sum(window.samples for window in batch))
        return heard

    def _again(self, audio: Audio, window: Window, tokenizer: Tokenizer) -> list[Word]:
        """Hear one window with all of Whisper's attention; loops that stay are cut, silence gets no words."""
        encoded = self._encode([window.sound(audio)], self.options.retry_window)
        decoded = self._decode(encoded, tokenizer, self.options.beam)
        [result] = decoded
        if self._invented(result):
            return []
        [words] = self._align(encoded, [window], decoded, tokenizer)
        return without_loops(words)

    def _encode(self, sounds: Sequence[NDArray[np.float32]], seconds: float) -> Encoded:
        """Whisper's encoding of each sound, padded to `seconds` by silence, shape (sound, position, state).

        On a CPU one sound at a time: a batch of attention matrices falls out of its caches, and costs 1.6
        times as much a window.
        """
        features = self._features(sounds, seconds)
        step = len(features) if self._model.model.device == "cuda" else 1
        parts = [
            np.array(self._model.model.encode(_view(features[at : at + step]), to_cpu=True))
            for at in range(0, len(features), step)
        ]
        return np.concatenate(parts)

    def _features(self, sounds: Sequence[NDArray[np.float32]], seconds: float) -> NDArray[np.float32]:
        """Log-mel features padded to `seconds` by silence, shape (window, mel, frame)."""
        extractor = self._model.feature_extractor
        samples = max(int(seconds * SAMPLE_RATE), *(len(sound) for sound in sounds))
        samples += -samples % (2 * extractor.hop_length)  # the encoder halves the frames
        return np.stack([extractor(np.pad(sound, (0, samples - len(sound))), padding=0) for sound in sounds])

    def _decode_adaptively(self, encoded: Encoded, tokenizer: Tokenizer) -> list[_Decoded]:
        """Decode greedily, then with beams what is not sure; of two texts the likelier one stays."""
        decoded = self._decode(encoded, tokenizer, 1)
        unsure = [at for at, result in enumerate(decoded) if result.log_probability < self.options.sure]
        if unsure:
            for at, result in zip(
                unsure, self._decode(encoded[unsure], tokenizer, self.options.beam), strict=True
            ):
                if result.log_probability > decoded[at].log_probability:
                    decoded[at] = result
        return decoded

    def _decode(self, encoded: Encoded, tokenizer: Tokenizer, beam: int) -> list[_Decoded]:
        before = tokenizer.encode(" " + self.options.prompt) if self.options.prompt else []
        prompt = self._model.get_prompt(tokenizer, before, without_timestamps=True)
        longest = len(prompt) + int(TOKENS_PER_SECOND * self.options.window)
        results = self._model.model.generate(
            _view(encoded),
            [prompt] * len(encoded),
            beam_size=beam,
            max_length=min(self._model.max_length, longest),
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
        encoded: Encoded,
        batch: Sequence[Window],
        decoded: Sequence[_Decoded],
        tokenizer: Tokenizer,
    ) -> list[list[Word]]:
        """Words with times of the call, from the decoder's attention to the sound."""
        frames = [window.samples // self._model.feature_extractor.hop_length for window in batch]
        aligned = self._model.find_alignment(
            tokenizer, [one.tokens for one in decoded], _view(encoded), frames
        )
        spaced = tokenizer.language_code not in UNSPACED
        heard = []
        for window, timings in zip(batch, aligned, strict=True):
            heard.append(words_of(timings, window, spaced=spaced))
        return heard

    def _passed_over(self, words: Sequence[Word], window: Window) -> bool:
        """Whether somebody speaks in the window for longer than the words found there take."""
        return (
            longest_silence(words, window) > self.options.longest_silence
            or longest_silence(words, window, 1) > self.options.longest_alone
            or longest_unheard(words, window) > self.options.longest_unheard
        )

    def _doubtful(self, result: _Decoded, tokenizer: Tokenizer) -> bool:
        """Whether a decoding repeats itself or is unlikely."""
        text = tokenizer.decode(result.tokens)
        return (
            compression(text) > self.options.max_compression
            or result.log_probability < self.options.min_log_probability
        )

    def _invented(self, result: _Decoded) -> bool:
        """Whether words were given to what is no speech.

        The less likely the words, the less doubt about the sound is needed. It is asked of the first
        decoding: a closer hearing of music only finds words that are likelier, such as "Thank you."
        """
        limit = self.options.max_no_speech + self.options.no_speech_slope * result.log_probability
        return result.no_speech > limit


def _view(array: NDArray[Any]) -> ctranslate2.StorageView:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


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
