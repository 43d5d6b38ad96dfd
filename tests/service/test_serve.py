"""`ridealong serve` and the other commands of the service, as processes."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from models.errors import CallError
from service.doctor import check_clock, disk_room
from service.revision import check_tables
from service.serve import listening
from service.settings import load_settings
from service.worker import _remove_left_behind
from tests.service.calls.working import TEXT
from tests.service.command import Run
from tests.service.processes import Service, eventually


def test_it_starts_works_and_stops(tmp_path: Path) -> None:
    with Service(tmp_path / "data") as service:
        link = "Make the first administrator's account at http"
        eventually(lambda: True if link in service.said() else None, "the link")
        opened = re.search(r"account at (http\S+/invitation/(\S+))", service.said())
        assert opened is not None
        assert httpx.get(opened[1], timeout=60).status_code == 200
        client, team, rep = service.manager()
        answer = client.post(
            "/calls",
            files={"file": ("call.txt", TEXT.encode())},
            data={"team": str(team), "rep": str(rep), "consent": "synthetic"},
        )
        call = answer.json()["call"]["id"]
        with client.stream("GET", f"/calls/{call}/events") as stream:
            lines = [line for line in stream.iter_lines() if line.startswith("event:")]
        assert lines[-1] == "event: end"
        assert client.get(f"/calls/{call}/progress").json()["state"] == "done"
        web, worker = service.processes("service.web"), service.processes("service.worker")
        assert service.stop() == 0
        assert not any(process.is_running() for process in [*web, *worker])
        assert service.postmaster() is None
        said = service.said()
        service.start()
        assert "first administrator" not in service.said()
    assert "request" in said
    assert "stage done" in said
    assert said.count(opened[2]) == 1, "only where it is handed out"
    for words in ("patients", "voicemail", "call.txt", "Rita", "example.com"):
        assert words not in said


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with listening(load_settings(data=tmp_path, port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CallError, match=f"127.0.0.1:{port} can't be listened on"):
            listening(load_settings(data=tmp_path, port=port))


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *arguments],
        env={**os.environ, "RIDEALONG_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_database_and_backup_by_command(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "ridealong.tar"
    upgraded = command(data, "db", "upgrade")
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    assert command(data, "backup", str(file)).stdout == f"{file}: the database and 0 recordings\n"
    restored = command(tmp_path / "other", "restore", str(file))
    assert restored.stdout.startswith("restored: the database and 0 recordings"), restored.stderr


def test_settings_are_shown_and_a_wrong_backup_is_refused(
    ridealong: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    data = tmp_path / "data"
    for name, value in {"DATA": data, "OIDC_CLIENT_SECRET": "hush", "DATABASE_URL": database_url}.items():
        monkeypatch.setenv(f"RIDEALONG_{name}", str(value))
    shown = ridealong("settings").out
    assert f"{data}  (RIDEALONG_DATA)" in shown
    assert "hush" not in shown
    wrong = ridealong("restore", tmp_path / "nothing.tar")
    assert wrong.status == 2
    assert wrong.err.startswith(f"ridealong: {tmp_path / 'nothing.tar'}: can't be read as a backup")


def test_tables_of_another_version_are_refused(server: str) -> None:
    with pytest.raises(CallError, match="run: ridealong db upgrade"):
        check_tables(server)


def test_the_doctor_knows_clocks_and_disks(tmp_path: Path) -> None:
    check_clock(1000.0, 1003.0)
    with pytest.raises(CallError, match=r"-60 s off .* NTP"):
        check_clock(1000.0, 1060.0)
    assert disk_room(load_settings(data=tmp_path / "not" / "yet")).endswith("GB free")


def test_what_a_killed_worker_unpacked_is_removed(tmp_path: Path) -> None:
    host = socket.gethostname()
    dead, alive = tmp_path / f"{host}-999999999-x", tmp_path / f"{host}-{os.getppid()}-x"
    namesake, other = tmp_path / f"{host}-{os.getpid()}-x", tmp_path / "elsewhere-1-x"
    for folder in (dead, alive, namesake, other):
        folder.mkdir()
    _remove_left_behind(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {alive.name, other.name}
