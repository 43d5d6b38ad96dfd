"""How many voices there are among vectors of speech, and what each is like."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]

MOST_VOICES: Final = 8
# What a voice must be heard for, in seconds of clear speech, to count as one.
LEAST_SPEECH: Final = 2.0
# Two groups of clips are two voices if d' + COSINE * cosine + LOG_SECONDS * ln(seconds) + bias is above 0: d'
# of `separation`, cosine of their means, seconds of the smaller group, no more than ENOUGH_SPEECH. Logistic
# regression over 184 right and wrong divisions of 82 recordings (one to four voices; 14 people, telephone
# and room, 6 synthetic voices), scaled to 1 for d'; 178 fall on the right side. Its bias of 4.3 is shifted
# by what is known before any call is heard: most have two speakers, few more.
COSINE: Final = -17.0
LOG_SECONDS: Final = 2.0
BIAS_SECOND: Final = 4.8
BIAS_THIRD: Final = 3.8
ENOUGH_SPEECH: Final = 40.0
# With less speech than this d' says little, and a second voice is judged nearly by the cosine alone: the same
# regression over 1,129 stretches of 15 s and more, of which 1,092 fall on the right side.
LITTLE_SPEECH: Final = 10.0
SHORT_COSINE: Final = -86.0
SHORT_LOG_SECONDS: Final = 9.3
SHORT_BIAS: Final = 48.9
SHORT_ENOUGH_SPEECH: Final = 14.0
ROUNDS: Final = 20


def unit(vectors: Floats) -> Floats:
    """Vectors (..., dimension) scaled to length 1; those of length 0 stay."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def find_voices(vectors: Floats, seconds: Floats) -> Floats:
    """Mean vectors (voice, dimension) of the voices in unit vectors (clip, dimension), at least one.

    `seconds` (clip,) says how long each clip is, and so how much it counts. Voices are told apart one by
    one: the group whose division explains the clips best is divided, as long as the halves pass for two
    voices. Deterministic; the cost grows with the number of clips times the number of voices squared.
    """
    heard = seconds > 0
    if not heard.any():
        return unit(np.sum(vectors, axis=0, keepdims=True))
    vectors, seconds = vectors[heard], seconds[heard]
    voices = unit(np.sum(vectors * seconds[:, None], axis=0, keepdims=True))
    while len(voices) < min(MOST_VOICES, len(vectors)):
        best: tuple[float, Floats] | None = None
        for index in range(len(voices)):
            divided = _divide(vectors, seconds, voices, index)
            if divided is None:
                continue
            fit = goodness(vectors, seconds, divided)
            if (best is None or fit > best[0]) and are_distinct(vectors, seconds, divided):
                best = fit, divided
        if best is None:
            break
        voices = best[1]
    return voices


def _divide(vectors: Floats, seconds: Floats, voices: Floats, index: int) -> Floats | None:
    """The voices with one divided in two, all fitted again; None where it is too small to divide."""
    members = np.flatnonzero(np.argmax(vectors @ voices.T, axis=1) == index)
    if len(members) < 2:
        return None
    own, weights = vectors[members], seconds[members]
    far = own[np.argmin(own @ voices[index])]
    starts = [np.stack([far, own[np.argmin(own @ far)]]), *_along_axes(own, weights)]
    rest = np.delete(voices, index, axis=0)
    divisions = [
        _fit(vectors, seconds, np.concatenate([rest, _fit(own, weights, start)])) for start in starts
    ]
    return max(divisions, key=lambda division: goodness(vectors, seconds, division))


def _along_axes(vectors: Floats, seconds: Floats) -> list[Floats]:
    """The two ends of a group of clips along each of its longest axes."""
    centred = (vectors - np.average(vectors, axis=0, weights=seconds)) * np.sqrt(seconds)[:, None]
    _, axes = np.linalg.eigh(centred.T @ centred)
    ends = []
    for axis in axes.T[:-4:-1]:
        above = (vectors @ axis > np.average(vectors @ axis, weights=seconds)).astype(np.intp)
        ends.append(means(vectors, seconds, above, np.stack([axis, axis])))
    return ends


