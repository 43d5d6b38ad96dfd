"""The command line inside the process of the tests; a real database and application, made once."""

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.engine import make_url

from service.app import create_app
from service.auth import passwords
from service.cli import main
from service.database import running, upgrade
from service.settings import Settings, load_settings
from tests.service.command import Outcome, Run
from tests.service.people import People

TEMPLATE = "template_ridealong"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Schemathesis names the tests of all operations alike; pytest-xdist would take them for one."""
    for item in items:
        if operation := getattr(item, "operation_label", None):
            item._id = item.id.with_params(operation)


@pytest.fixture
def ridealong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, which has the models loaded."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ridealong", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return Outcome(int(stop.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_the_machine() -> Iterator[None]:
    """Settings in the environment of whoever runs the tests are not theirs."""
    names = [n for n in os.environ if n.startswith("RIDEALONG_") and n != "RIDEALONG_TEST"]
    kept = {
        name: os.environ.pop(name) for name in [*names, "DATABASE_URL", "STORAGE_URL"] if name in os.environ
    }
    yield
    os.environ.update(kept)


@pytest.fixture(autouse=True, scope="session")
def quick_hashing() -> Iterator[Callable[[], PasswordHash]]:
    """Passwords are hashed as ever but in a thousandth of the work; yields what hashes outside of tests."""
    ordinary = passwords._hashing
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hashing", lambda: quick)
        passwords._of_nobody.cache_clear()
        yield ordinary
    passwords._of_nobody.cache_clear()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a PostgreSQL server: `TEST_DATABASE_URL`, or the embedded one in a folder of its own.

    Not in pytest's own folder: another session of pytest would take the rights to it from PostgreSQL's user.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with (
        TemporaryDirectory(prefix="ridealong-", ignore_cleanup_errors=True) as folder,
        running(load_settings(data=Path(folder))) as url,
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            # What a power cut would take with it is a test's anyway.
            for quick in ("fsync", "full_page_writes"):
                connection.execute(f"alter system set {quick} = off")
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """Name of a database with all tables and no rows; copies of it take milliseconds."""
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        upgrade(at(server, name))
        yield name
        connection.execute(f'drop database "{name}" with (force)')


def at(server: str, name: str) -> str:
    """The URL of another database of the server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database_url(server: str, template: str) -> Iterator[str]:
    """URL of an empty database of the test's own."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
        yield at(server, name)
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a service with a data folder of the test's own."""
    return load_settings(data=tmp_path / "data", database_url=database_url)


@pytest.fixture(scope="session")
def built() -> FastAPI:
    """The application; its routes take a second to build, so that is done once."""
    return create_app(load_settings(), "")


@pytest.fixture
def app(built: FastAPI, settings: Settings, database_url: str) -> FastAPI:
    """The application as it is served, with settings and a database of the test's own."""
    built.state.where = settings, database_url
    return built


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client that nobody is signed in with; the application runs as long as it."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def people(client: TestClient, database_url: str) -> Iterator[People]:
    """Makes people and clients that they are signed in with."""
    with People(client, database_url) as found:
        yield found
