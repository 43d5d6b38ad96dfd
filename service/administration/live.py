"""Settings that can be changed while the service runs: what holds of all that was said of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from service.settings import LIVE, Settings, from_file, variables


@dataclass(frozen=True, slots=True)
class Found:
    """A setting as it holds. `source` is `environment`, `administrator`, `file` or `default`."""

    name: str
    value: Any
    source: str
    about: str


def fixed_by(name: str) -> str | None:
    """The variable of the environment that sets it, which nothing stored overrides."""
    return next((variable for variable in variables(name) if variable in os.environ), None)


def kind(name: str) -> Any:
    """The type of a setting's value, with its limits."""
    field = Settings.model_fields[name]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def checked(name: str, value: Any) -> Any:
    """A value as the setting has it; ValidationError where it can't have it."""
    return TypeAdapter(kind(name)).validate_python(value)


def merged(settings: Settings, stored: Mapping[str, str]) -> Settings:
    """The settings with what an administrator stored, as JSON by name, where the environment says nothing.

    What another version stored and this one can't use is left out.
    """
    values: dict[str, Any] = {}
    for name in sorted(LIVE & stored.keys()):
        if fixed_by(name) is not None:
            continue
        try:
            values[name] = checked(name, json.loads(stored[name]))
        except (ValidationError, ValueError):
            continue
    return settings.model_copy(update=values) if values else settings


def shown(settings: Settings, stored: Mapping[str, str]) -> list[Found]:
    """Every setting that can be changed, as it holds and by whom; `settings` are those of the start."""
    now, file = merged(settings, stored), from_file()
    found = []
    for name in Settings.model_fields:
        if name not in LIVE:
            continue
        if fixed_by(name):
            source = "environment"
        elif name in stored:
            source = "administrator"
        else:
            source = "file" if name in file else "default"
        found.append(Found(name, getattr(now, name), source, Settings.model_fields[name].description or ""))
    return found
