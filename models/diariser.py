"""Who said which word: by channel where a channel is a speaker, else by voice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models.attribution import (
    Piece,
    breaks,
    certainty,
    change_costs,
    cut,
    likeliest_path,
    piece_of,
    span,
)
from models.call import Turn, Word
from models.channels import drop_crosstalk, merge_channels
from models.clustering import find_voices, means, means_of_others
from models.voices import SAMPLE_RATE, VoiceEncoder, load_voice_encoder

Floats = NDArray[np.float32]
Progress = Callable[[float], None]

CHANNEL_SPEAKERS: Final = ("left", "right")
# Shorter pieces say too little about a voice to find out who takes part; they are only attributed.
CLEAR: Final = 0.8
# Voices are found on at most this many pieces, drawn evenly (40 minutes of speech); the cost of the rest of a
# long call is one comparison a piece.
SAMPLE: Final = 1500
# How much the cosine between a piece and a voice says, as log likelihood: logistic regression on 3,152 pieces
# of two-voice recordings gave 30 to 45 up to 0.8 s, 60 to 76 from 1 s on.
WEIGHT_SHORT: Final = 35.0
WEIGHT_LONG: Final = 70.0
# No single piece outweighs everything around it: some hold laughter, a cough or two people at once.
MOST_EVIDENCE: Final = 8.0
ROUNDS: Final = 3
# A piece whose best two voices are nearer than this, in log likelihood, may hold both.
DOUBTFUL: Final = 6.0
WORD_WINDOW: Final = 1.0
MARGIN: Final = 0.05
LONGEST_CLIP: Final = 2.0
# Frames this far below the loudest of their piece are silence around it: word times are not that exact.
QUIET_DB: Final = 30.0
# Clips held at a time: about 30 MB.
BLOCK: Final = 256


class Recording(Protocol):
    """What is needed of `models.audio.Audio`."""

    @property
    def channels(self) -> int:
        """1 or 2."""

    def read(self, channel: int, start: int, stop: int, /) -> Floats:
        """Samples start..stop of a channel, float32 at 16 kHz, cut at the ends of the recording."""


@dataclass(frozen=True, slots=True)
class Diarisation:
    """Turns in time order, and how sure it is that each word is with the right speaker.

    `certainties` goes with `turns`, one probability for each word; `confidence` is their mean weighted by
    the length of the words, None where there are no words.
    """

    turns: tuple[Turn, ...]
    certainties: tuple[tuple[float, ...], ...]
    confidence: float | None


class Diariser(Protocol):
    """Attributes recognised words to speakers."""

    @property
    def version(self) -> str:
        """Changes whenever the same input may give another result."""

    def diarise(self, audio: Recording, words: Sequence[Sequence[Word]], progress: Progress) -> Diarisation:
        """Turns from the words of each channel, in time order, all with times.

        `progress` is called with rising shares of the work done, 0..1.

        Raises:
            ValueError: for words without times or another number of channels than expected.
        """


def diariser_for(audio: Recording) -> Diariser:
    """By channel for two of them, else by voice; may raise ModelMissing for the latter."""
    return ByChannel() if audio.channels == 2 else ByVoice(load_voice_encoder())


@dataclass(frozen=True, slots=True)
class ByChannel:
    """Each of two channels is one speaker, "left" and "right"."""

    version: str = "by-channel-1"

    def diarise(self, audio: Recording, words: Sequence[Sequence[Word]], progress: Progress) -> Diarisation:
        """See `Diariser`. What a channel merely overheard from the other is dropped."""
        if len(words) != 2:
            raise ValueError(f"words of 2 channels are needed, not of {len(words)}")
        turns = merge_channels(drop_crosstalk(audio, words, progress), CHANNEL_SPEAKERS)
        return Diarisation(turns, tuple((1.0,) * len(turn.words) for turn in turns), 1.0 if turns else None)


@dataclass(frozen=True, slots=True)
class ByVoice:
    """Speakers told apart by voice, "speaker 1" and on by first appearance; their number is found.

    Words are cut into pieces likely to be one speaker's, each embedded; the voices are the groups of clear
    pieces; each piece goes to a voice by likeness and by how likely a change of speaker is where it starts;
    pieces that may hold two voices are looked at word by word.
    """

    encoder: VoiceEncoder

    @property
    def version(self) -> str:
        """The encoder's version and that of this method."""
        return f"by-voice-1 {self.encoder.version}"

    def diarise(self, audio: Recording, words: Sequence[Sequence[Word]], progress: Progress) -> Diarisation:
        """See `Diariser`."""
        if len(words) != 1:
            raise ValueError(f"words of 1 channel are needed, not of {len(words)}")
        spoken = words[0]
        if not spoken:
            progress(1.0)
            return Diarisation((), (), None)
        pieces = cut(spoken)
        vectors = self._embed(
            audio, [(piece.start, piece.end) for piece in pieces], lambda share: progress(0.9 * share)
        )
        seconds = np.array([piece.seconds for piece in pieces], np.float32)
        voices, evidence = _settle(vectors, seconds, change_costs(spoken, pieces), _find(vectors, seconds))
        if len(voices) > 1:
            pieces, evidence = self._look_closer(audio, spoken, pieces, evidence, voices)
        progress(1.0)
        return _diarisation(spoken, pieces, evidence)

    def _embed(self, audio: Recording, spans: Sequence[tuple[float, float]], progress: Progress) -> Floats:
        """Unit vectors (span, dimension) of stretches of the recording given in seconds."""
        blocks = []
        for first in range(0, len(spans), BLOCK):
            block = spans[first : first + BLOCK]
            blocks.append(self.encoder.embed([_clip(audio, start, end) for start, end in block]))
            progress(min(1.0, (first + BLOCK) / len(spans)))
        return np.concatenate(blocks)

    def _look_closer(
        self,
        audio: Recording,
        words: Sequence[Word],
        pieces: Sequence[Piece],
        evidence: Floats,
        voices: Floats,
    ) -> tuple[list[Piece], Floats]:
        """Pieces that may hold two voices taken apart into words, and the evidence of all of them."""
        doubtful = _doubtful(words, pieces, evidence)
        parts = [
            [piece_of(words, index, index + 1) for index in range(piece.first, piece.stop)]
            if doubt
            else [piece]
            for piece, doubt in zip(pieces, doubtful, strict=True)
        ]
        spans = [
            _around(part, pieces, number, words)
            for number, doubt in enumerate(doubtful)
            if doubt
            for part in parts[number]
        ]
        if not spans:
            return list(pieces), evidence
        seconds = np.array(
            [part.seconds for number in np.flatnonzero(doubtful) for part in parts[number]], np.float32
        )
        # Windows overlap: what a second of speech says is shared out among the words in it.
        weights = WEIGHT_LONG * np.minimum(1, seconds / WORD_WINDOW)
        closer = _bounded(weights[:, None] * (self._embed(audio, spans, lambda _: None) @ voices.T))
        rows: list[Floats] = []
        used = 0
        for number, doubt in enumerate(doubtful):
            rows.append(closer[used : used + len(parts[number])] if doubt else evidence[number : number + 1])
            used += len(parts[number]) if doubt else 0
        return [part for those in parts for part in those], np.concatenate(rows)


