"""Stretches of speech cover what was detected, and windows hold them without loss."""

import itertools

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.speech_activity import (
    BLOCK,
    FRAME,
    ActivityOptions,
    Stretch,
    pack,
    speech_probabilities,
    stretches,
)
from tests.fakes import SAMPLE_RATE, SoundInMemory

Curve = NDArray[np.float32]


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Probabilities a frame: runs of speech, of doubt and of silence, of any length."""
    runs = draw(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(1, 120)), max_size=30))
    shaky = draw(st.lists(st.floats(0, 1, width=32), max_size=60))
    return np.array([level for level, length in runs for _ in range(length)] + shaky, np.float32)


@st.composite
def options(draw: st.DrawFn) -> ActivityOptions:
    threshold = draw(st.floats(0.1, 0.9))
    pad = draw(st.floats(0, 0.5))
    return ActivityOptions(
        threshold=threshold,
        release=draw(st.floats(0.01, 1)) * threshold,
        min_silence=draw(st.floats(0.03, 1)),
        min_speech=draw(st.floats(0.03, 0.5)),
        pad=pad,
        longest=draw(st.floats(2 * pad + 0.1, 20)),
    )


def length_of(curve: Curve, missing: int) -> int:
    return max(0, len(curve) * FRAME - missing)


@given(curves(), options(), st.integers(0, FRAME - 1))
def test_stretches_rise_lie_inside_and_are_short_enough(
    curve: Curve, chosen: ActivityOptions, missing: int
) -> None:
    samples = length_of(curve, missing)
    found = stretches(curve, 1, samples, chosen)
    assert all(stretch.channel == 1 for stretch in found)
    assert all(0 <= stretch.start < stretch.stop <= samples for stretch in found)
    assert all(before.stop <= after.start for before, after in itertools.pairwise(found))
    assert all(stretch.samples <= chosen.longest * SAMPLE_RATE for stretch in found)


@given(curves(), options(), st.integers(0, FRAME - 1))
def test_all_that_is_detected_long_enough_is_covered(
    curve: Curve, chosen: ActivityOptions, missing: int
) -> None:
    samples = length_of(curve, missing)
    covered = np.zeros(len(curve) * FRAME, bool)
    for stretch in stretches(curve, 0, samples, chosen):
        covered[stretch.start : stretch.stop] = True
    least = chosen.min_speech * SAMPLE_RATE / FRAME + 1
    for loud, run in itertools.groupby(range(len(curve)), key=lambda at: bool(curve[at] >= chosen.threshold)):
        frames = list(run)
        if loud and len(frames) >= least:
            assert covered[frames[0] * FRAME : min(samples, (frames[-1] + 1) * FRAME)].all()


def test_speech_is_cut_in_its_pauses() -> None:
    curve = np.full(1000, 0.9, np.float32)  # 32 s
    curve[300:306] = 0.2
    found = stretches(curve, 0, 1000 * FRAME, ActivityOptions())
    assert [before.stop for before in found[:-1]] == [after.start for after in found[1:]]
    assert any(300 * FRAME <= stretch.stop <= 306 * FRAME for stretch in found)
    assert (found[0].start, found[-1].stop) == (0, 1000 * FRAME)


def test_a_click_is_no_speech() -> None:
    curve = np.zeros(200, np.float32)
    curve[100:102] = 0.99
    assert stretches(curve, 0, 200 * FRAME, ActivityOptions()) == []


@st.composite
def speech(draw: st.DrawFn) -> list[Stretch]:
    made, at = [], 0
    for silence, length in draw(
        st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 14 * SAMPLE_RATE)), max_size=20)
    ):
        made.append(Stretch(0, at + silence, at + silence + length))
        at += silence + length
    return made


@given(speech(), st.floats(14, 20), st.floats(0, 1))
def test_packing_loses_nothing_and_keeps_to_the_limit(
    said: list[Stretch], longest: float, gap: float
) -> None:
    windows = pack(said, longest, gap)
    assert [stretch for window in windows for stretch in window.stretches] == said
    assert all(window.samples <= longest * SAMPLE_RATE for window in windows)


def test_speech_beyond_the_limit_is_not_cut() -> None:
    long = Stretch(0, 0, 20 * SAMPLE_RATE)
    assert [window.stretches for window in pack([long], 14.0, 0.3)] == [(long,)]


@given(speech(), st.data())
def test_times_in_a_window_are_those_of_the_call(said: list[Stretch], data: st.DataObject) -> None:
    assume(said)
    window = data.draw(st.sampled_from(pack(said, 14.0, 0.3)))
    number = data.draw(st.integers(0, len(window.stretches) - 1))
    stretch = window.stretches[number]
    offset = sum(before.samples + window.gap for before in window.stretches[:number])
    share, width = data.draw(st.floats(0, 1)), data.draw(st.floats(0, 1))
    begin = stretch.samples * share
    end = begin + (stretch.samples - begin) * width
    start, stop = window.times((offset + begin) / SAMPLE_RATE, (offset + end) / SAMPLE_RATE)
    if window.gap > 0 or 0 < begin < end < stretch.samples:
        assert start == pytest.approx((stretch.start + begin) / SAMPLE_RATE, abs=1e-6)
        assert stop == pytest.approx((stretch.start + end) / SAMPLE_RATE, abs=1e-6)


@given(speech(), st.floats(-1, 20), st.floats(0, 3))
def test_any_time_falls_into_a_stretch(said: list[Stretch], start: float, length: float) -> None:
    for window in pack(said, 14.0, 0.3):
        begin, end = window.times(start, start + length)
        assert begin <= end
        assert any(
            stretch.start <= begin * SAMPLE_RATE + 0.01 and end * SAMPLE_RATE - 0.01 <= stretch.stop
            for stretch in window.stretches
        )


def test_a_window_sounds_like_its_stretches_with_silence_between() -> None:
    sound = np.arange(1, 41, dtype=np.float32)[None]
    [window] = pack([Stretch(0, 2, 5), Stretch(0, 30, 34)], 14.0, 2 / SAMPLE_RATE)
    assert window.sound(SoundInMemory(sound)).tolist() == [3, 4, 5, 0, 0, 31, 32, 33, 34]  # type: ignore[arg-type]


def test_blocks_of_a_long_recording_join_without_a_seam(long_speech: SoundInMemory) -> None:
    assert long_speech.samples > BLOCK
    in_one_pass = np.ravel(get_vad_model()(np.pad(long_speech.sound[0], (0, -long_speech.samples % FRAME))))
    assert np.allclose(speech_probabilities(long_speech, 0), in_one_pass, atol=1e-3)  # type: ignore[arg-type]


def test_nothing_is_said_in_nothing() -> None:
    nothing = SoundInMemory(np.zeros((1, 0), np.float32))
    assert speech_probabilities(nothing, 0).shape == (0,)  # type: ignore[arg-type]
    assert stretches(np.zeros(0, np.float32), 0, 0, ActivityOptions()) == []