def goodness(vectors: Floats, seconds: Floats, voices: Floats) -> float:
    """How well voices explain clips: the cosine of each clip with its nearest voice, by length."""
    return float(np.sum(np.max(vectors @ voices.T, axis=1) * seconds))


def _fit(vectors: Floats, seconds: Floats, voices: Floats) -> Floats:
    """Spherical k-means from the voices given; a voice that loses all its clips stays as it was."""
    labels = np.full(len(vectors), -1)
    for _ in range(ROUNDS):
        nearest = np.argmax(vectors @ voices.T, axis=1)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        voices = means(vectors, seconds, labels, voices)
    return voices


def means(vectors: Floats, seconds: Floats, labels: Labels, voices: Floats) -> Floats:
    """The mean vector of each label's clips; where a label has none, the voice as it was."""
    shares = np.zeros((len(voices), len(vectors)), np.float32)
    shares[labels, np.arange(len(vectors))] = seconds
    sums = shares @ vectors
    return np.where(shares.any(axis=1, keepdims=True), unit(sums), voices)


def means_of_others(vectors: Floats, seconds: Floats, labels: Labels, count: int) -> Floats:
    """For each clip the mean vector (clip, dimension) of the others with its label; 0 if there are none."""
    shares = np.zeros((count, len(vectors)), np.float32)
    shares[labels, np.arange(len(vectors))] = seconds
    others = (shares @ vectors)[labels] - vectors * seconds[:, None]
    lonely = np.bincount(labels, minlength=count)[labels] < 2
    return np.where(lonely[:, None], np.float32(0), unit(others))


def are_distinct(vectors: Floats, seconds: Floats, voices: Floats) -> bool:
    """Whether groups of vectors pass for as many voices: each heard enough, no two too alike."""
    labels = np.argmax(vectors @ voices.T, axis=1)
    groups = [np.flatnonzero(labels == voice) for voice in range(len(voices))]
    heard = [float(np.sum(seconds[group])) for group in groups]
    if min(heard) < LEAST_SPEECH:
        return False
    return all(
        _pass_for_two(
            separation(vectors, seconds, groups[one], groups[other]),
            float(voices[one] @ voices[other]),
            min(heard[one], heard[other]),
            second=len(voices) == 2,
        )
        for one in range(len(voices))
        for other in range(one)
    )


def _pass_for_two(apart: float, cosine: float, heard: float, *, second: bool) -> bool:
    long = (
        apart
        + COSINE * cosine
        + LOG_SECONDS * math.log(min(heard, ENOUGH_SPEECH))
        + (BIAS_SECOND if second else BIAS_THIRD)
    )
    if not second:
        return long > 0
    short = (
        apart
        + SHORT_COSINE * cosine
        + SHORT_LOG_SECONDS * math.log(min(heard, SHORT_ENOUGH_SPEECH))
        + SHORT_BIAS
    )
    return short > 0 or (heard >= LITTLE_SPEECH and long > 0)


def separation(vectors: Floats, seconds: Floats, one: Labels, other: Labels) -> float:
    """Standard deviations (d') between two groups of clips, on how much nearer each is to its own mean.

    Each clip is measured against the mean of the *other* clips of its group, or noise would pass for a
    difference in small groups.
    """
    near_one = _nearer(vectors, seconds, one, other)
    near_other = -_nearer(vectors, seconds, other, one)
    weights = seconds[one], seconds[other]
    centres = np.average(near_one, weights=weights[0]), np.average(near_other, weights=weights[1])
    spread = np.sum(weights[0] * (near_one - centres[0]) ** 2) + np.sum(
        weights[1] * (near_other - centres[1]) ** 2
    )
    return float(
        (centres[0] - centres[1]) / np.sqrt(spread / (np.sum(weights[0]) + np.sum(weights[1])) + 1e-6)
    )


def _nearer(vectors: Floats, seconds: Floats, own: Labels, other: Labels) -> Floats:
    weighted = vectors[own] * seconds[own, None]
    total = np.sum(weighted, axis=0)
    mine = unit(total - weighted) if len(own) > 1 else np.zeros_like(weighted)
    theirs = unit(np.sum(vectors[other] * seconds[other, None], axis=0))
    return np.asarray(np.sum(vectors[own] * mine, axis=1) - vectors[own] @ theirs, np.float32)
