"""Recordings for tests, made on the spot: signals with numpy, files with PyAV."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

_PACKED = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a recording is written: libav's names of container and encoder, and options of either."""

    container: str
    codec: str
    bit_rate: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    container_options: dict[str, str] = field(default_factory=dict)


WAV = Encoding("wav", "pcm_s16le")
LOSSLESS = {
    "wav-8": Encoding("wav", "pcm_u8"),
    "wav-16": WAV,
    "wav-24": Encoding("wav", "pcm_s24le"),
    "wav-32": Encoding("wav", "pcm_s32le"),
    "wav-float": Encoding("wav", "pcm_f32le"),
    "wav-double": Encoding("wav", "pcm_f64le"),
    "wav64": Encoding("w64", "pcm_s16le"),
    "aiff": Encoding("aiff", "pcm_s16be"),
    "au": Encoding("au", "pcm_s16be"),
    "caf": Encoding("caf", "pcm_s16le"),
    "flac": Encoding("flac", "flac"),
    "ogg-flac": Encoding("ogg", "flac"),
    "m4a-alac": Encoding("ipod", "alac"),
    "mov-pcm": Encoding("mov", "pcm_s16le"),
}
TELEPHONE = {
    "wav-ulaw": Encoding("wav", "pcm_mulaw"),
    "wav-alaw": Encoding("wav", "pcm_alaw"),
    "au-ulaw": Encoding("au", "pcm_mulaw"),
    "wav-ima-adpcm": Encoding("wav", "adpcm_ima_wav"),
    "amr": Encoding("amr", "libopencore_amrnb", 12_200),
}
LOSSY = {
    "mp3": Encoding("mp3", "libmp3lame", 64_000),
    "m4a": Encoding("ipod", "aac", 64_000),
    "mp4": Encoding("mp4", "aac", 64_000),
    "mp4-fragments": Encoding(
        "mp4", "aac", 64_000, container_options={"movflags": "frag_keyframe+empty_moov+delay_moov"}
    ),
    "ogg-opus": Encoding("ogg", "libopus", 32_000),
    "ogg-vorbis": Encoding("ogg", "vorbis", 64_000, {"strict": "-2"}),
    "webm-opus": Encoding("webm", "libopus", 32_000),
    "mkv-aac": Encoding("matroska", "aac", 64_000),
    "wma": Encoding("asf", "wmav2", 64_000),
}


def speech_like(seconds: float, rate: int = 16_000, *, seed: int = 0, pitch: float = 130.0) -> Signal:
    """A voiced signal, shape (samples,): harmonics under a syllable rhythm, with pauses, peak about 0.5.

    The rhythm is drawn from `seed`, so two seeds make two voices that do not speak in step.
    """
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    slots = random.random(int(seconds * 5) + 2)
    loudness = np.where(slots < 0.3, 0.0, slots)
    envelope = np.interp(t * 5, np.arange(slots.size), loudness) ** 2
    wave = 2 * np.pi * 0.7
    phase = 2 * np.pi * pitch * (t - 0.1 * np.cos(wave * t + seed) / wave)  # the pitch sways by a tenth
    top = min(3200.0, 0.4 * rate)
    harmonics = range(1, max(2, int(top / (pitch * 1.15))))
    voice = sum(np.sin(k * phase + k * k * (1 + seed)) / k**0.7 for k in harmonics)
    voice = np.asarray(voice) * envelope
    return (0.5 * voice / max(float(np.abs(voice).max()), 1e-9)).astype(np.float32)