def _clip(audio: Recording, start: float, end: float) -> Floats:
    """The sound of a stretch given in seconds, its middle if it is long, without the silence around it."""
    excess = max(0.0, end - start + 2 * MARGIN - LONGEST_CLIP) / 2
    first = max(0, round((start - MARGIN + excess) * SAMPLE_RATE))
    sound = audio.read(0, first, round((end + MARGIN - excess) * SAMPLE_RATE))
    frame = SAMPLE_RATE // 100
    count = len(sound) // frame
    if count < 4:
        return sound
    power = np.mean(np.square(sound[: count * frame].reshape(count, frame)), axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-QUIET_DB / 10))
    return sound[max(0, int(loud[0]) - 3) * frame : (int(loud[-1]) + 4) * frame]


def _find(vectors: Floats, seconds: Floats) -> Floats:
    """Mean vectors (voice, dimension) of the voices in the clear pieces."""
    clear = np.flatnonzero(seconds >= CLEAR)
    if len(clear) < 2:
        clear = np.arange(len(seconds))
    if len(clear) > SAMPLE:
        clear = clear[np.linspace(0, len(clear) - 1, SAMPLE).round().astype(np.intp)]
    # Matrices this small gain nothing from more threads, and wait for each other on a busy machine.
    with threadpool_limits(1, user_api="blas"):
        return find_voices(vectors[clear], np.minimum(seconds[clear], LONGEST_CLIP))


