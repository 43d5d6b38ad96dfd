"""Measures diarisation by voice: words with the right speaker, and time, against a plain baseline.

Prints a line for each recording of `../shared/audio`: `python -m bench.diarisation`. Two-channel calls are
mixed to one; who really says a word is then whose channel is louder. Words come from our recogniser with the
default model, and its time is what diarisation is compared with. The baseline is the usual recipe with the
same encoder, windows of 1.6 s every 0.8 s, k-means; it is *told* the number of speakers; ours must find it.
Meetings come with RTTM; for them the diarisation error rate stands in place of the share of words.
"""

import argparse
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from models.attribution import span
from models.audio import SAMPLE_RATE, decode
from models.call import Word
from models.diariser import ByVoice
from models.errors import NoSpeech
from models.recogniser import Whisper
from models.voices import VoiceEncoder, load_voice_encoder
from models.weights import whisper_weights
from tests.fakes import SoundInMemory

Floats = NDArray[np.float32]
Segment = tuple[float, float, str]

FOLDER = Path(__file__).parents[2] / "shared" / "audio"
LOUDER = 10 ** (6 / 10)
WINDOW, HOP = 1.6, 0.8
# Who speaks when, in seconds, by pitch and by what is said: "k" and "s", the agent "a" and the customer "c".
BY_HAND: dict[str, Sequence[Segment]] = {
    "katiesteve_mono": [
        (0.5, 1.9, "k"),
        (2.2, 3.3, "s"),
        (3.7, 7.2, "k"),
        (7.5, 8.9, "s"),
        (9.1, 14.5, "k"),
        (14.9, 18, "s"),
    ],
    "commercial_mono": [
        (4.5, 9, "c"),
        (10.3, 14, "a"),
        (15.2, 16.6, "c"),
        (18.2, 23.5, "a"),
        (24.6, 27, "c"),
        (28.6, 32.4, "a"),
        (33.6, 34.8, "c"),
        (36.2, 39.3, "a"),
        (40.4, 41.2, "c"),
        (42.2, 43, "a"),
    ],
}


@dataclass(frozen=True, slots=True)
class Call:
    """A recording on one channel, its words, and the seconds that recognising them took.

    `speakers` holds who says each word, None where that can't be told.
    """

    name: str
    sound: Floats
    words: Sequence[Word]
    speakers: list[str | None]
    recognition: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.sound) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Outcome:
    """Words right, speakers found and seconds taken."""

    right: int
    words: int
    found: int
    seconds: float


def main() -> None:
    """Measure every recording that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    recogniser, encoder = Whisper(whisper_weights("base")), load_voice_encoder()
    columns = ("recording", "words", "speakers", "found", "right", "baseline", "s/s", "of recog.", "baseline")
    print("{:24}{:>6}{:>9}{:>6}{:>9}{:>9}{:>8}{:>10}{:>9}".format(*columns))
    paths = [path for path in sorted(folder.glob("*.flac")) if not path.name.startswith("ami")]
    calls = [(path, load(path, recogniser)) for path in paths]
    outcomes = [measure(call, encoder) for _, call in calls]
    print_totals([call for _, call in calls], outcomes)
    for path in sorted(folder.glob("ami*.flac")):
        print_meeting(path, recogniser, encoder)


def measure(call: Call, encoder: VoiceEncoder) -> tuple[Outcome, Outcome]:
    """Diarise one recording in both ways and print the line."""
    ours = outcome(call, lambda: by_voice(call, encoder))
    count = len({speaker for speaker in call.speakers if speaker})
    plain = outcome(call, lambda: by_windows(call, encoder, count))
    print(
        f"{call.name:24}{ours.words:6}{count:9}{ours.found:6}{ours.right / ours.words:9.2%}"
        f"{plain.right / plain.words:9.2%}{ours.seconds / call.seconds:8.4f}"
        f"{ours.seconds / call.recognition:10.2f}{plain.seconds / call.recognition:9.2f}",
        flush=True,
    )
    return ours, plain


def print_totals(calls: Sequence[Call], outcomes: Sequence[tuple[Outcome, Outcome]]) -> None:
    """Words right over all recordings and what both ways cost."""
    words = sum(ours.words for ours, _ in outcomes)
    right = [sum(pair[which].right for pair in outcomes) for which in (0, 1)]
    taken = [sum(pair[which].seconds for pair in outcomes) for which in (0, 1)]
    length, recognition = (sum(call.seconds for call in calls), sum(call.recognition for call in calls))
    worst = min(ours.right / ours.words for ours, _ in outcomes)
    print(
        f"words right: {right[0] / words:.2%} of {words} (worst file {worst:.2%}); "
        f"baseline {right[1] / words:.2%}; "
        f"wrong words: {(words - right[0]) / max(1, words - right[1]):.2f} times the baseline's\n"
        f"seconds per second: recognition {recognition / length:.4f}, diarisation {taken[0] / length:.4f} "
        f"({taken[0] / recognition:.2f} of it), baseline {taken[1] / length:.4f}; "
        f"time {taken[0] / taken[1]:.2f} times the baseline's"
    )


def load(path: Path, recogniser: Whisper) -> Call:
    """A recording mixed to one channel with its recognised words; none where nobody is heard."""
    with decode(path) as audio:
        channels = np.stack([audio.read(channel) for channel in range(audio.channels)])
    sound = channels.mean(axis=0, dtype=np.float32)
    words, recognition = recognise(sound, recogniser)
    if len(channels) == 2:
        speakers = [louder(channels, word) for word in words]
    else:
        speakers = [at(BY_HAND.get(path.stem, ()), word) for word in words]
    return Call(path.stem, sound, words, speakers, recognition)


def recognise(sound: Floats, recogniser: Whisper) -> tuple[Sequence[Word], float]:
    """Words of a sound on one channel, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mixed.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        with decode(path) as audio:
            began = time.perf_counter()
            try:
                [words] = recogniser.recognise(audio).channels
            except NoSpeech:
                words = ()
            return words, time.perf_counter() - began


