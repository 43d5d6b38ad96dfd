"""What a framework is made of: dimensions, their anchors for 1..5, and what speaks for them.

Texts may hold words of the framework's vocabulary in braces, "ask the {buyer}"; anchors may not, so that no
context can change what a score means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

VALUES = (1, 2, 3, 4, 5)

Text = Annotated[str, Field(min_length=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a score of `value` sounds like, what must be there for it, and made-up lines that show it."""

    __pydantic_config__ = STRICT
    value: int
    text: Text
    must_have: tuple[Text, ...] = ()
    examples: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds where `feature` reaches `at_least`; `reason` says what it means where it doesn't."""

    __pydantic_config__ = STRICT
    feature: Text
    at_least: float
    reason: Text


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """A feature that speaks for a dimension (`sign` 1) or against it (-1).

    `advice` is what to do about it, for the reader; an empty one is never given. `quoting` says the same of
    one place of this call, its words standing for {quote}; `models.remedies` says which features have such a
    place. Where advice lists what is {missing}, `parts` has the words for each thing that can be. `needs`
    names features of the same dimension that come first: while one of them is short, its advice is given
    instead. `follows`: reached as soon as everything in `needs` is.
    """

    __pydantic_config__ = STRICT
    name: Text
    sign: Literal[-1, 1]
    advice: str = ""
    quoting: str = ""
    parts: Mapping[str, Text] = field(default_factory=dict, hash=False)
    needs: tuple[Text, ...] = ()
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing a call is scored on, 1..5.

    `not_observed` says in words when it is left unscored, `observed_if` holds the part of that a machine
    can check: unless each holds, the dimension is left unscored. `warn_unless` are checked too, but only
    weaken the draft. `needs_rep`: no draft while it is unsure which speaker is the rep. `needs_ending`: why
    there is no draft where the recording stops before a next step or a goodbye; empty where that doesn't
    matter. `threshold` is the value a practice recording should reach. `absence` names the evidence labels
    that show a reader what a score rests on where nothing was found, such as the rep's closing words where
    there is no next step. `competencies` are titles in the framework's competency model.
    """

    __pydantic_config__ = STRICT
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
    needs_ending: str = ""
    competencies: tuple[Text, ...] = ()
    absence: tuple[Text, ...] = ()
