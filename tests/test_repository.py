"""The repository holds what a stranger can use: no machine of ours in it, everything pinned."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BINARY = {".opus", ".flac", ".wav", ".png", ".woff2", ".npz", ".ipynb"}
# Put together here, so that this file does not name them either.
INDEXES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "--index" + "-url",
    "--extra-index" + "-url",
]
MACHINE = re.compile(r"(?<![\w.~<$}{])/(?:" + "work|root|home/[a-z]|Users/[A-Za-z]" + r")/[\w.]")
REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)")


def tracked() -> list[Path]:
    """Files of the repository, those not yet committed too; ignored ones are nobody's."""
    ran = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        pytest.skip("this is no git checkout")
    names = filter(None, ran.stdout.decode("utf-8").split("\0"))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in tracked()
        if path.suffix not in BINARY
    }


def test_no_file_names_a_package_index() -> None:
    # The Makefile tells uv to leave the index out, by an option that names it.
    found = [
        (name, index)
        for name, text in texts().items()
        for index in INDEXES
        if index in text.replace("--no-emit" + "-index-url", "")
    ]
    assert found == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = [(name, match.group()) for name, text in texts().items() for match in MACHINE.finditer(text)]
    assert found == []


@pytest.mark.parametrize("lock", ["requirements.lock", "sample_calls/requirements.lock"])
def test_every_pinned_package_has_its_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text("utf-8"))
    pinned = [block for block in blocks if REQUIREMENT.match(block)]
    assert len(pinned) > 5
    assert [block.splitlines()[0] for block in pinned if "--hash=sha256:" not in block] == []
    assert [block for block in blocks if not REQUIREMENT.match(block) and not block.startswith("#")] == []


def test_what_the_project_needs_is_pinned() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    names = {normal(match[1]) for line in lock.splitlines() if (match := REQUIREMENT.match(line))}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["weights"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    wanted = {normal(re.split(r"[<>=\[;~! ]", need)[0]) for need in needed}
    assert wanted - names == set()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_package_shadows_another_or_is_left_out_of_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) == {"service", "training", "annotators", "models"}
    for folder in (path.parent for path in tracked() if path.suffix == ".py"):
        top = folder.relative_to(ROOT).parts[:1]
        # Alembic finds its steps by their files.
        if top and top[0] in (*packages, "tests") and folder.name != "versions":
            assert (folder / "__init__.py").is_file(), folder


def test_importing_everything_touches_no_network() -> None:
    probe = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('the network was touched')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
        "import importlib, pkgutil\n"
        "for top in ('models', 'annotators', 'service'):\n"
        "    package = importlib.import_module(top)\n"
        "    for module in pkgutil.walk_packages(package.__path__, top + '.'):\n"
        "        if not module.name.endswith('migrations.env'):  # runs within Alembic alone\n"
        "            importlib.import_module(module.name)\n"
        "from annotators import pipeline\n"
        "from models.voices import load_voice_encoder\n"
        "from models.weights import whisper_weights\n"
        "pipeline(); load_voice_encoder(); whisper_weights('tiny.en')\n"
    )
    ran = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
