"""TOML text of a table, enough for tests that change a file by its values."""

import json
import math
from collections.abc import Mapping
from typing import Any


def written(table: Mapping[str, Any]) -> str:
    """The table as TOML, every value inline, so that any shape can be written."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return _text(key)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped, and lone surrogates, which it has not.
    return json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return (
                "nan"
                if math.isnan(value)
                else ("-inf" if value < 0 else "inf")
                if math.isinf(value)
                else repr(value)
            )
        case str():
            return _text(value)
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return str(value)
