"""Who said which word: by channel where a channel is a speaker, else by voice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

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
from models.clips import LONGEST_CLIP, clip
from models.clustering import find_voices, means, means_of_others
from models.loudness import Loudness, loudness_of
from models.silences import fitted, levels, silences
from models.voices import VoiceEncoder, load_voice_encoder

Floats = NDArray[np.float32]
Progress = Callable[[float], None]

CHANNEL_SPEAKERS: Final = ("left", "right")
# Shorter pieces say too little about a voice to find out who takes part; they are only attributed. In a short
# call longer ones may be few: one side may say little but "No, tell me more."
CLEAR: Final = 0.8
CLEAR_IN_SHORT: Final = 0.5
LITTLE_SPEECH: Final = 12.0
# Voices are found on at most this many pieces, drawn evenly (40 minutes of speech); the cost of the rest of a
# long call is one comparison a piece.
SAMPLE: Final = 1500
# How much the cosine between a piece and a voice says, as log likelihood, by the seconds of the piece:
# logistic regression on 2,891 pieces of two-voice recordings gave 12 under 0.2 s, 29 up to 0.35 s, 33 to 37
# up to 0.8 s; 60 to 76 from 1 s on where voices are alike, which is where it matters.
WEIGHTS: Final = ((0.0, 0.4, 0.8, 1.0), (0.0, 33.0, 36.0, 66.0))
# No single piece outweighs everything around it: some hold laughter, a cough or two people at once.
MOST_EVIDENCE: Final = 10.0
ROUNDS: Final = 3
# A piece whose best two voices are nearer than this, in log likelihood, may hold both.
DOUBTFUL: Final = 6.0
# Looking closer costs five times as much a piece; where voices are alike most pieces would ask for it.
CLOSER_SHARE: Final = 0.12
FEW: Final = 4
WORD_WINDOW: Final = 1.0
# Clips held at a time: about 30 MB.
BLOCK: Final = 256


class Recording(Protocol):
    """What is needed of `models.audio.Audio`."""

    @property
    def channels(self) -> int:
        """1 or 2."""

    @property
    def samples(self) -> int:
        """Its length."""

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

    version: str = "by-channel-2"

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
        return f"by-voice-2 {self.encoder.version}"

    def diarise(self, audio: Recording, words: Sequence[Sequence[Word]], progress: Progress) -> Diarisation:
        """See `Diariser`."""
        if len(words) != 1:
            raise ValueError(f"words of 1 channel are needed, not of {len(words)}")
        spoken = words[0]
        if not spoken:
            progress(1.0)
            return Diarisation((), (), None)
        level = levels(audio)
        said, spoken = spoken, fitted(spoken, silences(level))
        pieces = cut(spoken)
        vectors = self._embed(
            audio, [(piece.start, piece.end) for piece in pieces], lambda share: progress(0.9 * share)
        )
        seconds = np.array([piece.seconds for piece in pieces], np.float32)
        costs, loudness = change_costs(spoken, pieces), loudness_of(level, pieces)
        voices, loud, evidence = _settle(vectors, loudness, seconds, costs, _find(vectors, seconds))
        if len(voices) > 1:
            closer = self._look_closer(audio, spoken, pieces, evidence, level=level, voices=voices, loud=loud)
            pieces, evidence = closer
        progress(1.0)
        return _diarisation(said, change_costs(spoken, pieces), pieces, evidence)

    def _embed(self, audio: Recording, spans: Sequence[tuple[float, float]], progress: Progress) -> Floats:
        """Unit vectors (span, dimension) of stretches of the recording given in seconds."""
        blocks = []
        for first in range(0, len(spans), BLOCK):
            block = spans[first : first + BLOCK]
            blocks.append(self.encoder.embed([clip(audio, start, end) for start, end in block]))
            progress(min(1.0, (first + BLOCK) / len(spans)))
        return np.concatenate(blocks)

    def _look_closer(
        self,
        audio: Recording,
        words: Sequence[Word],
        pieces: Sequence[Piece],
        evidence: Floats,
        *,
        level: Floats,
        voices: Floats,
        loud: Loudness,
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
        closer_parts = [part for number in np.flatnonzero(doubtful) for part in parts[number]]
        # Windows overlap: what a second of speech says is shared out among the words in it.
        shares = np.array([min(1.0, part.seconds / WORD_WINDOW) for part in closer_parts], np.float32)
        likeness = self._embed(audio, spans, lambda _: None) @ voices.T
        heard = loud.evidence(loudness_of(level, closer_parts))
        closer = _bounded(WEIGHTS[1][-1] * shares[:, None] * likeness + shares[:, None] * heard)
        rows: list[Floats] = []
        used = 0
        for number, doubt in enumerate(doubtful):
            rows.append(closer[used : used + len(parts[number])] if doubt else evidence[number : number + 1])
            used += len(parts[number]) if doubt else 0
        return [part for those in parts for part in those], np.concatenate(rows)


def _find(vectors: Floats, seconds: Floats) -> Floats:
    """Mean vectors (voice, dimension) of the voices in the clear pieces."""
    clear = np.flatnonzero(seconds >= CLEAR)
    if np.sum(seconds[clear]) < LITTLE_SPEECH:
        clear = np.flatnonzero(seconds >= CLEAR_IN_SHORT)
    if len(clear) < 2:
        clear = np.arange(len(seconds))
    if len(clear) > SAMPLE:
        clear = clear[np.linspace(0, len(clear) - 1, SAMPLE).round().astype(np.intp)]
    # Matrices this small gain nothing from more threads, and wait for each other on a busy machine.
    with threadpool_limits(1, user_api="blas"):
        return find_voices(vectors[clear], np.minimum(seconds[clear], LONGEST_CLIP))


def _settle(
    vectors: Floats, loudness: Floats, seconds: Floats, costs: Floats, voices: Floats
) -> tuple[Floats, Loudness, Floats]:
    """Voices and their loudness, fitted to the pieces that fall to them in order, and the evidence."""
    weights = _weights(seconds)
    evidence = _bounded(weights * (vectors @ voices.T))
    loud = Loudness.of(loudness, seconds, np.zeros(len(vectors), np.intp), len(voices))
    for _ in range(ROUNDS if len(voices) > 1 else 0):
        path = likeliest_path(evidence, costs)
        voices = means(vectors, seconds, path, voices)
        likeness = vectors @ voices.T
        # A piece is compared with the other pieces of its voice: in a short call it would else mostly be
        # compared with itself, and stay where it first fell.
        rows = np.arange(len(vectors))
        totals = means_of_others(vectors, seconds, path, len(voices))
        likeness[rows, path] = np.sum(vectors * totals, axis=1)
        loud = Loudness.of(loudness, seconds, path, len(voices))
        evidence = _bounded(weights * likeness + loud.evidence(loudness))
    return voices, loud, evidence


def _weights(seconds: Floats) -> Floats:
    return np.asarray(np.interp(seconds, *WEIGHTS)[:, None], np.float32)


def _bounded(likelihood: Floats) -> Floats:
    return np.asarray(
        np.maximum(likelihood - likelihood.max(axis=1, keepdims=True), -MOST_EVIDENCE), np.float32
    )


def _doubtful(words: Sequence[Word], pieces: Sequence[Piece], evidence: Floats) -> list[bool]:
    """Which pieces of several words may hold a change of speaker."""
    path = likeliest_path(evidence, change_costs(words, pieces))
    second = np.sort(evidence, axis=1)[:, -2]
    nearest = np.argsort(-second, kind="stable")[: max(FEW, round(len(pieces) * CLOSER_SHARE))]
    doubtful = [False] * len(pieces)
    for number in nearest.tolist():
        piece = pieces[number]
        doubtful[number] = (
            piece.stop - piece.first > 1 and piece.seconds >= CLEAR and second[number] > -DOUBTFUL
        )
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


def _diarisation(
    words: Sequence[Word], costs: Floats, pieces: Sequence[Piece], evidence: Floats
) -> Diarisation:
    """Turns by the likeliest path, speakers named by first appearance."""
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
