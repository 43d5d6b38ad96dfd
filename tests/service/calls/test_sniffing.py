"""Recordings are known by their content, whatever they are called."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.calls.receiving import file_name, size_shown
from service.calls.sniffing import HEAD, sniff
from tests.audio_files import LOSSLESS, LOSSY, TELEPHONE, Encoding, write_recording

KINDS = {
    "wav-16": "audio/wav",
    "wav-float": "audio/wav",
    "wav-ulaw": "audio/wav",
    "flac": "audio/flac",
    "ogg-flac": "audio/ogg",
    "ogg-opus": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "m4a-alac": "audio/mp4",
    "mp4": "video/mp4",
    "mp4-fragments": "video/mp4",
    "webm-opus": "video/webm",
    "mkv-aac": None,
    "aiff": None,
    "wma": None,
    "au": None,
}
ENCODINGS: dict[str, Encoding] = {**LOSSLESS, **LOSSY, **TELEPHONE}


@pytest.mark.parametrize("name", KINDS)
def test_what_encoders_write_is_known(tmp_path: Path, name: str) -> None:
    path = write_recording(tmp_path / "x", np.zeros(16_000, np.float32), encoding=ENCODINGS[name])
    with path.open("rb") as file:
        assert sniff(file.read(HEAD)) == KINDS[name]


def test_an_mp3_without_a_tag_is_known(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "x", np.zeros(16_000, np.float32), encoding=LOSSY["mp3"])
    content = path.read_bytes()
    tag = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    assert sniff(content[tag : tag + HEAD]) == "audio/mpeg"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\xff\xf1\x50\x80",
        b"<html>",
    ],
)
def test_other_files_are_not_taken_for_recordings(head: bytes) -> None:
    assert sniff(head + b"\0" * 100) is None


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_at(head: bytes) -> None:
    sniff(head)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\calls\\north wind.wav", "north wind.wav"),
        ("", "recording"),
        ("a\n\u202fb\x07.wav", "a b�.wav"),
    ],
)
def test_a_name_is_shown_without_folders_on_one_line(given_name: str, shown: str) -> None:
    assert file_name(given_name) == shown


@given(st.text())
def test_a_name_can_be_a_files(given_name: str) -> None:
    name = file_name(given_name)
    assert 0 < len(name) <= 150
    assert "/" not in name
    assert name.isprintable()


def test_sizes_in_words() -> None:
    sizes = (12, 2048, 2 * 1024**3, 1_500_000)
    assert [size_shown(size) for size in sizes] == ["12 bytes", "2 kB", "2 GB", "1.4 MB"]
