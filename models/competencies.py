"""A competency model: what a profession asks of its people, in roles, areas of expertise and competencies.

A model is a TOML file, `NAME.competencies.toml`, beside the frameworks that name its competencies.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from models.errors import UnknownFramework
from models.features import REGISTRY
from models.rubric import STRICT, Dimension, Identifier, Text
from models.rubric_rules import repeated
from models.tables import read_table

SUFFIX = ".competencies.toml"

Some = Annotated[tuple[Text, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Role:
    """A hat that somebody in sales wears; not a job title."""

    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    summary: Text


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of competencies."""

    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    summary: Text


@dataclass(frozen=True, slots=True)
class Competency:
    """Something a person can do, with the key actions it shows in.

    `cluster` is a cluster's id; `evidence` names the labels of evidence that speak for it in a call, none
    where a call shows nothing of it.
    """

    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    cluster: Text
    summary: Text
    actions: Some
    evidence: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """An area of expertise: the roles it is often part of, what it yields, the competencies it draws on."""

    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    summary: Text
    roles: Some
    outputs: Some
    draws_on: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Competencies:
    """A validated competency model; `version` changes with any change of its file."""

    id: str
    title: str
    source: str
    roles: tuple[Role, ...]
    clusters: tuple[Cluster, ...]
    competencies: tuple[Competency, ...]
    areas: tuple[Area, ...]
    version: str

    def named(self, title: str) -> Competency:
        """The competency of that title; KeyError where there is none."""
        for competency in self.competencies:
            if competency.title == title:
                return competency
        raise KeyError(title)

    def areas_of(self, competency: Competency) -> tuple[Area, ...]:
        """The areas of expertise that draw on a competency."""
        return tuple(area for area in self.areas if competency.id in area.draws_on)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    source: Text
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1)]
    competencies: Annotated[tuple[Competency, ...], Field(min_length=1)]
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]


def load_competencies(path: Path) -> Competencies:
    """Load a competency model.

    Raises:
        UnknownFramework: the file can't be read or breaks the rules; one line says which file and key.
    """
    file, version = read_table(path, _File, UnknownFramework)
    if fault := next(_faults(file), None):
        raise UnknownFramework(f"{path.name}: {fault}.")
    return Competencies(
        file.id, file.title, file.source, file.roles, file.clusters, file.competencies, file.areas, version
    )


def unknown_competency(dimensions: Iterable[Dimension], model: Competencies) -> str | None:
    """What is wrong with the competencies that dimensions name, by key; None where nothing is."""
    titles = {competency.title for competency in model.competencies}
    for dimension in dimensions:
        for title in dimension.competencies:
            if title not in titles:
                where = f"dimensions[{dimension.id}].competencies"
                return f"{where}: {model.id}{SUFFIX} has no {title!r}; use a title from there"
    return None


def _faults(file: _File) -> Iterator[str]:
    for key in ("roles", "clusters", "competencies", "areas"):
        for what in ("id", "title"):
            if twice := repeated(getattr(entry, what) for entry in getattr(file, key)):
                yield f"{key}: the {what} {twice!r} is used twice; give each its own"
    labels = {pick.label for feature in REGISTRY.values() for pick in feature.picks}
    clusters = {cluster.id for cluster in file.clusters}
    for one in file.competencies:
        if one.cluster not in clusters:
            yield f"competencies[{one.id}].cluster: there is no cluster {one.cluster!r}; add it or correct it"
        for label in sorted(set(one.evidence) - labels):
            where = f"competencies[{one.id}].evidence"
            yield f"{where}: no feature rests on evidence {label!r}; docs/annotators.md lists labels"
    ids = {competency.id for competency in file.competencies}
    roles = {role.id for role in file.roles}
    for area in file.areas:
        for key, given, known in (("roles", area.roles, roles), ("draws_on", area.draws_on, ids)):
            if odd := sorted(set(given) - known):
                yield f"areas[{area.id}].{key}: there is no {odd[0]!r}; add it or correct it"
