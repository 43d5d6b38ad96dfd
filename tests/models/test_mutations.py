"""However a shipped rubric file is damaged, it loads, or one line says what is wrong with which file."""

import tempfile
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.errors import UnknownFramework
from models.framework import SHIPPED, load_framework
from tests.models.toml_writer import written

FILES = sorted(path.name for path in SHIPPED.glob("*.toml") if not path.name.endswith(".weights.toml"))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["{", "{quote}", "{missing}", "{rep}", "", "discovery", "next_steps"]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
"""A value in place of another; None takes the key away."""


def places(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value below the top."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in below for found in ((*way, key), *places(inner, (*way, key)))]


def mutated(table: dict[str, Any], way: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    made = deepcopy(table)
    holder: Any = made
    for step in way[:-1]:
        holder = holder[step]
    if value is None:
        del holder[way[-1]]
    else:
        holder[way[-1]] = value
    return made


def told(name: str, content: bytes) -> str | None:
    """What is said of the file in place of the shipped one of that name; None where it loads."""
    with tempfile.TemporaryDirectory() as folder:
        for path in SHIPPED.glob("*.toml"):
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        (Path(folder) / name).write_bytes(content)
        stem = name.partition(".")[0]
        framework = stem if (SHIPPED / f"{stem}.toml").is_file() else "default"
        context = Path(folder) / name if name.endswith(".context.toml") else None
        try:
            load_framework(Path(folder) / f"{framework}.toml", context)
        except UnknownFramework as error:
            return str(error)
    return None


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_changed_value_loads_or_is_told_in_one_line(name: str, data: st.DataObject) -> None:
    table = tomllib.loads((SHIPPED / name).read_text("utf-8"))
    way = data.draw(st.sampled_from(places(table)))
    changed = mutated(table, way, data.draw(ODD))
    message = told(name, written(changed).encode("utf-8"))
    assert message is None or message.startswith(f"{name}: ") or name.endswith(".competencies.toml")
    if message is not None:
        assert "\n" not in message
        assert message.endswith(".")


@pytest.mark.parametrize("name", FILES)
@given(at=st.floats(0, 1), cut=st.integers(0, 40), put=st.binary(max_size=6))
@example(at=0.0, cut=0, put=b"")
@settings(max_examples=20, deadline=None)
def test_changed_bytes_load_or_are_told_in_one_line(name: str, at: float, cut: int, put: bytes) -> None:
    content = (SHIPPED / name).read_bytes()
    place = int(at * len(content))
    message = told(name, content[:place] + put + content[place + cut :])
    assert message is None or ("\n" not in message and ".toml: " in message)
