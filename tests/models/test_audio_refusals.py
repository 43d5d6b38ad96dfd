import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.audio import SAMPLE_RATE, NoSpace, decode
from models.errors import CallError, UnreadableAudio
from tests.audio_files import (
    LOSSLESS,
    LOSSY,
    TELEPHONE,
    Encoding,
    picture_bytes,
    recording_bytes,
    speech_like,
    turn_taking,
    wav_header,
    write_recording,
    write_video_only,
)

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(path: Path, **options: float) -> str:
    with pytest.raises(UnreadableAudio) as caught:
        decode(path, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
    return message


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "calls.wav", "w") as archive:
        archive.writestr("call.txt", "hello")
    contents: dict[str, tuple[bytes, str]] = {
        "notes.mp3": (b"These are my notes of the call.\n" * 50, "text"),
        "photo.wav": (picture_bytes(), "JPEG"),
        "photo.m4a": (picture_bytes("png"), "PNG"),
        "offer.mp3": (b"%PDF-1.7\n" + bytes(2000), "PDF"),
        "noise.mp3": (np.random.default_rng(1).bytes(5000), "not a recording"),
        "nothing.wav": (b"", "0 bytes"),
    }
    for name, (content, expected) in contents.items():
        (tmp_path / name).write_bytes(content)
        message = refusal(tmp_path / name)
        assert message.startswith(f"{name}: ")
        assert expected in message
    assert "ZIP" in refusal(tmp_path / "calls.wav")


def test_playlists_never_make_other_files_be_read(tmp_path: Path) -> None:
    secret = write_recording(tmp_path / "secret.wav", speech_like(1.0))
    for content in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
        f"[playlist]\nFile1={secret}\n",
    ):
        path = tmp_path / "call.m3u8"
        path.write_text(content)
        assert "playlist" in refusal(path)


def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert "pipe" in refusal(tmp_path / "pipe.wav")
    assert "pipe or a device" in refusal(Path("/dev/zero"))
    assert "folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "missing.wav")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.wav", speech_like(1.0))
    path.chmod(0)
    assert "permission" in refusal(path)


def test_odd_names_keep_the_message_on_one_line(tmp_path: Path) -> None:
    for name in ("a\nb\x1b[31m.wav", "x" * 251 + ".wav", os.fsdecode(b"caf\xe9.wav"), "\u202egnp.wav"):
        (tmp_path / name).write_bytes(b"no recording")
        refusal(tmp_path / name).encode()
    assert "can't be opened" in refusal(tmp_path / ("y" * 300))
    assert refusal(Path("a\0b.wav"))


def test_a_picture_without_sound_is_said(tmp_path: Path) -> None:
    assert "no sound track" in refusal(write_video_only(tmp_path / "call.mp4"))


def test_encrypted_recordings_are_said(tmp_path: Path) -> None:
    key = {
        "encryption_key": "00112233445566778899aabbccddeeff",
        "encryption_kid": "ffeeddccbbaa99887766554433221100",
    }
    encrypted = Encoding("mp4", "aac", 64_000, container_options={"encryption_scheme": "cenc-aes-ctr", **key})
    assert "encrypted" in refusal(
        write_recording(tmp_path / "a.mp4", speech_like(2.0), SAMPLE_RATE, encrypted)
    )
    plain = write_recording(tmp_path / "b.mp4", speech_like(2.0), SAMPLE_RATE, LOSSY["m4a"]).read_bytes()
    for tag in (b"enca", b"drms", b"aavd"):
        (tmp_path / "b.mp4").write_bytes(plain.replace(b"mp4a", tag))
        assert "encrypted" in refusal(tmp_path / "b.mp4")


