"""Words as they were said, where they were said; and none where nobody speaks."""

import json
import re
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import ctranslate2
import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray
from whisper_normalizer.english import EnglishTextNormalizer

from models.audio import Audio, decode
from models.call import Word
from models.errors import CallError, ModelMissing, NoSpeech
from models.recogniser import DecodingOptions, Recognition, Whisper
from models.weights import WhisperWeights, whisper_weights
from tests.audio_files import write_recording
from tests.conftest import CLINIC, CLINIC_SECONDS, ROOT, sample_sound
from tests.fakes import SAMPLE_RATE

SHARED = ROOT.parent / "shared" / "audio"
Sound = NDArray[np.float64]

Hear = Callable[[NDArray[Any]], Recognition]


@pytest.fixture
def hear(whisper: Whisper, tmp_path: Path) -> Hear:
    """Recognise a sound, by way of a file."""

    def recognise(sound: NDArray[Any]) -> Recognition:
        with decode(write_recording(tmp_path / "sound.wav", sound)) as audio:
            return whisper.recognise(audio, language="en")

    return recognise


def turns(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "reference.json").read_text("utf-8"))["turns"]
    return found


def word_error_rate(reference: str, words: tuple[Word, ...]) -> float:
    normal = EnglishTextNormalizer()
    return float(jiwer.wer(normal(reference), normal(" ".join(word.text for word in words))))


def test_the_words_of_each_channel_are_those_said_there(recognised: Recognition) -> None:
    assert len(recognised.channels) == 2
    for channel, words in enumerate(recognised.channels):
        said = [t["text"] for t in turns(CLINIC) if t["channel"] == channel and t["end"] < CLINIC_SECONDS]
        assert word_error_rate(" ".join(said), words) < 0.1


def test_words_stand_where_they_are_said(recognised: Recognition) -> None:
    for channel, words in enumerate(recognised.channels):
        spans = [(turn["start"], turn["end"]) for turn in turns(CLINIC) if turn["channel"] == channel]
        for word in words:
            assert word.start is not None
            assert word.end is not None
            assert any(start - 0.5 <= word.start <= word.end <= end + 0.5 for start, end in spans), word


def test_times_rise_and_probabilities_are_shares(recognised: Recognition) -> None:
    for words in recognised.channels:
        times = [word.start or 0.0 for word in words]
        assert times == sorted(times)
        assert all(0 <= (word.start or 0) <= (word.end or 0) <= CLINIC_SECONDS for word in words)
        assert all(word.probability is not None and 0 <= word.probability <= 1 for word in words)
        assert all(word.text and not re.search(r"\s", word.text) for word in words)


def test_the_language_is_found(recognised: Recognition) -> None:
    assert recognised.language == "en"
    assert recognised.language_probability > 0.9
    assert 20 < recognised.speech < 40


def test_the_same_sound_gives_the_same_words_and_progress_rises_to_the_end(
    whisper: Whisper, clinic: Path, recognised: Recognition
) -> None:
    shares: list[float] = []
    with decode(clinic) as audio:
        assert whisper.recognise(audio, progress=shares.append) == recognised
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_a_real_telephone_call_is_understood(whisper: Whisper) -> None:
    path = SHARED / "commercial_mono.flac"
    if not path.exists():
        pytest.skip("the recordings of ../shared/audio are not here")
    with decode(path) as audio:
        [words] = whisper.recognise(audio).channels
    assert word_error_rate(path.with_suffix(".ref.txt").read_text("utf-8"), words) < 0.2


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("renewal-school", "Thank you. Bye."),
        ("donor-food-bank", "Thank you, Walter."),
        ("demo-logistics", "Okay."),
        ("demo-logistics", "How many fewer?"),
    ],
)
def test_a_short_answer_in_silence_is_kept(hear: Hear, call: str, text: str) -> None:
    [turn] = [turn for turn in turns(ROOT / "sample_calls" / call) if turn["text"] == text]
    sound = sample_sound(call, turn["end"] + 0.1)[turn["channel"] or 0]
    alone = np.pad(sound[round((turn["start"] - 0.1) * SAMPLE_RATE) :], SAMPLE_RATE)
    [words] = hear(alone).channels
    assert word_error_rate(text, words) <= 1 / 3


