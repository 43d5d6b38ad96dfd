from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.audio import SAMPLE_RATE, decode
from tests.audio_files import LOSSY, Encoding, Signal, speech_like, turn_taking, write_recording

SHARED = Path(__file__).parents[3] / "shared" / "audio"
Stereo = NDArray[np.floating]


def noisy(signal: Stereo, decibels: float = -65.0) -> Stereo:
    return signal + np.random.default_rng(5).standard_normal(signal.shape) * 10 ** (decibels / 20)


def bleeding(signal: Stereo, decibels: float, delay: int = 0) -> Stereo:
    """Each side heard on the other one, some decibels down and some samples late."""
    return signal + 10 ** (decibels / 20) * np.roll(signal[::-1], delay, axis=1)


def panned(signal: Stereo, decibels: float) -> Stereo:
    """Both voices on both channels, each louder on its side."""
    gain = 10 ** (decibels / 40)
    return 0.5 * np.stack([signal[0] * gain + signal[1] / gain, signal[0] / gain + signal[1] * gain])


def in_a_room(signal: Stereo, seconds: float = 0.3) -> Stereo:
    """Two voices before two microphones, the echoes nearly as loud; 60 dB down after `seconds`."""
    random = np.random.default_rng(3)
    length = signal.shape[1]
    decay = 10 ** (-3 * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE / seconds)
    size = 1 << (length + decay.size).bit_length()
    heard = np.zeros((2, length))
    for speaker, microphone in np.ndindex(2, 2):
        echoes = random.standard_normal(decay.size) * decay
        path = 0.7 * echoes / np.linalg.norm(echoes)
        path[5 + 8 * (speaker != microphone)] += 1.2 if speaker == microphone else 0.8
        heard[microphone] += np.fft.irfft(np.fft.rfft(signal[speaker], size) * np.fft.rfft(path, size))[
            :length
        ]
    return 0.4 * heard


def twice(signal: Stereo, gain: float = 1.0, delay: int = 0) -> Stereo:
    mixed = signal.sum(axis=0)
    return np.stack([mixed, gain * np.roll(mixed, delay)])


def found(path: Path) -> str:
    with decode(path) as audio:
        assert audio.channels == (2 if audio.layout == "stereo" else 1)
        return audio.layout


@pytest.fixture(scope="module")
def call() -> Signal:
    return turn_taking(40.0)


@pytest.mark.parametrize(
    "change",
    [
        noisy,
        lambda signal: noisy(signal, -35.0),
        lambda signal: bleeding(signal, -30.0),
        lambda signal: noisy(bleeding(signal, -20.0)),
        lambda signal: noisy(bleeding(signal, -15.0)),
        lambda signal: noisy(bleeding(signal, -20.0, delay=48)),
        lambda signal: noisy(bleeding(signal, -20.0, delay=3200)),
        lambda signal: noisy(bleeding(signal, -20.0) * np.array([[1.0], [0.1]])),
    ],
)
@pytest.mark.parametrize("encoding", [Encoding("wav", "pcm_s16le"), LOSSY["mp3"]], ids=["wav", "mp3"])
def test_a_channel_for_each_speaker_stays_stereo(
    tmp_path: Path, call: Signal, change: Callable[[Stereo], Stereo], encoding: Encoding
) -> None:
    assert found(write_recording(tmp_path / "call", change(call), SAMPLE_RATE, encoding)) == "stereo"


@pytest.mark.parametrize(
    "change",
    [
        twice,
        lambda signal: noisy(twice(signal), -60.0),
        lambda signal: twice(signal, gain=0.2),
        lambda signal: noisy(twice(signal, gain=-1.0)),
        lambda signal: noisy(twice(signal, delay=32)),
    ],
)
@pytest.mark.parametrize("encoding", [Encoding("wav", "pcm_s16le"), LOSSY["mp3"]], ids=["wav", "mp3"])
def test_the_same_sound_twice_is_mono(
    tmp_path: Path, call: Signal, change: Callable[[Stereo], Stereo], encoding: Encoding
) -> None:
    path = write_recording(tmp_path / "call", change(call), SAMPLE_RATE, encoding)
    with decode(path) as audio:
        assert (audio.layout, audio.channels) == ("dual mono", 1)
        sound, wanted = audio.read(0), call.sum(axis=0)
        assert (
            abs(np.corrcoef(sound[: wanted.size], wanted[: sound.size])[0, 1]) > 0.95 or change is not twice
        )


