"""Weights that were learned, from the text of their file, checked against the framework."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from models.framework import Framework, load_framework
from models.heads import Heads, load_heads


def heads_of(framework: Framework, text: str | None) -> Heads:
    """The heads of a weights file's text, checked against the framework; without text those shipped.

    Raises:
        UnknownFramework: they don't fit the framework.
    """
    return load_heads(framework) if text is None else _heads(framework.path, framework.version, text)


@lru_cache(maxsize=8)
def _heads(path: Path, _version: str, text: str) -> Heads:
    """Read once for each version of framework and weights."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "weights in use.toml"
        file.write_text(text, encoding="utf-8")
        return load_heads(load_framework(path), file)
