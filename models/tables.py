"""TOML files read into dataclasses, with errors that name the file, the key and what to do."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from models.errors import CallError

T = TypeVar("T")

_WHAT_TO_DO = {
    "missing": "is missing; add it",
    "unexpected_keyword_argument": "is not a key of this table; remove it or correct its spelling",
    "string_type": "must be text in quotes",
    "string_too_short": "is empty; write it out",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dataclass_type": "must be a table",
}


def read_table(path: Path, shape: type[T], error: type[CallError]) -> tuple[T, str]:
    """Read a TOML file as `shape`, a dataclass, and return it with the version of its content.

    Types are strict: "3" is not 3. The version is the first 12 hex digits of the file's SHA-256.

    Raises:
        CallError: as the child `error`; the file can't be read, is not TOML, or breaks the shape.
    """
    try:
        content = path.read_bytes()
    except OSError as reason:
        raise error(f"{path.name}: cannot be read ({reason.strerror}); check the path.") from reason
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as reason:
        raise error(f"{path.name}: not text in UTF-8; save it as UTF-8.") from reason
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise error(f"{path.name}: not valid TOML ({reason}); correct the file there.") from reason
    try:
        # By way of JSON, because only there does strict validation take a list for a tuple.
        value = TypeAdapter(shape).validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as reason:
        raise error(f"{path.name}: {_first_fault(reason, table)}.") from reason
    return value, hashlib.sha256(content).hexdigest()[:12]


def _first_fault(error: ValidationError, table: dict[str, object]) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    what = _WHAT_TO_DO.get(first["type"], f"is wrong: {first['msg'].lower()}")
    return f"{_key(first['loc'], table)} {what}"


def _key(location: tuple[int | str, ...], table: object) -> str:
    """The key as an author would look for it: entries of a list by their name rather than their number."""
    parts: list[str] = []
    for step in location:
        table = _child(table, step)
        if isinstance(step, int):
            parts.append(f"[{_name(table) or f'entry {step + 1}'}]")
        else:
            parts.append(f".{step}" if parts else step)
    return "".join(parts) or "the file"


def _child(table: object, step: int | str) -> object:
    if isinstance(table, dict):
        return table.get(step)
    if isinstance(table, list) and isinstance(step, int) and step < len(table):
        return table[step]
    return None


def _name(entry: object) -> str | None:
    if not isinstance(entry, dict):
        return None
    named = (str(entry[key]) for key in ("id", "name", "dimension", "feature", "value") if key in entry)
    return next(named, None)