def _settle(vectors: Floats, seconds: Floats, costs: Floats, voices: Floats) -> tuple[Floats, Floats]:
    """Voices fitted to the pieces that fall to them once their order is considered, and the evidence."""
    weights = WEIGHT_SHORT + (WEIGHT_LONG - WEIGHT_SHORT) * np.clip((seconds - CLEAR) / (1.0 - CLEAR), 0, 1)
    evidence = _bounded(weights[:, None] * (vectors @ voices.T))
    for _ in range(ROUNDS if len(voices) > 1 else 0):
        path = likeliest_path(evidence, costs)
        voices = means(vectors, seconds, path, voices)
        likeness = vectors @ voices.T
        # A piece is compared with the other pieces of its voice: in a short call it would else mostly be
        # compared with itself, and stay where it first fell.
        rows = np.arange(len(vectors))
        totals = means_of_others(vectors, seconds, path, len(voices))
        likeness[rows, path] = np.sum(vectors * totals, axis=1)
        evidence = _bounded(weights[:, None] * likeness)
    return voices, evidence


def _bounded(likelihood: Floats) -> Floats:
    return np.asarray(
        np.maximum(likelihood - likelihood.max(axis=1, keepdims=True), -MOST_EVIDENCE), np.float32
    )


def _doubtful(words: Sequence[Word], pieces: Sequence[Piece], evidence: Floats) -> list[bool]:
    """Which pieces of several words may hold a change of speaker."""
    path = likeliest_path(evidence, change_costs(words, pieces))
    second = np.sort(evidence, axis=1)[:, -2]
    doubtful = [
        piece.stop - piece.first > 1 and piece.seconds >= CLEAR and bool(runner_up > -DOUBTFUL)
        for piece, runner_up in zip(pieces, second, strict=True)
    ]
    for number in range(1, len(pieces)):
        if path[number] != path[number - 1] and not breaks(
            words[pieces[number].first - 1], words[pieces[number].first]
        ):
            doubtful[number - 1] = pieces[number - 1].stop - pieces[number - 1].first > 1
            doubtful[number] = pieces[number].stop - pieces[number].first > 1
    return doubtful


def _around(part: Piece, pieces: Sequence[Piece], number: int, words: Sequence[Word]) -> tuple[float, float]:
    """A window about a word, kept inside the run of speech the word belongs to."""
    first = last = number
    if first > 0 and not breaks(words[pieces[first].first - 1], words[pieces[first].first]):
        first -= 1
    if last + 1 < len(pieces) and not breaks(words[pieces[last].stop - 1], words[pieces[last].stop]):
        last += 1
    middle = (part.start + part.end) / 2
    half = max(WORD_WINDOW, part.seconds) / 2
    return max(pieces[first].start, middle - half), min(pieces[last].end, middle + half)


def _diarisation(words: Sequence[Word], pieces: Sequence[Piece], evidence: Floats) -> Diarisation:
    """Turns by the likeliest path, speakers named by first appearance."""
    costs = change_costs(words, pieces)
    path = likeliest_path(evidence, costs)
    sure = certainty(evidence, costs)
    names: dict[int, str] = {}
    turns: list[tuple[str, list[Word], list[float]]] = []
    for number, (piece, voice) in enumerate(zip(pieces, path.tolist(), strict=True)):
        speaker = names.setdefault(voice, f"speaker {len(names) + 1}")
        if not turns or turns[-1][0] != speaker:
            turns.append((speaker, [], []))
        turns[-1][1].extend(words[piece.first : piece.stop])
        turns[-1][2].extend([round(float(sure[number, voice]), 4)] * (piece.stop - piece.first))
    lengths = [max(0.01, span(word)[1] - span(word)[0]) for _, said, _ in turns for word in said]
    probabilities = [value for _, _, values in turns for value in values]
    return Diarisation(
        tuple(Turn(speaker, tuple(said)) for speaker, said, _ in turns),
        tuple(tuple(values) for _, _, values in turns),
        round(float(np.average(probabilities, weights=lengths)), 4),
    )