# What a telephone line carries beside speech, from dial tone to hold music, at levels in dB of full scale.
SECONDS = 10.0
TIME = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
CHORDS = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7))
KEYS = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477)]


def at_level(sound: Sound, level: float) -> Sound:
    return np.asarray(np.clip(sound / np.sqrt(np.mean(np.square(sound))) * 10 ** (level / 20), -1, 1))


def tones(*pitches: float, on: float = SECONDS, off: float = 0.0) -> Sound:
    sound = np.sum([np.sin(2 * np.pi * pitch * TIME) for pitch in pitches], axis=0)
    return np.asarray(sound * (TIME % (on + off) < on))


def noise(colour: float = 0.0) -> Sound:
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(len(TIME)))
    return np.asarray(np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 20) ** colour, len(TIME)))


def clicks() -> Sound:
    random, sound = np.random.default_rng(2), np.zeros(len(TIME))
    for at in random.integers(0, len(TIME) - 200, 40):
        sound[at : at + 160] += random.standard_normal(160) * np.exp(-np.arange(160) / 30)
    return sound


def keypad() -> Sound:
    keys = np.random.default_rng(3).integers(0, len(KEYS), round(SECONDS * 5))
    low, high = np.array(KEYS)[np.repeat(keys, SAMPLE_RATE // 5)].T
    return np.asarray((np.sin(2 * np.pi * low * TIME) + np.sin(2 * np.pi * high * TIME)) * (TIME % 0.2 < 0.1))


def note(pitch: NDArray[np.float64], partials: int) -> Sound:
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    return np.asarray(np.sum([np.sin(k * phase) / k for k in range(1, partials + 1)], axis=0))


def hold_music(*, partials: int, arpeggio: bool, octave: float = 1.0, beat: float = 0.46) -> Sound:
    """Chords with tremolo, or their notes one after another; `partials` 1 is a sine, 12 nearly a saw."""
    steps = (TIME / beat).astype(int)
    fade = np.exp(-(TIME % beat) * (8 if arpeggio else 1))
    chord = np.array(CHORDS)[(steps // 8) % 4] * octave  # (sample, note)
    if arpeggio:
        return note(chord[np.arange(len(TIME)), np.array([0, 1, 2, 1])[steps % 4]], partials) * fade
    voices = np.sum([note(chord[:, voice], partials) for voice in range(3)], axis=0)
    return np.asarray(voices * fade * (1 + 0.7 * np.sin(2 * np.pi * 5 * TIME)))


NOT_SPEECH: dict[str, Callable[[], Sound]] = {
    "white noise": noise,
    "pink noise": lambda: noise(0.5),
    "brown noise": lambda: noise(1.0),
    "mains hum": lambda: tones(50, 100, 150, 250),
    "dial tone": lambda: tones(350, 440),
    "ring tone": lambda: tones(400, 450, on=0.4, off=0.8),
    "busy tone": lambda: tones(480, 620, on=0.5, off=0.5),
    "keypad": keypad,
    "clicks": clicks,
    "sine chords": lambda: hold_music(partials=1, arpeggio=False),
    "saw chords": lambda: hold_music(partials=12, arpeggio=False),
    "sine arpeggio": lambda: hold_music(partials=1, arpeggio=True),
    "saw arpeggio": lambda: hold_music(partials=12, arpeggio=True, beat=0.2),
    "low arpeggio": lambda: hold_music(partials=12, arpeggio=True, octave=0.5),
    "quick arpeggio": lambda: hold_music(partials=12, arpeggio=True, octave=2, beat=0.11),
}


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_nothing_is_invented_where_nobody_speaks(hear: Hear, name: str) -> None:
    # One recording with every level, so that the recogniser is loaded with none of them alone.
    sound = np.concatenate([at_level(NOT_SPEECH[name](), level) for level in (-55, -40, -25, -12)])
    with pytest.raises(NoSpeech, match=r"sound\.wav") as error:
        hear(sound)
    assert "\n" not in str(error.value)


def test_silence_is_no_speech(hear: Hear) -> None:
    with pytest.raises(NoSpeech, match=r"sound\.wav: nobody speaks in it"):
        hear(np.zeros(5 * SAMPLE_RATE))


@pytest.mark.parametrize("rest", ["pink noise", "low arpeggio"])
def test_nothing_is_invented_after_the_speech(hear: Hear, rest: str) -> None:
    speech = sample_sound(CLINIC.name, 17.5)[1, 15 * SAMPLE_RATE :]
    minute = np.tile(at_level(NOT_SPEECH[rest](), -30), 6)
    [words] = hear(np.concatenate([speech, minute])).channels
    assert word_error_rate("Yeah, that's fine. Go ahead.", words) == 0
    assert (words[-1].end or 0) < 3


def test_a_language_that_the_model_lacks_is_refused(whisper: Whisper, clinic: Path) -> None:
    def refused(model: Whisper, audio: Audio, language: str) -> str:
        with pytest.raises(CallError, match="does not know the language") as error:
            model.recognise(audio, language=language)
        return str(error.value)

    english_only = Whisper(whisper_weights("tiny.en"), device="cpu")
    with decode(clinic) as audio:
        assert "'nonsense'" in refused(whisper, audio, "nonsense")
        assert "tiny.en" in refused(english_only, audio, "de")


def test_weights_that_are_none_are_refused_in_one_line(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelMissing, match="can't be loaded") as error:
        Whisper(WhisperWeights("broken", "broken-1", path=tmp_path), device="cpu")
    assert "convert or install it again" in str(error.value)


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a CUDA device here")
def test_cuda_where_there_is_none_is_refused() -> None:
    with pytest.raises(CallError, match="no CUDA device"):
        Whisper(WhisperWeights("any", "any-1"), device="cuda")


def test_fillers_are_kept_when_asked_for(whisper: Whisper, tmp_path: Path) -> None:
    """Whisper leaves um and uh out; the option brings most of them back, and says so in the version."""
    keeping = Whisper(whisper_weights("base"), device="cpu", threads=2, fillers=True)
    sound = sample_sound("practice-insurance", 40)
    with decode(write_recording(tmp_path / "practice.wav", sound)) as audio:
        plain, kept = (
            sum(
                word.text.casefold().strip(".,-") in {"um", "uh"} for word in one.recognise(audio).channels[0]
            )
            for one in (whisper, keeping)
        )
    assert kept > plain
    assert keeping.version == f"{whisper.version}+fillers"


@pytest.mark.parametrize(
    ("call", "part", "said"),
    [
        # Fifteen words in the middle of a window, a question but for one word, and a short stretch of speech:
        # Whisper leaves them out, and is sure of the rest.
        ("committee-hotel", slice(0, 40), "sheets last year"),
        ("donor-food-bank", slice(0, 65), "given to something like this before"),
        ("renewal-school", slice(110, None), "that's what i need"),
    ],
)
def test_a_passage_that_the_first_decoding_passes_over_is_heard_again(
    tmp_path: Path, whisper: Whisper, call: str, part: slice, said: str
) -> None:
    start, stop = (None if at is None else at * SAMPLE_RATE for at in (part.start, part.stop))
    never = copy(whisper)
    never.options = DecodingOptions(longest_silence=60.0, longest_alone=60.0, longest_unheard=60.0)
    with decode(write_recording(tmp_path / "call.wav", sample_sound(call)[:, start:stop])) as audio:
        heard, without = (
            " ".join(word.text for word in engine.recognise(audio).channels[0]).lower()
            for engine in (whisper, never)
        )
    assert said in heard
    assert said not in without
