"""A context: the same framework in the words and with the weight of a trade.

It changes vocabulary, how some advice is put, and what is shown and coached first. It can't change anchors,
dimensions, thresholds or how a score is made: two contexts of one framework give the same scores.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from models.call import DimensionScore
from models.errors import UnknownFramework
from models.rubric import STRICT, Dimension, FeatureUse, Identifier, Text
from models.rubric_rules import BRACES, repeated, use_text_fault
from models.tables import read_table

SUFFIX = ".context.toml"
MOST = 5  # times; an emphasis beyond would hide every other dimension
HIGHEST = 5

Words = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Wording:
    """Other words for the advice on one feature of one dimension; what is left empty stays as it is."""

    __pydantic_config__ = STRICT
    dimension: Text
    feature: Text
    advice: str = ""
    quoting: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """A validated context; `version` changes with any change of its file."""

    id: str
    title: str
    description: str
    version: str
    vocabulary: Words = field(hash=False)
    emphasis: Mapping[str, float] = field(hash=False)
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = STRICT
    id: Identifier
    title: Text
    description: Text
    framework: Text
    vocabulary: Words = field(default_factory=dict)
    emphasis: Mapping[str, Annotated[float, Field(gt=0, le=MOST)]] = field(default_factory=dict)
    wordings: tuple[Wording, ...] = ()


def load_context(path: Path, framework: str, dimensions: Iterable[Dimension], words: Words) -> Context:
    """Load a context of the framework with that id, those dimensions and that vocabulary.

    Raises:
        UnknownFramework: the file can't be read, is of another framework, or breaks the rules; one line says
            which file and key, and what to do.
    """
    file, version = read_table(path, _File, UnknownFramework)
    if fault := _fault(file, framework, {dimension.id: dimension for dimension in dimensions}, words):
        raise UnknownFramework(f"{path.name}: {fault}.")
    return Context(
        file.id, file.title, file.description, version, file.vocabulary, file.emphasis, file.wordings
    )


def worded(dimension: Dimension, words: Words, context: Context | None = None) -> Dimension:
    """The dimension in a context's wording, the vocabulary's words in place of those in braces."""
    others = {w.feature: w for w in context.wordings if w.dimension == dimension.id} if context else {}

    def say(text: str) -> str:
        return BRACES.sub(lambda found: words.get(found[1], found[0]), text)

    def use(one: FeatureUse) -> FeatureUse:
        other = others.get(one.name)
        return replace(
            one,
            advice=say((other and other.advice) or one.advice),
            quoting=say((other and other.quoting) or one.quoting),
            parts={name: say(text) for name, text in one.parts.items()},
        )

    return replace(
        dimension,
        looks_at=say(dimension.looks_at),
        not_observed=say(dimension.not_observed),
        needs_ending=say(dimension.needs_ending),
        features=tuple(map(use, dimension.features)),
        observed_if=tuple(replace(c, reason=say(c.reason)) for c in dimension.observed_if),
        warn_unless=tuple(replace(c, reason=say(c.reason)) for c in dimension.warn_unless),
    )


def coach_first(scores: Iterable[DimensionScore], emphasis: Mapping[str, float]) -> tuple[str, ...]:
    """Dimensions with something to improve: those with most room below 5, times emphasis, first.

    Dimensions without a score are left out: nothing is known of them. Equal ones keep the framework's order.
    """
    room = {
        score.dimension: emphasis.get(score.dimension, 1.0) * (HIGHEST - score.value)
        for score in scores
        if score.value is not None and score.value < HIGHEST
    }
    return tuple(sorted(room, key=lambda dimension: -room[dimension]))


def _fault(
    file: _File, framework: str, dimensions: Mapping[str, Dimension], words: Collection[str]
) -> str | None:
    if file.framework != framework:
        return f"framework: this context is for {file.framework!r}, not for {framework!r}; choose another"
    for word, text in file.vocabulary.items():
        if word not in words:
            return f"vocabulary.{word}: not a word of the framework; it has {', '.join(sorted(words))}"
        if "{" in text or "}" in text:
            return f"vocabulary.{word}: holds a brace; write plain words"
    for name in file.emphasis:
        if name not in dimensions:
            return f"emphasis.{name}: there is no such dimension; there are {', '.join(dimensions)}"
    if twice := repeated(f"{w.dimension}.{w.feature}" for w in file.wordings):
        return f"wordings: {twice} is worded twice; keep one"
    return next(filter(None, (_wording_fault(w, dimensions, words) for w in file.wordings)), None)


def _wording_fault(
    wording: Wording, dimensions: Mapping[str, Dimension], words: Collection[str]
) -> str | None:
    where = f"wordings[{wording.feature}]"
    if wording.dimension not in dimensions:
        return f"{where}.dimension: there is no {wording.dimension!r}; there are {', '.join(dimensions)}"
    uses = {use.name: use for use in dimensions[wording.dimension].features}
    if wording.feature not in uses:
        return f"{where}.feature: {wording.dimension} does not use it; it uses {', '.join(uses)}"
    if not (wording.advice or wording.quoting):
        return f"{where}: says nothing; fill in advice or quoting"
    other = replace(uses[wording.feature], advice=wording.advice, quoting=wording.quoting)
    fault = use_text_fault(other, words)
    return f"{where}.{fault}" if fault else None
