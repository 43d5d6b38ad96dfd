"""From placed utterances to the channels of a recording: levels, line noise, telephone band, bleed."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from script import Placement, Script

Samples = npt.NDArray[np.float32]

SPEECH_RATE = 24_000
TELEPHONE_RATE = 8_000
TELEPHONE_BAND = (300.0, 3400.0)  # Hz, ITU-T G.712
MU = 255.0  # ITU-T G.711, mu-law
TAIL = 0.8  # seconds of line after the last word
BLEED_DELAY = 0.002  # seconds


def mix(
    script: Script, placements: Sequence[Placement], utterances: Sequence[Samples]
) -> tuple[Samples, int]:
    """Return the recording, (channel, sample) in -1..1, and its rate in Hz.

    `utterances` are the placements' samples at 24 kHz.
    """
    length = int((max(placement.end for placement in placements) + TAIL) * SPEECH_RATE)
    channels = np.zeros((2 if script.layout == "stereo" else 1, length), np.float32)
    for key, speaker in script.speakers.items():
        track = np.zeros(length, np.float32)
        for placement, utterance in zip(placements, utterances, strict=True):
            if placement.line.speaker == key:
                start = int(placement.start * SPEECH_RATE)
                track[start : start + len(utterance)] += utterance
        channels[speaker.channel if script.layout == "stereo" else 0] += to_level(track, speaker.level_db)
    if script.bleed_db is not None and len(channels) > 1:
        delayed = np.roll(channels, int(BLEED_DELAY * SPEECH_RATE), axis=1)
        channels = channels + delayed[::-1] * np.float32(gain(script.bleed_db))
    noise = np.random.default_rng(script.seed).standard_normal(channels.shape).astype(np.float32)
    channels = channels + noise * np.float32(gain(script.noise_db))
    if script.band == "wide":
        return np.clip(channels, -1, 1), SPEECH_RATE
    return mu_law(telephone(channels)), TELEPHONE_RATE


def gain(decibels: float) -> float:
    """Return the amplitude factor of a level in dB."""
    return float(10 ** (decibels / 20))


def to_level(track: Samples, level_db: float) -> Samples:
    """Scale a track so that its speech (not its silence) has the RMS level, keeping peaks under 0.95."""
    speech = track[np.abs(track) > 0.004]
    if not len(speech):
        return track
    scaled = track * np.float32(gain(level_db) / np.sqrt(np.mean(np.square(speech))))
    return scaled * np.float32(min(1.0, 0.95 / np.max(np.abs(scaled))))


def telephone(channels: Samples) -> Samples:
    """Keep the telephone band and every third sample, (channel, sample) at 24 kHz -> 8 kHz."""
    taps = band_pass(*TELEPHONE_BAND, SPEECH_RATE)
    filtered = np.stack([np.convolve(channel, taps, mode="same") for channel in channels])
    return filtered[:, :: SPEECH_RATE // TELEPHONE_RATE].astype(np.float32)


def band_pass(low: float, high: float, rate: int, taps: int = 511) -> Samples:
    """Return a windowed-sinc band-pass filter, (taps,); edges in Hz."""
    time = (np.arange(taps) - taps // 2) / rate
    ideal = 2 * high * np.sinc(2 * high * time) - 2 * low * np.sinc(2 * low * time)
    return np.asarray(ideal * np.hamming(taps) / rate, np.float32)


def mu_law(samples: Samples) -> Samples:
    """Quantise as an 8-bit mu-law line does: compress, round to 256 steps, expand."""
    clipped = np.clip(samples, -1, 1)
    compressed = np.sign(clipped) * np.log1p(MU * np.abs(clipped)) / np.log1p(MU)
    steps = np.round(compressed * 127) / 127
    return np.asarray(np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(MU)) / MU, np.float32)