@pytest.mark.parametrize("name", ["wav-16", "flac", "mp3", "aiff", "mp4-fragments", "mkv-aac"])
def test_a_missing_end_is_a_warning_and_a_missing_half_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "call"
    whole = recording_bytes(speech_like(20.0), SAMPLE_RATE, {**LOSSLESS, **LOSSY}[name], tmp_path)
    path.write_bytes(whole[: len(whole) * 7 // 10])
    with decode(path) as audio:
        assert any("cut short" in warning for warning in audio.warnings)
        assert audio.duration == pytest.approx(14.0, abs=1.5)
    path.write_bytes(whole[: len(whole) * 3 // 10])
    assert "cut short" in refusal(path)
    path.write_bytes(whole)
    with decode(path) as audio:
        assert not audio.warnings


def test_an_mp4_whose_index_is_missing_is_said_to_be_cut_short(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.m4a", speech_like(5.0), SAMPLE_RATE, LOSSY["m4a"])
    path.write_bytes(path.read_bytes()[:-2000])
    assert "cut short" in refusal(path)


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F024])
def test_a_wav_whose_recorder_left_the_size_open_is_whole(tmp_path: Path, size: int) -> None:
    samples = (speech_like(3.0) * 32_000).astype("<i2").tobytes()
    (tmp_path / "call.wav").write_bytes(wav_header(SAMPLE_RATE, 1, data=size) + samples)
    with decode(tmp_path / "call.wav") as audio:
        assert audio.duration == 3.0
        assert not audio.warnings


@pytest.mark.parametrize("rate", [0, 1, 100, 1_000_000, 0x7FFF_FFFF, 0xFFFF_FFFF])
@pytest.mark.parametrize("channels", [1, 2])
def test_absurd_sample_rates_are_refused(tmp_path: Path, rate: int, channels: int) -> None:
    (tmp_path / "call.wav").write_bytes(wav_header(rate, channels) + bytes(32_000))
    refusal(tmp_path / "call.wav")


@pytest.mark.parametrize(
    ("channels", "bits", "tag"),
    [(0, 16, 1), (255, 16, 1), (65_535, 16, 1), (1, 0, 1), (1, 64, 3), (1, 16, 77)],
)
def test_absurd_headers_do_no_harm(tmp_path: Path, channels: int, bits: int, tag: int) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(wav_header(SAMPLE_RATE, channels, bits, tag=tag) + bytes(131_070))
    try:
        decode(path).close()
    except UnreadableAudio as problem:
        assert str(problem).isprintable()  # noqa: PT017


def test_a_header_without_sound_is_empty(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(wav_header(SAMPLE_RATE, 1, data=0))
    assert "empty" in refusal(tmp_path / "call.wav")


def test_samples_that_are_no_numbers_become_silence_or_an_error(tmp_path: Path) -> None:
    signal = speech_like(2.0, 8_000).astype("<f4")
    signal[[100, 5000]] = np.nan, np.inf
    header = wav_header(8_000, 1, 32, 4 * signal.size, tag=3)
    path = tmp_path / "call.wav"
    path.write_bytes(header + signal.tobytes())
    with decode(path) as audio:
        assert any("NaN" in warning for warning in audio.warnings)
        assert np.isfinite(audio.read(0)).all()
        assert np.abs(audio.read(0)).max() < 0.7
    signal[::10] = np.nan
    path.write_bytes(header + signal.tobytes())
    assert "NaN" in refusal(path)
    path.write_bytes(header + (speech_like(2.0, 8_000) * 1e30).astype("<f4").tobytes())
    with decode(path) as audio:
        assert np.abs(audio.read(0)).max() <= 1.0


def test_hours_of_silence_in_a_small_file_stop_at_the_limit(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.flac", np.zeros(8_000 * 60), 8_000, LOSSLESS["flac"], repeats=10)
    assert path.stat().st_size < 150_000
    assert "longer than 0.1 hours" in refusal(path, max_hours=0.1)
    decode(path, max_hours=0.2).close()


def test_silence_takes_no_room_on_disk(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.flac", np.zeros(8_000 * 60), 8_000, LOSSLESS["flac"], repeats=5)
    with decode(path, folder=tmp_path) as audio:
        assert audio.duration == 300.0
        assert not audio.read(0).any()
        handles = [handle for handle in Path("/proc/self/fd").iterdir() if handle.exists()]
        spools = [handle for handle in handles if str(tmp_path) in str(handle.readlink())]
        assert len(spools) == 1
        assert spools[0].stat().st_size == 2 * audio.samples
        assert spools[0].stat().st_blocks == 0


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    path = write_recording(tmp_path / "call.wav", speech_like(2.0))
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115, PTH123
    with pytest.raises(NoSpace, match="disk is full"):
        decode(path)


def test_a_spool_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.wav", speech_like(1.0))
    with pytest.raises(NoSpace, match="nowhere"):
        decode(path, folder=tmp_path / "nowhere")


@pytest.mark.parametrize("length", [44, 1])
def test_nothing_stays_open_after_an_error(tmp_path: Path, length: int) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(wav_header(SAMPLE_RATE, 1)[:length])
    before = len(list(Path("/proc/self/fd").iterdir()))
    refusal(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_libav_keeps_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = bytearray(recording_bytes(speech_like(5.0), SAMPLE_RATE, LOSSY["mp3"], tmp_path))
    whole[3000:9000] = np.random.default_rng(2).bytes(6000)
    (tmp_path / "call.mp3").write_bytes(whole)
    decode(tmp_path / "call.mp3").close()
    assert capfd.readouterr() == ("", "")


def _harmless(path: Path) -> None:
    try:
        with decode(path, max_hours=0.5) as audio:
            assert np.isfinite(audio.read(0)).all()
            assert audio.samples > 0
    except CallError as problem:
        assert str(problem).isprintable()  # noqa: PT017


@settings(relaxed, max_examples=60)
@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"RIFF\0\0\0\0WAVEfmt ", b"ID3\4", b"fLaC", b"OggS", b"\0\0\0\x20ftypM4A "]),
)
def test_random_bytes_do_no_harm(tmp_path: Path, content: bytes, head: bytes) -> None:
    path = tmp_path / "call"
    path.write_bytes(head + content)
    _harmless(path)


MUTATED = [
    "wav-16",
    "wav-float",
    "flac",
    "mp3",
    "ogg-opus",
    "ogg-vorbis",
    "m4a",
    "webm-opus",
    "wav-ima-adpcm",
    "wma",
]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    kinds = {**LOSSLESS, **LOSSY, **TELEPHONE}
    folder = tmp_path_factory.mktemp("recordings")
    return {name: recording_bytes(turn_taking(1.0), SAMPLE_RATE, kinds[name], folder) for name in MUTATED}


@settings(relaxed, max_examples=25)
@pytest.mark.parametrize("name", MUTATED)
@given(data=st.data())
def test_damaged_recordings_do_no_harm(
    tmp_path: Path, recordings: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    content = bytearray(recordings[name])
    # Headers are where damage does the oddest things, so half of it goes there.
    places = st.one_of(st.integers(0, min(1000, len(content) - 1)), st.integers(0, len(content) - 1))
    if name == "m4a":
        places = st.one_of(places, st.integers(len(content) - 1200, len(content) - 1))
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        content[place] = value
    kept = data.draw(st.one_of(st.just(len(content)), st.integers(1, len(content))))
    path = tmp_path / "call"
    path.write_bytes(content[:kept])
    _harmless(path)
