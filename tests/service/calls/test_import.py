"""`ridealong import`: a folder of recordings and a CSV, from this machine's disk."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import CallError
from service.cli_import import import_calls
from service.settings import Settings
from tests.service.calls.house import House, furnished
from tests.service.calls.recordings import TRANSCRIPTS, wav
from tests.service.people import People

app = typer.Typer()
app.command("import")(import_calls)


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIDEALONG_DATA", str(settings.data))
    monkeypatch.setenv("RIDEALONG_DATABASE_URL", database_url)
    calls = tmp_path / "calls"
    calls.mkdir()
    (calls / "a.wav").write_bytes(wav(seed=1))
    (calls / "b.txt").write_bytes(TRANSCRIPTS["call.txt"])
    return calls


def test_a_folder_becomes_calls_once(house: House, folder: Path) -> None:
    told = ["--by", "mona@example.com", "--rep", "ines@example.com", "--consent", "contract"]
    first = CliRunner().invoke(app, [str(folder), *told])
    assert first.exit_code == 0, first.output
    assert [line.split()[1:] for line in first.output.splitlines()] == [
        ["queued", "a.wav"],
        ["queued", "b.txt"],
    ]
    again = CliRunner().invoke(app, [str(folder), *told])
    assert again.output.count("known already") == 2
    rows = house.people.sql("select rep_id, uploaded_by, consent from call")
    assert rows == [(house.rep, house.manager, "contract")] * 2


def test_faults_are_told_by_line_and_nothing_is_taken(house: House, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("file,rep,consent\na.wav,ines@example.com,contract\nb.txt,nobody@example.com,contract\n")
    result = CliRunner().invoke(app, [str(folder), "--csv", str(table), "--by", "mona@example.com"])
    assert result.exit_code == 2
    assert "line 3, column rep, b.txt" in result.stderr
    assert house.people.sql("select count(*) from call")[0][0] == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--by", "gone@example.com"], "--by=gone@example.com"),
        (["--by", "mona@example.com", "--consent", "perhaps"], "consent"),
        (["--by", "mona@example.com", "--csv", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_a_wrong_option_is_one_line(house: House, folder: Path, options: list[str], says: str) -> None:
    result = CliRunner().invoke(app, [str(folder), *options])
    assert isinstance(result.exception, CallError)
    assert says in str(result.exception)
