"""Files of the service's own aren't copied on the same disk; those of others are, lest they change later."""

import asyncio
from pathlib import Path

import pytest

from service.settings import load_settings
from service.storage import Storage

KEY = "recordings/team/ab/abcd"


def stored(tmp_path: Path, *, ours: bool) -> tuple[Path, Path]:
    """The file that was given, and where it lies in storage."""
    given = tmp_path / "given"
    given.write_bytes(b"words" * 1000)
    storage = Storage(load_settings(data=tmp_path / "data"))
    asyncio.run(storage.put_file(KEY, given, ours=ours))
    return given, tmp_path / "data" / "recordings" / KEY


def test_one_of_ours_gets_a_second_name(tmp_path: Path) -> None:
    given, lies = stored(tmp_path, ours=True)
    assert given.stat().st_ino == lies.stat().st_ino
    given.unlink()
    assert lies.read_bytes() == b"words" * 1000
    assert [path.name for path in lies.parent.iterdir()] == [lies.name]


def test_what_somebody_else_writes_to_is_copied(tmp_path: Path) -> None:
    given, lies = stored(tmp_path, ours=False)
    given.write_bytes(b"other")
    assert lies.read_bytes() == b"words" * 1000


def test_where_files_have_one_name_only_they_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no such names here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    given, lies = stored(tmp_path, ours=True)
    assert given.stat().st_ino != lies.stat().st_ino
    assert lies.read_bytes() == given.read_bytes()
