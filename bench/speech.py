"""How accurate and how fast is recognition, against faster-whisper's own defaults with the same weights?

    python -m bench.speech [--model base] [--only NAME ...]

Every recording is heard by each engine in turn, in this process: the library called once a channel with its
defaults; the library with the options our results need (voice detection, word times), which is equal work;
ours; ours with diarisation; ours keeping fillers. Word error rate is after Whisper's English normaliser.
Seconds are wall and processor seconds for a second of call, on the threads that are there; machines are
shared, so look at the ratios. Also counted: how many of the fillers (um, uh) that are said come out.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import jiwer
from faster_whisper import WhisperModel
from rich.console import Console
from rich.table import Table
from whisper_normalizer.english import EnglishTextNormalizer

from bench.corpus import Spoken, spoken
from models.audio import Audio, decode
from models.diariser import diariser_for
from models.errors import NoSpeech
from models.recogniser import Recognition, Whisper
from models.weights import WhisperWeights, whisper_weights

NORMALISE = EnglishTextNormalizer()
FILLER = re.compile(r"\b(?:um+|uh+|erm?|hmm+)\b")

Texts = list[str]
Engine = Callable[[Audio], Texts]


@dataclass(slots=True)
class Tally:
    """Sums over recordings."""

    errors: int = 0
    words: int = 0
    wall: float = 0.0
    processor: float = 0.0
    seconds: float = 0.0
    fillers: int = 0
    fillers_said: int = 0

    @property
    def error_rate(self) -> float:
        """Word error rate in per cent."""
        return 100 * self.errors / self.words if self.words else float("nan")


@dataclass(slots=True)
class Board:
    """A tally for each engine and kind of recording."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def add(
        self,
        engine: str,
        kinds: Iterable[str],
        recording: Spoken,
        *,
        heard: Texts,
        took: tuple[float, float],
        seconds: float,
    ) -> None:
        """Count one recording heard by one engine."""
        errors, words = word_errors(recording.references, heard)
        for kind in kinds:
            tally = self.tallies.setdefault((engine, kind), Tally())
            tally.errors += errors
            tally.words += words
            tally.wall += took[0]
            tally.processor += took[1]
            tally.seconds += seconds
            tally.fillers += len(FILLER.findall(" ".join(heard).lower()))
            tally.fillers_said += len(FILLER.findall(" ".join(recording.references).lower()))


def word_errors(references: Sequence[str], heard: Sequence[str]) -> tuple[int, int]:
    """Wrong, missing and extra words, and words in the references, after Whisper's English normaliser."""
    if len(references) != len(heard):
        references, heard = [" ".join(references)], [" ".join(heard)]
    errors = words = 0
    for reference, text in zip(references, heard, strict=True):
        result = jiwer.process_words(NORMALISE(reference), NORMALISE(text))
        errors += result.substitutions + result.deletions + result.insertions
        words += result.hits + result.substitutions + result.deletions
    return errors, words


def library(weights: WhisperWeights, **options: object) -> Engine:
    """faster-whisper's `transcribe`, once a channel."""
    model = WhisperModel(
        weights.name, device="cpu", compute_type="int8", files=dict(weights.files or {}), cpu_threads=0
    )

    def hear(audio: Audio) -> Texts:
        texts = []
        for channel in range(audio.channels):
            segments, _ = model.transcribe(audio.read(channel), **options)
            texts.append(" ".join(segment.text for segment in segments))
        return texts

    return hear


def ours(engine: Whisper, *, diarise: bool) -> Engine:
    """Ridealong's recogniser, with or without the diariser behind it."""

    def hear(audio: Audio) -> Texts:
        try:
            recognition = engine.recognise(audio)
        except NoSpeech:
            return [""] * audio.channels
        if diarise:
            diariser_for(audio).diarise(audio, recognition.channels, lambda _share: None)
        return _texts(recognition)

    return hear


def _texts(recognition: Recognition) -> Texts:
    return [" ".join(word.text for word in words) for words in recognition.channels]


def timed(engine: Engine, audio: Audio) -> tuple[Texts, tuple[float, float]]:
    """What is heard, and wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    heard = engine(audio)
    return heard, (time.perf_counter() - wall, time.process_time() - processor)


def main() -> None:
    """Run every engine over every recording and print the table."""
    arguments = _arguments()
    weights = whisper_weights(arguments.model)
    whisper = Whisper(weights, device="cpu")
    keeping = Whisper(weights, device="cpu", fillers=True)
    engines: dict[str, Engine] = {
        "faster-whisper, defaults": library(weights),
        "faster-whisper, VAD and word times": library(weights, vad_filter=True, word_timestamps=True),
        "Ridealong": ours(whisper, diarise=False),
        "Ridealong, diarised": ours(whisper, diarise=True),
        "Ridealong, --fillers": ours(keeping, diarise=False),
    }
    board = Board()
    console = Console(width=120)
    for recording in spoken():
        if arguments.only and recording.name not in arguments.only:
            continue
        with decode(recording.path) as audio:
            layout = "stereo" if audio.channels == 2 else "mono"
            for name, engine in engines.items():
                heard, took = timed(engine, audio)
                kinds = (layout, recording.kind, "all")
                board.add(name, kinds, recording, heard=heard, took=took, seconds=audio.duration)
                errors, words = word_errors(recording.references, heard)
                speed = f"{took[0] / audio.duration:.4f} wall {took[1] / audio.duration:.4f} cpu"
                line = f"{recording.name:24} {layout:7}{name:36}{errors:4}/{words:<5}{speed}"
                console.print(line, highlight=False)
    console.print(_table(board, list(engines)))


def _table(board: Board, engines: Sequence[str]) -> Table:
    table = Table(title="a second of call costs; ratios against faster-whisper's defaults in the same run")
    for column in ("recordings", "engine", "WER %", "wall s/s", "cpu s/s", "times as fast", "fillers kept"):
        table.add_column(column, justify="left" if column in {"recordings", "engine"} else "right")
    for kind in ("stereo", "mono", "real", "synthetic", "all"):
        base = board.tallies.get((engines[0], kind))
        if base is None:
            continue
        for name in engines:
            tally = board.tallies[name, kind]
            table.add_row(
                kind,
                name,
                f"{tally.error_rate:.2f}",
                f"{tally.wall / tally.seconds:.4f}",
                f"{tally.processor / tally.seconds:.4f}",
                f"{base.wall / tally.wall:.2f}",
                f"{tally.fillers}/{tally.fillers_said}",
            )
        table.add_section()
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="base")
    parser.add_argument("--only", nargs="*", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    main()
