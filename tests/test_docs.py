"""What the documents tell people to type exists, and what they link to is there."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from models.features import REGISTRY
from service.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "sample_calls").rglob("*.md")),
    *sorted((ROOT / "bench").rglob("*.md")),
]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

_COMMAND = re.compile(r"(?:^|[`\s/$])ridealong +(?P<rest>[a-z-][^`#|>\n]*)")
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_TARGET = re.compile(r"`(?:make ([a-z-]+))`|^\s*make ([a-z-]+)", re.MULTILINE)


def code(text: str) -> Iterator[str]:
    """The parts of a page that are set as code: fenced blocks, and what stands in backticks."""
    fences = re.split(r"^```.*$", text, flags=re.MULTILINE)
    yield from fences[1::2]
    for prose in fences[::2]:
        yield from re.findall(r"`[^`\n]+`", prose)


def commands(text: str) -> Iterator[list[str]]:
    for part in code(text):
        for match in _COMMAND.finditer(part):
            yield shlex.split(match["rest"].replace("[", "").replace("]", ""))


def fault(words: list[str]) -> str | None:
    """What is wrong with a command line, without running it."""
    group = typer.main.get_command(app)
    name, arguments = words[0], [word for word in words[1:] if word not in {"...", "\\"}]
    if name.startswith("--"):
        return None if name in {"--version", "--help"} else f"no option {name}"
    known = getattr(group, "commands", {})
    if name not in known:
        return f"no command {name}"
    below = getattr(known[name], "commands", None)
    if below is not None and arguments:
        if arguments[0] not in below:
            return f"{name} has no command {arguments[0]}"
        known, name, arguments = below, arguments[0], arguments[1:]
    options = {flag for option in known[name].params for flag in (*option.opts, *option.secondary_opts)} | {
        "--help"
    }
    wrong = [word for word in arguments if word.startswith("-") and word.partition("=")[0] not in options]
    return f"{name} has no option {wrong[0]}" if wrong else None


@every_page
def test_commands_that_are_shown_exist(page: Path) -> None:
    for words in commands(page.read_text("utf-8")):
        assert fault(words) is None, f"{page.name}: ridealong {' '.join(words)}"


def test_the_check_itself_sees_mistakes() -> None:
    shown = list(
        commands("Run `ridealong analyse x`:\n```sh\n.venv/bin/ridealong score a --jsn  # no\n```\n")
    )
    assert {fault(words) for words in shown} == {"no command analyse", "score has no option --jsn"}


@every_page
def test_make_targets_that_are_shown_exist(page: Path) -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    for part in code(page.read_text("utf-8")):
        for found in _TARGET.findall(part):
            assert set(filter(None, found)) <= made


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for match in _LINK.finditer(page.read_text("utf-8")):
        target = match["target"]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_feature_is_described() -> None:
    text = (ROOT / "docs" / "scoring.md").read_text("utf-8")
    assert [name for name in REGISTRY if f"`{name}`" not in text] == []


def test_make_says_what_can_be_made() -> None:
    ran = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("setup", "run", "test", "bench"):
        assert re.search(rf"^{target}\s+\w", ran.stdout, flags=re.MULTILINE)
