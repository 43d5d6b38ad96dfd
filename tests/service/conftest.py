"""The command line, run inside the process of the tests."""

import sys
from pathlib import Path

import pytest

from service.cli import main
from tests.service.command import Outcome, Run


@pytest.fixture
def ridealong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, which has the models loaded."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ridealong", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return Outcome(int(stop.value.code or 0), *capsys.readouterr())

    return run
