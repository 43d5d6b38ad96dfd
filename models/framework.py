"""A framework: the dimensions a call is scored on, their anchors for 1..5, and what speaks for them.

A framework is a TOML file. The shipped ones lie in `frameworks/`; a path takes any other.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from models.errors import UnknownFramework
from models.features import REGISTRY
from models.tables import read_table

SHIPPED = Path(__file__).parent / "frameworks"
VALUES = (1, 2, 3, 4, 5)

Text = Annotated[str, Field(min_length=1)]
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a score of `value` sounds like, and what must be there for it."""

    __pydantic_config__ = _STRICT
    value: int
    text: Text
    must_have: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds where `feature` reaches `at_least`; `reason` says what it means where it doesn't."""

    __pydantic_config__ = _STRICT
    feature: Text
    at_least: float
    reason: Text


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """A feature that speaks for a dimension (`sign` 1) or against it (-1).

    `advice` is what to do about it, for the reader. `needs` names features of the same dimension that
    come first: while one of them is short, its advice is given instead. An empty `advice` is never given.
    """

    __pydantic_config__ = _STRICT
    name: Text
    sign: Literal[-1, 1]
    advice: str = ""
    needs: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing a call is scored on, 1..5.

    `not_observed` says in words when it is left unscored, `observed_if` holds the part of that a machine
    can check: unless each holds, the dimension is left unscored. `warn_unless` are checked too, but only
    weaken the draft. `needs_rep`: no draft while it is unsure which speaker is the rep. `threshold` is the
    value a practice recording should reach. `absence` names the evidence labels that show a reader what a
    score rests on where nothing was found, such as the rep's closing words where there is no next step.
    """

    __pydantic_config__ = _STRICT
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    looks_at: Text
    not_observed: Text
    threshold: Annotated[int, Field(ge=1, le=5)]
    anchors: tuple[Anchor, ...]
    features: tuple[FeatureUse, ...]
    observed_if: tuple[Condition, ...] = ()
    warn_unless: tuple[Condition, ...] = ()
    needs_rep: bool = False
    competencies: tuple[Text, ...] = ()
    absence: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Framework:
    """A validated framework; `version` changes with any change of its file, `path` is that file."""

    id: str
    title: str
    description: str
    dimensions: tuple[Dimension, ...]
    version: str
    path: Path

    def dimension(self, name: str) -> Dimension:
        """The dimension called `name`; KeyError where there is none."""
        for dimension in self.dimensions:
            if dimension.id == name:
                return dimension
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = _STRICT
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    title: Text
    description: Text
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]


def shipped() -> tuple[str, ...]:
    """Names of the frameworks that come with the product."""
    return tuple(sorted(p.stem for p in SHIPPED.glob("*.toml") if not p.stem.endswith(".weights")))


def load_framework(name_or_path: str | Path = "default") -> Framework:
    """Load a shipped framework by name, or any other by the path of its TOML file.

    Raises:
        UnknownFramework: no such framework, or its file breaks the rules; one line says which file and
            key, and what to do.
    """
    path = _locate(name_or_path)
    file, version = read_table(path, _File, UnknownFramework)
    if fault := _fault(file):
        raise UnknownFramework(f"{path.name}: {fault}.")
    dimensions = tuple(
        replace(dimension, anchors=tuple(sorted(dimension.anchors, key=lambda anchor: anchor.value)))
        for dimension in file.dimensions
    )
    return Framework(file.id, file.title, file.description, dimensions, version, path)


def _locate(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, str) and name_or_path in shipped():
        return SHIPPED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    raise UnknownFramework(
        f"No framework {str(name_or_path)!r}: give one of {', '.join(shipped())}, or a .toml file's path."
    )


def _fault(file: _File) -> str | None:
    if twice := _repeated(dimension.id for dimension in file.dimensions):
        return f"dimensions: the id {twice!r} is used twice; give each its own"
    for dimension in file.dimensions:
        if fault := _anchor_fault(dimension) or _feature_fault(dimension):
            return f"dimensions[{dimension.id}].{fault}"
    return None


def _anchor_fault(dimension: Dimension) -> str | None:
    values = [anchor.value for anchor in dimension.anchors]
    if twice := _repeated(values):
        return f"anchors: {twice} is described twice; keep one"
    for value in VALUES:
        if value not in values:
            return f"anchors: {value} is missing; describe what a {value} sounds like"
    if extra := set(values) - set(VALUES):
        return f"anchors: {min(extra)} is not a score; scores are 1 to 5"
    return None


def _feature_fault(dimension: Dimension) -> str | None:
    names = [use.name for use in dimension.features]
    if not names:
        return "features: empty; name at least one feature that speaks for this dimension"
    if twice := _repeated(names):
        return f"features: {twice!r} is listed twice; keep one"
    conditions = (*dimension.observed_if, *dimension.warn_unless)
    for name in [*names, *(condition.feature for condition in conditions)]:
        if name not in REGISTRY:
            return f"features: there is no feature {name!r}; docs/scoring.md lists them"
    return next(filter(None, (_use_fault(use, names) for use in dimension.features)), None)


def _use_fault(use: FeatureUse, names: list[str]) -> str | None:
    direction = REGISTRY[use.name].direction
    if direction not in (0, use.sign):
        return f"features[{use.name}].sign: must be {direction}, the way this feature points"
    if missing := [need for need in use.needs if need not in names]:
        return f"features[{use.name}].needs: {missing[0]!r} is not among this dimension's features"
    return None


def _repeated(values: Iterable[str | int]) -> str | int | None:
    return next((value for value, count in Counter(values).items() if count > 1), None)