def turn_taking(seconds: float, rate: int = 16_000, *, turn: float = 3.0, seed: int = 0) -> Signal:
    """Two people who speak in turn, shape (2, samples): one a row, silent while the other speaks."""
    one = speech_like(seconds, rate, seed=2 * seed + 1, pitch=110.0)
    other = speech_like(seconds, rate, seed=2 * seed + 2, pitch=205.0)
    first = (np.arange(one.size) // int(turn * rate)) % 2 == 0
    return np.stack([np.where(first, one, 0), np.where(first, 0, other)]).astype(np.float32)


def write_recording(
    path: Path,
    signal: NDArray[np.floating],
    rate: int = 16_000,
    encoding: Encoding = WAV,
    *,
    start: float = 0.0,
    gap: tuple[float, float] | None = None,
    video: bool = False,
    repeats: int = 1,
) -> Path:
    """Write `signal`, shape (samples,) or (channels, samples) in -1..1, as an audio file.

    Gives the path back. `start` is the time stamp of the first sample in seconds; `gap` (at, length) leaves
    time stamps out from `at` on, both in seconds, as a recorder does that lost its input.
    The signal is written `repeats` times over.
    """
    channels = np.atleast_2d(np.asarray(signal, dtype=np.float64))
    with av.open(
        str(path), "w", format=encoding.container, container_options=encoding.container_options
    ) as out:
        stream = out.add_stream(encoding.codec, rate=rate, options=encoding.options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = _layout(len(channels))
        if encoding.bit_rate:
            stream.bit_rate = encoding.bit_rate
        picture = _add_video(out) if video else None
        offset = round(start * rate)
        for frame in _frames(channels, rate, _sample_format(stream), repeats):
            at = int(frame.pts or 0)
            late = round(gap[1] * rate) if gap and at >= round(gap[0] * rate) else 0
            frame.pts = at + offset + late
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if picture is not None:
            _write_video(out, picture, channels.shape[1] / rate)
    return path


def write_video_only(path: Path, seconds: float = 1.0) -> Path:
    """Write an mp4 that has a picture and no sound; gives the path back."""
    with av.open(str(path), "w", format="mp4") as out:
        _write_video(out, _add_video(out), seconds)
    return path


def wav_header(rate: int, channels: int, bits: int = 16, data: int = 32_000, tag: int = 1) -> bytes:
    """The 44 bytes before the samples of a wav file, saying whatever they are told to say."""
    align = channels * bits // 8
    layout = struct.pack("<HHIIHH", tag, channels, rate, (rate * align) & 0xFFFFFFFF, align & 0xFFFF, bits)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + data & 0xFFFFFFFF)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + layout
        + (b"data" + struct.pack("<I", data & 0xFFFFFFFF))
    )


def recording_bytes(signal: NDArray[np.floating], rate: int, encoding: Encoding, folder: Path) -> bytes:
    """The bytes of the file that `write_recording` makes."""
    return write_recording(folder / "recording", signal, rate, encoding).read_bytes()


def picture_bytes(kind: str = "mjpeg") -> bytes:
    """A small jpeg ("mjpeg") or png ("png") picture."""
    target = io.BytesIO()
    with av.open(target, "w", format="image2pipe") as out:
        stream = out.add_stream(kind, rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = 64, 64
        stream.pix_fmt = "yuvj420p" if kind == "mjpeg" else "rgb24"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        out.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        out.mux(stream.encode(None))
    return target.getvalue()


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 6: "5.1"}[channels]


def _sample_format(stream: av.AudioStream) -> str:
    formats = stream.codec_context.codec.audio_formats or []
    return formats[0].name if formats else "s16"


def _frames(
    channels: NDArray[np.float64], rate: int, sample_format: str, repeats: int
) -> Iterator[av.AudioFrame]:
    packed = sample_format.removesuffix("p")
    dtype = np.dtype(_PACKED[packed])
    values = channels
    if dtype.kind in "iu":
        top = float(2 ** (8 * dtype.itemsize - 1))
        values = np.clip(np.round(channels * top), -top, top - 1) + (top if dtype.kind == "u" else 0)
    values = values.astype(dtype)
    length = values.shape[1]
    for begin in range(0, repeats * length, length):
        for at in range(0, length, 1024):
            part = values[:, at : at + 1024]
            planar = sample_format.endswith("p")
            array = np.ascontiguousarray(part) if planar else np.ascontiguousarray(part.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(array, format=sample_format, layout=_layout(len(channels)))
            frame.sample_rate = rate
            frame.pts = begin + at
            frame.time_base = Fraction(1, rate)
            yield frame


def _add_video(out: av.container.OutputContainer) -> av.VideoStream:
    stream = out.add_stream("mpeg4", rate=10)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
    return stream


def _write_video(out: av.container.OutputContainer, stream: av.VideoStream, seconds: float) -> None:
    for index in range(max(1, int(seconds * 10))):
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index % 256, np.uint8), format="rgb24")
        frame.pts = index
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
