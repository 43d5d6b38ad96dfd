"""What lists need of all frameworks: titles and thresholds of dimensions, read once a process."""

from collections.abc import Mapping
from functools import cache

from models.errors import CallError
from models.framework import Dimension, load_framework, shipped


@cache
def _dimensions(name: str) -> tuple[Dimension, ...]:
    try:
        return load_framework(name).dimensions
    except CallError:  # a file that is gone; its calls keep their scores
        return ()


def _names(own: str) -> dict[str, None]:
    return dict.fromkeys((own, *shipped()))


def titles(own: str) -> dict[str, str]:
    """Titles of dimensions by id; those of the framework in force (`own`) first, in its order."""
    found: dict[str, str] = {}
    for name in _names(own):
        for one in _dimensions(name):
            found.setdefault(one.id, one.title)
    return found


def current(own: str) -> frozenset[str]:
    """The dimensions of the framework in force."""
    return frozenset(one.id for one in _dimensions(own))


def thresholds(own: str) -> Mapping[str, Mapping[str, int]]:
    """What each dimension should reach, by framework."""
    return {name: {one.id: one.threshold for one in _dimensions(name)} for name in _names(own)}
