"""What calls are grouped by in reports: sector, type, whose English it is, punctuation, length, sort."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from models.tables import read_table
from training.datasets import DATA, LONG, LabelledCall, UnreadableData
from training.score_data import Scored

Groups = Mapping[str, Mapping[str, str]]  # call -> kind of group -> group
LENGTHS = (
    (600, "under 600 words"),
    (900, "600 to 899 words"),
    (1200, "900 to 1,199 words"),
    (LONG, "1,200 to 2,499 words"),
)
LONGEST = "2,500 words and more"


@dataclass(frozen=True, slots=True)
class Groupings:
    """The file `groups.toml`: sectors by industry, writers whose English is a second language."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    other_sector: Annotated[str, Field(min_length=1)]
    second_language: tuple[str, ...]
    sectors: Mapping[str, tuple[str, ...]]


def groupings(path: Path = DATA / "groups.toml") -> Groupings:
    """The groupings of our own calls; raises UnreadableData, naming the file and what is wrong."""
    return read_table(path, Groupings, UnreadableData)[0]


def groups_of(calls: Iterable[LabelledCall], scored: Iterable[Scored], by: Groupings) -> Groups:
    """The groups of every call that was scored.

    Of a reviewed call no more is known than its length.
    """
    known = {call.name: call for call in calls}
    found: dict[str, dict[str, str]] = {}
    for item in scored:
        groups = found.setdefault(item.call, {})
        words = item.features.get("call_words")
        if words is not None:
            groups["length"] = length(words)
        call = known.get(item.call)
        if call is not None:
            groups["sector"] = sector(call.industry, by)
            groups["type of call"] = call.kind
            second = call.writer in by.second_language
            groups["English"] = "second language" if second else "first language"
            groups["punctuation"] = call.style
            groups["calls"] = call.sort
    return found


def sector(industry: str, by: Groupings) -> str:
    """The sector an industry belongs to."""
    return next((name for name, members in by.sectors.items() if industry in members), by.other_sector)


def length(words: float) -> str:
    """The length band of a call of so many words."""
    return next((name for limit, name in LENGTHS if words < limit), LONGEST)