def louder(channels: Floats, word: Word) -> str | None:
    """The channel on which a word is clearly louder."""
    start, end = (round(seconds * SAMPLE_RATE) for seconds in span(word))
    left, right = np.mean(np.square(channels[:, start : max(end, start + 1)]), axis=1) + 1e-10
    if max(left, right) < LOUDER * min(left, right):
        return None
    return "left" if left > right else "right"


def at(segments: Sequence[Segment], word: Word) -> str | None:
    """Who speaks in the middle of a word."""
    middle = sum(span(word)) / 2
    return next((speaker for start, end, speaker in segments if start <= middle <= end), None)


def outcome(call: Call, diarise: Callable[[], list[str]]) -> Outcome:
    """Share of words right under the best naming of the speakers found."""
    began = time.perf_counter()
    found = diarise()
    seconds = time.perf_counter() - began
    pairs = [(truth, name) for truth, name in zip(call.speakers, found, strict=True) if truth]
    names, truths = sorted(set(found)), sorted({truth for truth, _ in pairs})
    names += [""] * (len(truths) - len(names))
    right = max(
        sum(naming[truths.index(truth)] == name for truth, name in pairs)
        for naming in permutations(names, len(truths))
    )
    return Outcome(right, len(pairs), len(set(found)), seconds)


def by_voice(call: Call, encoder: VoiceEncoder) -> list[str]:
    """The speaker of each word, our way."""
    diarisation = ByVoice(encoder).diarise(SoundInMemory(call.sound[None]), [call.words], lambda _: None)
    return [turn.speaker for turn in diarisation.turns for _ in turn.words]


def by_windows(call: Call, encoder: VoiceEncoder, count: int) -> list[str]:
    """The speaker of each word by the window it lies in."""
    centres = np.arange(WINDOW / 2, max(len(call.sound) / SAMPLE_RATE, WINDOW), HOP)
    middles = np.array([sum(span(word)) / 2 for word in call.words])
    nearest = np.argmin(np.abs(middles[:, None] - centres[None]), axis=1)
    used, positions = np.unique(nearest, return_inverse=True)
    starts = ((centres[used] - WINDOW / 2) * SAMPLE_RATE).astype(int)
    vectors = encoder.embed([call.sound[start : start + round(WINDOW * SAMPLE_RATE)] for start in starts])
    labels = KMeans(count, n_init=10, random_state=0).fit_predict(vectors)
    return [str(label) for label in labels[positions]]


def print_meeting(path: Path, recogniser: Whisper, encoder: VoiceEncoder) -> None:
    """The diarisation error rate of a recording with RTTM, without a collar."""
    lines = [line.split() for line in path.with_suffix(".rttm").read_text(encoding="utf-8").splitlines()]
    truth = [(float(line[3]), float(line[3]) + float(line[4]), line[7]) for line in lines]
    call = load(path, recogniser)
    if not call.words:
        print(f"{path.stem}: no words recognised")
        return
    names = by_voice(call, encoder)
    found = [(*span(word), name) for word, name in zip(call.words, names, strict=True)]
    said, heard = frames(truth, len(call.sound)), frames(found, len(call.sound))
    if len(heard) < len(said):
        heard = np.concatenate([heard, np.zeros((len(said) - len(heard), heard.shape[1]), bool)])
    right = max(
        sum(int(np.sum(said[row] & heard[other])) for row, other in enumerate(naming))
        for naming in permutations(range(len(heard)), len(said))
    )
    error = (np.sum(np.maximum(said.sum(axis=0), heard.sum(axis=0))) - right) / np.sum(said)
    print(
        f"{path.stem}: DER {error:.1%}, {len(set(names))} of {len(said)} speakers found, {len(names)} words"
    )


def frames(segments: Sequence[Segment], samples: int) -> NDArray[np.bool_]:
    """Who speaks (speaker, hundredth of a second)."""
    speakers = sorted({speaker for *_, speaker in segments})
    speaks = np.zeros((len(speakers), samples * 100 // SAMPLE_RATE), bool)
    for start, end, speaker in segments:
        speaks[speakers.index(speaker), round(start * 100) : round(end * 100)] = True
    return speaks


if __name__ == "__main__":
    main()
