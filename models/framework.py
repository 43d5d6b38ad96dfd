"""A framework: what a call is scored on, in the words of a context, and the competencies behind it.

A framework is a TOML file. The shipped ones lie in `frameworks/`; a path takes any other. Its weights,
contexts and competency model are files of their own, found beside it or among the shipped ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from models import competencies, contexts
from models.competencies import Competencies, load_competencies, unknown_competency
from models.contexts import Context, load_context, worded
from models.errors import UnknownFramework
from models.rubric import STRICT, VALUES, Anchor, Condition, Dimension, FeatureUse, Identifier, Text
from models.rubric_rules import dimensions_fault
from models.tables import read_table

__all__ = [
    "SHIPPED",
    "VALUES",
    "Anchor",
    "Condition",
    "Dimension",
    "FeatureUse",
    "Framework",
    "contexts_of",
    "load_framework",
    "shipped",
]

SHIPPED = Path(__file__).parent / "frameworks"


@dataclass(frozen=True, slots=True)
class Framework:
    """A validated framework; `version` changes with any change of its file, `path` is that file.

    Its texts are in the words of `vocabulary`, which are those of `context` where there is one. `emphasis`
    orders what is shown and coached first, 1 being ordinary; it never touches a score.
    """

    id: str
    title: str
    description: str
    dimensions: tuple[Dimension, ...]
    version: str
    path: Path
    vocabulary: Mapping[str, str] = field(default_factory=dict, hash=False)
    competencies: Competencies | None = None
    context: Context | None = None

    def dimension(self, name: str) -> Dimension:
        """The dimension called `name`; KeyError where there is none."""
        for dimension in self.dimensions:
            if dimension.id == name:
                return dimension
        raise KeyError(name)

    @property
    def emphasis(self) -> Mapping[str, float]:
        """The weight of each dimension for the order of things, by its id."""
        given = self.context.emphasis if self.context else {}
        return {dimension.id: given.get(dimension.id, 1.0) for dimension in self.dimensions}


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    description: Text
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]
    vocabulary: Mapping[str, Text] = field(default_factory=dict)
    competency_model: str = ""


def shipped() -> tuple[str, ...]:
    """Names of the frameworks that come with the product."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml") if "." not in path.stem))


def contexts_of(framework: Framework) -> Mapping[str, Path]:
    """Files of a framework's contexts by name: those shipped for its id, and those beside it."""
    found: dict[str, Path] = {}
    for folder, stem in ((SHIPPED, framework.id), (framework.path.parent, framework.path.stem)):
        for path in sorted(folder.glob(f"{stem}.*{contexts.SUFFIX}")):
            found[path.name[len(stem) + 1 : -len(contexts.SUFFIX)]] = path
    return found


def load_framework(name_or_path: str | Path = "default", context: str | Path | None = None) -> Framework:
    """Load a shipped framework by name, or any other by the path of its TOML file.

    `context` is the name of one of its contexts (`FRAMEWORK.NAME.context.toml` beside it), or a file's path.

    Raises:
        UnknownFramework: no such framework or context, or a file breaks the rules; one line says which file
            and key, and what to do.
    """
    path = _locate(name_or_path)
    beside = [*path.parent.glob("*.toml"), *([Path(context)] if context is not None else [])]
    return _loaded(path, context, tuple(_state(one) for one in sorted(beside)))


def _state(path: Path) -> tuple[str, int, int]:
    """What changes when a file does."""
    try:
        return str(path), path.stat().st_mtime_ns, hash(path.read_bytes())
    except (OSError, ValueError):  # a context's name is no path
        return str(path), 0, 0


@lru_cache(maxsize=16)  # a page needs it several times, and it takes tens of milliseconds
def _loaded(path: Path, context: str | Path | None, _files: tuple[tuple[str, int, int], ...]) -> Framework:
    file, version = read_table(path, _File, UnknownFramework)
    model = _competency_model(path, file.competency_model)
    if fault := _fault(file, model):
        raise UnknownFramework(f"{path.name}: {fault}.")
    plain = Framework(
        file.id, file.title, file.description, file.dimensions, version, path, file.vocabulary, model
    )
    chosen = None
    if context is not None:
        where = _locate_context(context, plain)
        chosen = load_context(where, file.id, file.dimensions, file.vocabulary)
    words = {**file.vocabulary, **(chosen.vocabulary if chosen else {})}
    dimensions = tuple(_in_order(worded(dimension, words, chosen)) for dimension in file.dimensions)
    return Framework(file.id, file.title, file.description, dimensions, version, path, words, model, chosen)


def _locate(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, str) and name_or_path in shipped():
        return SHIPPED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    raise UnknownFramework(
        f"No framework {str(name_or_path)!r}: give one of {', '.join(shipped())}, or a .toml file's path."
    )


def _locate_context(name_or_path: str | Path, framework: Framework) -> Path:
    names = contexts_of(framework)
    if str(name_or_path) in names:
        return names[str(name_or_path)]
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    known = ", ".join(names) or "none of its own"
    raise UnknownFramework(
        f"No context {str(name_or_path)!r} for {framework.id!r}: it has {known}; "
        "give one of these, or a .toml file's path."
    )


def _competency_model(path: Path, name: str) -> Competencies | None:
    if not name:
        return None
    file = f"{Path(name).name}{competencies.SUFFIX}"
    found = next((folder / file for folder in (path.parent, SHIPPED) if (folder / file).is_file()), None)
    if found is None:
        raise UnknownFramework(
            f"{path.name}: competency_model: there is no {file} beside it; write one, or use astd."
        )
    return load_competencies(found)


def _fault(file: _File, model: Competencies | None) -> str | None:
    for word, text in file.vocabulary.items():
        if not word.isidentifier() or word in {"quote", "missing"}:
            return (
                f"vocabulary.{word}: can't be a word's name; use another of letters, and not quote or missing"
            )
        if "{" in text or "}" in text:
            return f"vocabulary.{word}: holds a brace; write plain words"
    fault = dimensions_fault(file.dimensions, file.vocabulary)
    return fault or (unknown_competency(file.dimensions, model) if model else None)


def _in_order(dimension: Dimension) -> Dimension:
    return replace(dimension, anchors=tuple(sorted(dimension.anchors, key=lambda anchor: anchor.value)))
