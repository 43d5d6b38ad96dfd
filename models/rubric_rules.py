"""What the types of a framework's file can't say: each rule returns what is wrong and what to do, or None."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from models.features import REGISTRY
from models.remedies import REMEDIES
from models.rubric import VALUES, Dimension, FeatureUse

BRACES = re.compile(r"\{([^{}]*)\}")


def dimensions_fault(dimensions: Iterable[Dimension], words: Collection[str]) -> str | None:
    """The first thing wrong with the dimensions, by key; `words` are those of the framework's vocabulary."""
    dimensions = tuple(dimensions)
    if twice := repeated(dimension.id for dimension in dimensions):
        return f"dimensions: the id {twice!r} is used twice; give each its own"
    for dimension in dimensions:
        fault = _anchor_fault(dimension) or _feature_fault(dimension) or _word_fault(dimension, words)
        if fault:
            return f"dimensions[{dimension.id}].{fault}"
    return None


def unknown_word(text: str, words: Collection[str]) -> str | None:
    """What is wrong with the words in braces, given those of the vocabulary; None where nothing is."""
    for word in BRACES.findall(text):
        if word not in words:
            return f"there is no word {{{word}}}; the vocabulary has {', '.join(sorted(words)) or 'none'}"
    if re.search(r"[{}]", BRACES.sub("", text)):
        return "a brace stands alone; write words of the vocabulary as {word}, and no other braces"
    return None


def use_text_fault(use: FeatureUse, words: Collection[str]) -> str | None:
    """What is wrong with the texts of a feature's advice, given the vocabulary."""
    remedy = REMEDIES.get(use.name)
    if use.quoting and (remedy is None or remedy.at is None):
        return "quoting: this feature has no place in a call to quote; use advice"
    if use.quoting and "{quote}" not in use.quoting:
        return "quoting: must say where {quote} goes"
    parts = () if remedy is None else remedy.parts
    if odd := sorted(set(use.parts) ^ set(parts)) if use.parts else []:
        return f"parts: must be {', '.join(parts) or 'left out'}; look at {odd[0]!r}"
    allowed = {*words, *(["missing"] if use.parts else [])}
    for key, text, known in (("advice", use.advice, allowed), ("quoting", use.quoting, {*words, "quote"})):
        if fault := unknown_word(text, known):
            return f"{key}: {fault}"
    for part, text in use.parts.items():
        if fault := unknown_word(text, words):
            return f"parts.{part}: {fault}"
    return None


def repeated(values: Iterable[str | int]) -> str | int | None:
    """A value that comes more than once."""
    return next((value for value, count in Counter(values).items() if count > 1), None)


def _anchor_fault(dimension: Dimension) -> str | None:
    values = [anchor.value for anchor in dimension.anchors]
    if twice := repeated(values):
        return f"anchors: {twice} is described twice; keep one"
    for value in VALUES:
        if value not in values:
            return f"anchors: {value} is missing; describe what a {value} sounds like"
    if extra := set(values) - set(VALUES):
        return f"anchors: {min(extra)} is not a score; scores are 1 to 5"
    for anchor in dimension.anchors:
        if any("{" in text for text in (anchor.text, *anchor.must_have, *anchor.examples)):
            return f"anchors[{anchor.value}]: holds a brace; anchors read the same in every context"
    return None


def _feature_fault(dimension: Dimension) -> str | None:
    names = [use.name for use in dimension.features]
    if not names:
        return "features: empty; name at least one feature that speaks for this dimension"
    if twice := repeated(names):
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
    if use.follows and not use.needs:
        return f"features[{use.name}].follows: needs nothing that it could follow from; fill in needs"
    return None


def _word_fault(dimension: Dimension, words: Collection[str]) -> str | None:
    for key, text in _texts(dimension):
        if fault := unknown_word(text, words):
            return f"{key}: {fault}"
    for use in dimension.features:
        if fault := use_text_fault(use, words):
            return f"features[{use.name}].{fault}"
    return None


def _texts(dimension: Dimension) -> Iterator[tuple[str, str]]:
    yield "title", dimension.title
    yield "looks_at", dimension.looks_at
    yield "not_observed", dimension.not_observed
    yield "needs_ending", dimension.needs_ending
    for key in ("observed_if", "warn_unless"):
        for condition in getattr(dimension, key):
            yield f"{key}[{condition.feature}].reason", condition.reason