def test_the_same_sound_a_few_milliseconds_apart_is_no_stereo(tmp_path: Path, call: Signal) -> None:
    assert found(write_recording(tmp_path / "call", noisy(twice(call, delay=80)))) in {
        "dual mono",
        "mixed stereo",
    }


@pytest.mark.parametrize("decibels", [4.0, 6.0])
@pytest.mark.parametrize("encoding", [Encoding("wav", "pcm_s16le"), LOSSY["mp3"]], ids=["wav", "mp3"])
def test_a_mix_panned_a_bit_is_made_mono(
    tmp_path: Path, call: Signal, decibels: float, encoding: Encoding
) -> None:
    path = write_recording(tmp_path / "call", noisy(panned(call, decibels)), SAMPLE_RATE, encoding)
    with decode(path) as audio:
        assert (audio.layout, audio.channels) == ("mixed stereo", 1)
        # Both speakers are in it: the first one's turn and the second one's.
        sound = audio.read(0)
        assert all(np.abs(sound[at : at + 40_000]).max() > 0.1 for at in (0, 3 * SAMPLE_RATE))


def test_a_room_with_two_microphones_is_made_mono(tmp_path: Path, call: Signal) -> None:
    assert found(write_recording(tmp_path / "call", noisy(in_a_room(call)))) == "mixed stereo"


@pytest.mark.parametrize("noise", [None, -70.0, -45.0])
@pytest.mark.parametrize("silent", [0, 1])
def test_a_silent_channel_is_left_out(tmp_path: Path, silent: int, noise: float | None) -> None:
    signal = np.zeros((2, 20 * SAMPLE_RATE))
    signal[1 - silent] = speech_like(20.0)
    path = write_recording(tmp_path / "call", signal if noise is None else noisy(signal, noise))
    with decode(path) as audio:
        assert (audio.layout, audio.channels) == ("mono", 1)
        assert np.corrcoef(audio.read(0), signal[1 - silent])[0, 1] > 0.98
        assert audio.warnings == (
            f"The {'left' if silent == 0 else 'right'} channel is silent and was left out.",
        )


@pytest.mark.parametrize("bleed", [None, -20.0])
def test_a_caller_who_says_one_thing_is_kept(tmp_path: Path, bleed: float | None) -> None:
    signal = np.stack([speech_like(60.0), np.zeros(60 * SAMPLE_RATE)])
    signal[0, 480_000:512_000] = 0
    signal[1, 480_000:512_000] = speech_like(2.0, seed=4, pitch=200.0)
    heard = noisy(signal if bleed is None else bleeding(signal, bleed))
    assert found(write_recording(tmp_path / "call", heard)) == "stereo"


def test_silence_on_both_channels_is_one(tmp_path: Path) -> None:
    assert found(write_recording(tmp_path / "call", np.zeros((2, SAMPLE_RATE * 3)))) == "mono"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the recordings of ../shared/audio")
@pytest.mark.parametrize(
    "name",
    ["auto_repairs_40_stereo.flac", "synthetic_call1.flac", "synthetic_call3.flac", "synthetic_call5.flac"],
)
def test_real_telephone_calls_stay_stereo(tmp_path: Path, name: str) -> None:
    with decode(SHARED / name) as audio:
        assert (audio.layout, audio.channels, audio.warnings) == ("stereo", 2, ())
        signal = np.stack([audio.read(0, 0, 40 * SAMPLE_RATE), audio.read(1, 0, 40 * SAMPLE_RATE)])
    changes: dict[str, Stereo] = {
        "stereo": bleeding(signal, -20.0),
        "dual mono": twice(signal * 0.5),
        "mixed stereo": panned(signal, 6.0),
    }
    for expected, changed in changes.items():
        path = write_recording(tmp_path / "call", changed, SAMPLE_RATE, LOSSY["mp3"])
        assert found(path) == expected
