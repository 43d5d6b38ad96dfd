"""A backup holds database and recordings, says when it is damaged, and replaces nothing unasked."""

import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from service.backup import backup, restore, verify
from service.dumps import BackupError
from service.settings import Settings, load_settings
from tests.audio_files import turn_taking, write_recording
from tests.service.calls.working import drain, recorded, written
from tests.service.conftest import at
from tests.service.people import People

TABLES = ("team", "person", "call", "stage", "scoring", "draft", "passage", "finding", "recording", "audit")


@pytest.fixture
def place(server: str, tmp_path: Path) -> Iterator[Settings]:
    """Another service: an empty database and an empty folder."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        yield load_settings(data=tmp_path / "other", database_url=at(server, name))
        connection.execute(f'drop database "{name}" with (force)')


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f'select "{table}"::text from "{table}" order by 1').fetchall()
            for table in TABLES
        }


def copy(settings: Settings, url: str, target: Path) -> None:
    """A backup; the test's own connections are no service at work."""
    assert backup(settings, url, target).missing == ()


@pytest.fixture
def full(people: People, settings: Settings, database_url: str, tmp_path: Path) -> Path:
    """A backup of a service with an analysed call and a recording."""
    written(people)
    drain(settings, database_url)
    sound = write_recording(tmp_path / "call.wav", turn_taking(2.0))
    recorded(people, settings, sound)
    copy(settings, database_url, tmp_path / "ridealong.tar")
    return tmp_path / "ridealong.tar"


def test_a_backup_comes_back_whole(
    full: Path, place: Settings, settings: Settings, database_url: str
) -> None:
    assert place.database_url is not None
    assert verify(full).recordings == 1
    restore(place, place.database_url, full)
    assert rows(place.database_url) == rows(database_url)
    was = {
        path.name: path.read_bytes() for path in (settings.data / "recordings").rglob("*") if path.is_file()
    }
    now = {path.name: path.read_bytes() for path in (place.data / "recordings").rglob("*") if path.is_file()}
    assert now == was != {}
    for guarded in ("audit", "scoring"):
        with psycopg.connect(place.database_url) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(f"truncate {guarded} cascade")
    drain(place, place.database_url)  # the job that waited is done there
    with psycopg.connect(place.database_url) as connection:
        assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)


def test_what_is_there_is_replaced_only_when_asked(full: Path, place: Settings) -> None:
    assert place.database_url is not None
    restore(place, place.database_url, full)
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute("update team set name = name || ' changed'")
    with pytest.raises(BackupError, match="isn't empty; use --force"):
        restore(place, place.database_url, full)
    restore(place, place.database_url, full, force=True)
    with psycopg.connect(place.database_url) as connection:
        assert connection.execute("select count(*) from team where name like '% changed'").fetchone() == (0,)


def test_a_service_at_work_is_left_alone(
    full: Path, people: People, settings: Settings, database_url: str
) -> None:
    with pytest.raises(BackupError, match="in use; stop the service"):
        restore(settings, database_url, full, force=True)


def test_damage_is_found_before_anything_is_touched(full: Path, place: Settings, tmp_path: Path) -> None:
    assert place.database_url is not None
    whole = full.read_bytes()
    with tarfile.open(full) as archive:
        entry = next(one for one in archive if one.name.startswith("recordings/"))
    broken = tmp_path / "broken.tar"
    flipped = bytearray(whole)
    flipped[entry.offset_data + 100] ^= 1
    for content in (bytes(flipped), whole[: len(whole) // 2], b"no backup at all"):
        broken.write_bytes(content)
        with pytest.raises(BackupError, match=r"broken\.tar"):
            restore(place, place.database_url, broken)
    with psycopg.connect(place.database_url) as connection:
        assert connection.execute(
            "select count(*) from pg_tables where schemaname = 'public'"
        ).fetchone() == (0,)


def test_a_lost_recording_is_named(full: Path, settings: Settings, database_url: str, tmp_path: Path) -> None:
    [lost] = [path for path in (settings.data / "recordings").rglob("*") if path.is_file()]
    lost.unlink()
    made = backup(settings, database_url, tmp_path / "second.tar")
    assert [key.rsplit("/", 1)[1] for key in made.missing] == [lost.name]
    assert verify(tmp_path / "second.tar").missing == made.missing
