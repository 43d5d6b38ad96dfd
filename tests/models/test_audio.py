import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.audio import SAMPLE_RATE, decode
from models.audio.timeline import Placement, Timeline
from tests.audio_files import (
    LOSSLESS,
    LOSSY,
    TELEPHONE,
    Signal,
    speech_like,
    turn_taking,
    write_recording,
)


def lag(sound: NDArray[np.floating], reference: NDArray[np.floating]) -> float:
    """Seconds by which `sound` comes later than `reference`, both at 16 kHz."""
    size = 1 << (len(sound) + len(reference)).bit_length()
    match = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(reference, size).conj())
    at = int(np.argmax(match))
    return (at if at < size // 2 else at - size) / SAMPLE_RATE


def loudness(sound: NDArray[np.floating]) -> Signal:
    """Root mean square of every 20 ms."""
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    return np.asarray(np.sqrt(np.mean(np.square(frames), axis=1)), dtype=np.float32)


def onset(sound: Signal) -> float:
    return float(np.flatnonzero(np.abs(sound) > 0.02)[0]) / SAMPLE_RATE


# What comes out is what went in


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_recordings_come_back_as_they_are(tmp_path: Path, name: str) -> None:
    signal = turn_taking(6.0)
    path = write_recording(tmp_path / "call", signal, SAMPLE_RATE, LOSSLESS[name])
    with decode(path) as audio:
        assert (audio.layout, audio.channels, audio.samples) == ("stereo", 2, signal.shape[1])
        assert audio.duration == 6.0
        tolerance = 1e-3 if name != "wav-8" else 2 / 256
        for channel in (0, 1):
            np.testing.assert_allclose(audio.read(channel), signal[channel], atol=tolerance)


@pytest.mark.parametrize("name", [*LOSSY, *TELEPHONE])
def test_lossy_recordings_sound_alike_and_in_time(tmp_path: Path, name: str) -> None:
    rate = 8_000 if name in TELEPHONE else 44_100 if name == "mp3" else SAMPLE_RATE
    signal = turn_taking(6.0, rate) if name != "amr" else speech_like(6.0, rate)
    reference = turn_taking(6.0) if name != "amr" else speech_like(6.0)
    path = write_recording(tmp_path / "call", signal, rate, {**LOSSY, **TELEPHONE}[name])
    with decode(path) as audio:
        sound = audio.read(0)
        wanted = np.atleast_2d(reference)[0]
        late = lag(sound, wanted)
        # AMR's delay and that of libav's WMA encoder are in no header; no player makes up for them either.
        assert abs(late) <= {"amr": 0.015, "wma": 0.035}.get(name, 0.005)
        assert audio.duration == pytest.approx(6.0, abs=0.15)
        shifted = sound[round(late * SAMPLE_RATE) :][: wanted.size - 2_000]
        wanted = wanted[: shifted.size]
        if name == "amr":  # keeps the loudness and the tone, not the waveform
            shifted, wanted = loudness(shifted), loudness(wanted)
        assert np.corrcoef(shifted, wanted)[0, 1] > 0.95


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_any_sample_rate_becomes_16_khz(tmp_path: Path, rate: int) -> None:
    path = write_recording(tmp_path / "call.wav", turn_taking(4.0, rate), rate)
    with decode(path) as audio:
        assert audio.source.sample_rate == rate
        assert audio.duration == pytest.approx(4.0, abs=1e-3)
        assert np.corrcoef(audio.read(1), turn_taking(4.0)[1][: audio.samples])[0, 1] > 0.99


def test_more_than_two_channels_are_mixed_to_one(tmp_path: Path) -> None:
    signal = np.zeros((6, SAMPLE_RATE))
    signal[4] = speech_like(1.0)
    with decode(write_recording(tmp_path / "call.wav", signal)) as audio:
        assert (audio.source.channels, audio.channels, audio.layout) == (6, 1, "mono")
        np.testing.assert_allclose(audio.read(0), signal[4] / 6, atol=1e-3)


def test_the_source_is_described(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.m4a", turn_taking(1.0), SAMPLE_RATE, LOSSY["m4a"])
    with decode(path) as audio:
        source = audio.source
        assert (source.name, source.container, source.codec, source.channels) == ("call.m4a", "mp4", "aac", 2)
        assert source.size == path.stat().st_size
        assert len(source.sha256) == 64


def test_parts_are_read_and_clipped_to_the_recording(tmp_path: Path) -> None:
    signal = turn_taking(2.0, turn=0.5)
    with decode(write_recording(tmp_path / "call.wav", signal)) as audio:
        whole = audio.read(1)
        np.testing.assert_array_equal(audio.read(1, 100, 300), whole[100:300])
        np.testing.assert_array_equal(audio.read(1, -5, 10), whole[:10])
        np.testing.assert_array_equal(audio.read(1, 31_990, 99_999), whole[31_990:])
        assert audio.read(1, 50_000).size == audio.read(1, 30, 20).size == 0
        with pytest.raises(IndexError):
            audio.read(2)
    with pytest.raises(ValueError, match="closed"):
        audio.read(0)


def test_several_threads_read_at_once(tmp_path: Path) -> None:
    with decode(write_recording(tmp_path / "call.wav", turn_taking(4.0))) as audio:
        whole = audio.read(0)
        wrong: list[int] = []

        def check(seed: int) -> None:
            for at in np.random.default_rng(seed).integers(0, audio.samples, 200):
                if not np.array_equal(audio.read(0, at, at + 500), whole[at : at + 500]):
                    wrong.append(int(at))  # noqa: PERF401

        threads = [threading.Thread(target=check, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    path = write_recording(tmp_path / "call.flac", speech_like(60.0), SAMPLE_RATE, LOSSLESS["flac"])
    decode(path, progress=told.append).close()
    assert told == sorted(set(told))
    assert len(told) > 3
    assert told[-1] == 1.0


def test_quiet_recordings_are_not_made_louder(tmp_path: Path) -> None:
    signal = speech_like(2.0) * 1e-3
    with decode(write_recording(tmp_path / "call.wav", signal, encoding=LOSSLESS["wav-float"])) as audio:
        np.testing.assert_allclose(audio.read(0), signal, atol=2e-5)


# Time


@pytest.mark.parametrize("name", ["webm-opus", "mkv-aac", "mp4"])
def test_a_late_start_and_a_gap_are_silence(tmp_path: Path, name: str) -> None:
    signal = np.concatenate([speech_like(1.0) * 0 + 0.3 * np.sin(np.arange(16_000) * 0.3), np.zeros(16_000)])
    signal[24_000:] = 0.3 * np.sin(np.arange(8_000) * 0.5)
    path = write_recording(tmp_path / "call", signal, SAMPLE_RATE, LOSSY[name], start=2.0, gap=(1.2, 0.7))
    with decode(path) as audio:
        sound = audio.read(0)
        assert onset(sound) == pytest.approx(2.0, abs=0.02)
        assert 3.2 + onset(sound[51_200:]) == pytest.approx(2.0 + 1.5 + 0.7, abs=0.05)
        assert audio.duration == pytest.approx(4.7, abs=0.1)


def test_a_piece_of_a_long_stream_starts_at_zero(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call", speech_like(2.0), SAMPLE_RATE, LOSSY["webm-opus"], start=7200.0)
    with decode(path) as audio:
        assert audio.duration == pytest.approx(2.0, abs=0.1)


def test_sound_beside_a_picture_keeps_its_time(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.mp4", speech_like(3.0), SAMPLE_RATE, LOSSY["mp4"], video=True)
    with decode(path) as audio:
        assert abs(lag(audio.read(0), speech_like(3.0))) <= 0.005


def test_a_clock_that_jumps_or_stands_still_loses_no_sound() -> None:
    for stamps in ([10.0 * (at % 7) for at in range(100)], [0.0] * 100, [1e9] * 100, [-1e9] * 100):
        timeline = Timeline(0.0)
        placed = [timeline.place(stamp, 1.0) for stamp in stamps]
        assert sum(placement is not Placement.DROP for placement in placed) >= 97
        assert timeline.jumps


@given(st.lists(st.tuples(st.none() | st.floats(-1e6, 1e6), st.floats(0.001, 1.0)), max_size=60))
def test_time_only_goes_on(stretches: list[tuple[float | None, float]]) -> None:
    timeline = Timeline(0.0)
    for stamp, length in stretches:
        before = timeline.position
        placement = timeline.place(stamp, length)
        grown = timeline.position - before
        if placement is Placement.DROP:
            assert grown == 0
        elif placement is Placement.JOIN:
            assert grown == pytest.approx(length)
        else:
            assert length <= grown <= length + 3600.001
