"""The same code on an S3 endpoint, and on a PostgreSQL server as a distribution ships it."""

import asyncio
import contextlib
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient

from service.app import API, create_app
from service.backup import backup, restore
from service.database import upgrade
from service.revision import check_tables
from service.settings import Settings, load_settings
from service.storage import Storage, StorageUnreachable
from tests.service.calls.house import furnished
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.people import People

BUCKET = "recordings"
PATIENCE = 60.0  # seconds for a server to answer
ROOT = Path(__file__).parents[2]
# Full text, JSON, arrays, triggers, locks, the queue: what could need a newer server.
ON_POSTGRESQL = (
    "tests/service/test_foundation.py",
    "tests/service/test_operations.py",
    "tests/service/search",
    "tests/service/calls/test_listing.py",
    "tests/service/auth/test_audit.py",
)
OLDEST_SERVER = 14


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found: int = listening.getsockname()[1]
        return found


def wait_for(answers: Callable[[], object], process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server that was started answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            answers()
        except (httpx.TransportError, psycopg.OperationalError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 endpoint with a bucket: moto's server, as a process."""
    log = tmp_path_factory.mktemp("s3") / "log"
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: httpx.get(address), process, log)
        assert httpx.put(f"{address}/{BUCKET}").status_code == 200
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def on_s3(endpoint: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a service that keeps its recordings there, below a prefix of the test's own."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return settings.model_copy(update={"storage_url": f"s3://{BUCKET}/{uuid.uuid4().hex}"})


def test_files_in_s3_are_written_in_pieces_read_in_ranges_and_deleted(
    on_s3: Settings, tmp_path: Path
) -> None:
    content = random.Random(1).randbytes(12_000_000)  # noqa: S311 - more than one part of an upload
    path = tmp_path / "call.wav"
    path.write_bytes(content)

    async def go() -> None:
        storage = Storage(on_s3)
        assert await storage.check() == on_s3.storage_url
        await storage.put_file("recordings/a", path)
        assert await storage.size("recordings/a") == len(content)
        assert [key async for key, _ in storage.keys("recordings")] == ["recordings/a"]
        assert b"".join([piece async for piece in storage.read("recordings/a")]) == content
        part = [piece async for piece in storage.read("recordings/a", 5_000_000, 7_500_000)]
        assert b"".join(part) == content[5_000_000:7_500_000]
        await storage.fetch("recordings/a", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == content
        await storage.delete("recordings/a")
        await storage.delete("recordings/a")
        assert await storage.size("recordings/a") is None
        with pytest.raises(FileNotFoundError):
            _ = [piece async for piece in storage.read("recordings/a")]

    asyncio.run(go())


def test_a_bucket_that_is_not_there_is_told(on_s3: Settings) -> None:
    nowhere = on_s3.model_copy(update={"storage_url": "s3://no-such-bucket"})
    with pytest.raises(StorageUnreachable, match="s3://no-such-bucket"):
        asyncio.run(Storage(nowhere).check())


def test_a_call_lives_in_s3_from_upload_to_deletion(on_s3: Settings, database_url: str) -> None:
    content = wav(seconds=2)
    with (
        TestClient(create_app(on_s3, database_url), raise_server_exceptions=False) as client,
        People(client, database_url) as people,
    ):
        house = furnished(people)
        rep = house.as_("rep")
        sent = rep.post(f"{API}/calls", files=sending(content), data=WHAT)
        assert sent.status_code == 201, sent.text
        call = sent.json()["call"]["id"]
        key = people.sql("select key from recording")[0][0]
        assert asyncio.run(Storage(on_s3).size(key)) == len(content)
        heard = rep.get(f"{API}/calls/{call}/audio", headers={"Range": "bytes=100-299"})
        assert (heard.status_code, heard.content) == (206, content[100:300])
        assert client.get("/ready").json()["storage"] == "ok"
        assert house.as_("manager").delete(f"{API}/calls/{call}").status_code == 204
        assert asyncio.run(Storage(on_s3).size(key)) is None


def installed_postgresql() -> Path | None:
    """The folder of a PostgreSQL server's programs, the newest that the system has installed."""
    on_path = shutil.which("postgres")
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
    )
    return found[-1] if found else Path(on_path).resolve().parent if on_path else None


def somebody() -> str | None:
    """A user that isn't root, to run the server as; None where this process isn't root either."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@pytest.fixture(scope="module")
def installed_server() -> Iterator[str]:
    """URL of the system's PostgreSQL, started on a folder of its own."""
    programs = installed_postgresql()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt install postgresql)")
    user = somebody()
    folder = Path(tempfile.mkdtemp())  # not pytest's: only its owner may enter that
    if user:
        shutil.chown(folder, user)
    port = free_port()
    options = ["-D", str(folder / "data")]
    process = None
    log = folder / "log"
    try:
        subprocess.run(
            [programs / "initdb", *options, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        with log.open("wb") as out:
            process = subprocess.Popen(
                [programs / "postgres", *options, "-p", str(port), "-k", str(folder), "-c", "fsync=off"],
                user=user,
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        wait_for(lambda: psycopg.connect(url).close(), process, log)
        yield url
    finally:
        if process is not None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backup_of_the_embedded_database_moves_to_the_installed_one(
    installed_server: str, people: People, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    team = people.team()
    people.call(team, people.person("Rita", rep=team), title="SET transaction_timeout = 0;")
    made = backup(settings, database_url, tmp_path / "laptop.tar")
    place = load_settings(data=tmp_path / "company", database_url=installed_server)
    restore(place, installed_server, tmp_path / "laptop.tar")
    upgrade(installed_server)
    assert check_tables(installed_server) == made.revision
    with psycopg.connect(installed_server, autocommit=True) as connection:
        assert connection.execute("select title from call").fetchall() == [("SET transaction_timeout = 0;",)]
        connection.execute("drop schema public cascade; create schema public")


def test_the_service_works_on_the_installed_postgresql(installed_server: str, tmp_path: Path) -> None:
    with psycopg.connect(installed_server) as connection:
        assert connection.info.server_version // 10_000 >= OLDEST_SERVER
    ran = subprocess.run(
        # A folder of its own: pytest would close the one that the outer tests' database lies in.
        [sys.executable, "-m", "pytest", "-q", f"--basetemp={tmp_path / 'inner'}", *ON_POSTGRESQL],
        env={**os.environ, "TEST_DATABASE_URL": installed_server},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-5000:]
