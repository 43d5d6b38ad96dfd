"""An old result by today's scorer: a new document, with before and after; the old one stays as it is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app

RUN = CliRunner()
TALK = [
    ("rep", "thanks for the time today how do you plan the routes at the moment"),
    ("buyer", "on paper mostly it takes us about five hours every week"),
    ("rep", "and what does that cost you when a driver calls in sick"),
    ("buyer", "a lot to be honest we lose half a day"),
    ("rep", "our planner does it in ten minutes so you would get those five hours back"),
    ("buyer", "it sounds expensive though"),
    ("rep", "I understand what would it have to save to be worth it"),
    ("buyer", "maybe a day a month"),
    ("rep", "then I will send you the figures by Thursday and we talk on Friday at ten"),
    ("buyer", "yes that works thank you bye"),
]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    call = tmp_path / "call.txt"
    call.write_text("\n".join(f"{who}: {text}" for who, text in TALK) + "\n", encoding="utf-8")
    made = RUN.invoke(app, ["score", str(call), "--json"])
    assert made.exit_code == 0, made.output
    document = json.loads(made.stdout)
    # As an older scorer left it.
    document["scorecard"]["model_version"] = document["versions"]["scorer"] = "prior-000000000000"
    scores = {score["dimension"]: score for score in document["scorecard"]["scores"]}
    scores["value"].update(value=1, interval=[1, 1])
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_before_and_after_are_shown_and_a_new_file_is_written(old: Path, tmp_path: Path) -> None:
    before, new = old.read_bytes(), tmp_path / "new.json"
    done = RUN.invoke(app, ["rescore", str(old), "--out", str(new)])
    assert done.exit_code == 0, done.output
    assert "scorer prior-000000000000" in done.stdout
    fresh = json.loads(new.read_text("utf-8"))
    assert f"scorer {fresh['versions']['scorer']}" in done.stdout
    assert "Value connection: 1 (1-1) -> " in done.stdout
    assert old.read_bytes() == before
    was = json.loads(before)
    for part in ("transcript", "evidence", "features", "source", "speakers", "rep"):
        assert fresh[part] == was[part]
    assert fresh["scorecard"]["model_version"] != "prior-000000000000"


def test_results_are_never_written_over(old: Path) -> None:
    before = old.read_bytes()
    done = RUN.invoke(app, ["rescore", str(old), "--out", str(old)])
    assert done.exit_code != 0
    assert "never written over" in str(done.exception)
    assert old.read_bytes() == before


def test_what_is_no_result_is_said_to_be_none(old: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}", encoding="utf-8")
    assert "is no result" in str(RUN.invoke(app, ["rescore", str(tmp_path / "odd.json")]).exception)
    document = json.loads(old.read_text("utf-8"))
    old.write_text(json.dumps({**document, "scorecard": None}), encoding="utf-8")
    assert "has no scores" in str(RUN.invoke(app, ["rescore", str(old)]).exception)
