"""A backup of older tables is brought up to this version; one of newer tables is refused untouched."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from service.backup import backup, restore
from service.database import alembic_config, upgrade
from service.dumps import BackupError
from service.revision import check_tables
from service.settings import Settings, load_settings
from tests.service.conftest import at

NEWER = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9001", "{head}", None, None
def upgrade() -> None:
    op.add_column("team", sa.Column("motto", sa.Text, nullable=False, server_default="none yet"))
    op.execute("update team set motto = 'we are ' || name")
"""


@pytest.fixture
def places(server: str, tmp_path: Path) -> Iterator[list[Settings]]:
    """Two services without tables."""
    names = [f"versions_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f'create database "{name}"')
        yield [load_settings(data=tmp_path / name, database_url=at(server, name)) for name in names]
        for name in names:
            connection.execute(f'drop database "{name}" with (force)')


def url(place: Settings) -> str:
    assert place.database_url is not None
    return place.database_url


def newer(place: Settings, folder: Path) -> Config:
    """Alembic's settings of a version that has one migration more."""
    folder.mkdir()
    (folder / "9001_mottos.py").write_text(NEWER.format(head=head(place)))
    config = alembic_config(url(place))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"service:migrations/versions\n{folder}")
    return config


def head(place: Settings) -> str:
    upgrade(url(place))
    return check_tables(url(place))


def test_a_backup_of_older_tables_is_brought_up(places: list[Settings], tmp_path: Path) -> None:
    old, new = places
    upgrade(url(old), "0001")
    team = uuid.uuid4()
    with psycopg.connect(url(old), autocommit=True) as connection:
        connection.execute("insert into team (id, name) values (%s, 'Sales')", (team,))
    assert backup(old, url(old), tmp_path / "old.tar").revision == "0001"
    restore(new, url(new), tmp_path / "old.tar")
    upgrade(url(new))
    check_tables(url(new))
    with psycopg.connect(url(new), autocommit=True) as connection:
        assert connection.execute("select id, name from team").fetchall() == [(team, "Sales")]
        assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
            connection.execute("truncate audit")


def test_a_newer_version_takes_a_backup_of_this_one_and_not_the_other_way(
    places: list[Settings], tmp_path: Path
) -> None:
    ours, theirs = places
    later = newer(theirs, tmp_path / "later")
    upgrade(url(ours))
    with psycopg.connect(url(ours), autocommit=True) as connection:
        connection.execute("insert into team (id, name) values (%s, 'Sales')", (uuid.uuid4(),))
    backup(ours, url(ours), tmp_path / "ours.tar")
    restore(theirs, url(theirs), tmp_path / "ours.tar")
    command.upgrade(later, "head")
    with psycopg.connect(url(theirs)) as connection:
        assert connection.execute("select motto from team").fetchall() == [("we are Sales",)]

    backup(theirs, url(theirs), tmp_path / "theirs.tar")
    with pytest.raises(BackupError, match=r"theirs\.tar: made by a newer version .* revision 9001") as told:
        restore(ours, url(ours), tmp_path / "theirs.tar", force=True)
    assert "\n" not in str(told.value)
    with psycopg.connect(url(ours)) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() != ("9001",)
        assert connection.execute("select name from team").fetchall() == [("Sales",)]


def test_without_tables_there_is_nothing_to_back_up(places: list[Settings], tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        backup(places[0], url(places[0]), tmp_path / "empty.tar")
    assert list(tmp_path.glob("*.tar*")) == []
