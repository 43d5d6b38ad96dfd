"""`ridealong framework`: a rubric can be read, and one's own checked, without any model."""

import sys
from pathlib import Path

import pytest

from models.framework import SHIPPED, contexts_of, load_framework, shipped
from service.cli import main


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["ridealong", "framework", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), " ".join(out.split()), err


@pytest.mark.parametrize("name", shipped())
def test_the_whole_rubric_is_printed(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, _ = run(capsys, monkeypatch, name)
    framework = load_framework(name)
    assert status == 0
    for dimension in framework.dimensions:
        assert f"{dimension.title} practice threshold {dimension.threshold}" in out
        for anchor in dimension.anchors:
            assert all(text in out for text in (anchor.text, *anchor.must_have, *anchor.examples))
        assert all(title in out for title in dimension.competencies)
    assert all(context in out for context in contexts_of(framework))
    assert framework.version in out


def test_a_context_shows_its_words_and_emphasis(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = run(capsys, monkeypatch, "--context", "software")
    assert "in the words of Software" in out
    assert "ties what is offered to what this prospect would gain" in out
    assert "practice threshold 3, emphasis 1.5" in out


def test_a_framework_in_order_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((SHIPPED / "donor.toml").read_text("utf-8"), "utf-8")
    status, out, _ = run(capsys, monkeypatch, "--check", str(mine))
    assert status == 0
    assert "mine.toml: donor" in out
    assert "4 dimensions, in order" in out
    assert "put its weights beside it, as mine.weights.toml" in out


@pytest.mark.parametrize(
    ("file", "cut", "put", "says"),
    [
        (
            "mine.toml",
            "threshold = 3",
            "threshold = 7",
            "mine.toml: dimensions[connection].threshold is wrong",
        ),
        (
            "mine.big.context.toml",
            "connection = 2.0",
            "kindness = 2.0",
            "mine.big.context.toml: emphasis.kindness",
        ),
        ("mine.weights.toml", 'framework = "donor"', 'framework = "x"', "mine.weights.toml: framework"),
    ],
)
def test_what_is_wrong_is_one_line(
    file: str,
    cut: str,
    put: str,
    says: str,
    *,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for source, name in (
        ("donor.toml", "mine.toml"),
        ("donor.major-gifts.context.toml", "mine.big.context.toml"),
        ("donor.weights.toml", "mine.weights.toml"),
    ):
        text = (SHIPPED / source).read_text("utf-8")
        if name == file:
            assert cut in text
            text = text.replace(cut, put, 1)
        (tmp_path / name).write_text(text, "utf-8")
    status, out, err = run(capsys, monkeypatch, "--check", str(tmp_path / "mine.toml"))
    assert (status, out) == (2, "")
    assert err.startswith(f"ridealong: {says}")
    assert err.count("\n") == 1


def test_an_unknown_context_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, err = run(capsys, monkeypatch, "--context", "saas")
    assert status == 2
    assert err.startswith("ridealong: No context 'saas' for 'default': it has non-profit,")
