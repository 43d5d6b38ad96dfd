"""How often drafts are withheld on held-out calls, for which reason, and what readers did there."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import annotators
from models.features import features
from models.framework import Framework
from models.heads import Heads
from models.landmarks import landmarks
from models.scorer import score
from training.datasets import LabelledCall

Reasons = Mapping[str, str | None]  # dimension -> why it has no draft, None where it has one


@dataclass(frozen=True, slots=True)
class Withheld:
    """Calls of one dimension without a draft for one reason.

    `readings` of them in all, `scored` of these with a score all the same.
    """

    reason: str
    calls: int
    readings: int
    scored: int


@dataclass(frozen=True, slots=True)
class Abstention:
    """A dimension's calls, those without a draft by reason, and readers who saw nothing where there is one.

    `drafted` counts readings of calls with a draft, `unobserved` those of them that found nothing to score.
    """

    dimension: str
    calls: int
    withheld: tuple[Withheld, ...]
    drafted: int
    unobserved: int


def abstentions(
    framework: Framework,
    heads: Heads,
    calls: Sequence[LabelledCall],
    progress: Callable[[str, float], None],
) -> list[Abstention]:
    """The table of some calls, scored as a worker would, by dimension; none where there are no calls."""
    found: list[tuple[LabelledCall, Reasons]] = []
    for number, call in enumerate(calls):
        progress("abstentions", number / len(calls))
        found.append((call, reasons(framework, heads, call)))
    return tabulated(framework, found) if found else []


def reasons(framework: Framework, heads: Heads, call: LabelledCall) -> dict[str, str | None]:
    """Why each dimension of a call has no draft; None where it has one."""
    heard = call.transcript
    evidence = (*annotators.annotate(heard, call_date=call.day), *landmarks(heard))
    card = score(framework, heard, evidence, features(heard, evidence), heads=heads)
    return {one.dimension: one.reason if one.value is None else None for one in card.scores}


def tabulated(framework: Framework, found: Sequence[tuple[LabelledCall, Reasons]]) -> list[Abstention]:
    """The table, of calls and why their dimensions have no draft; the commonest reason first."""
    return [_of(dimension.id, found) for dimension in framework.dimensions]


def _of(dimension: str, found: Sequence[tuple[LabelledCall, Reasons]]) -> Abstention:
    calls: Counter[str] = Counter()
    readings: Counter[str | None] = Counter()
    scored: Counter[str | None] = Counter()
    for call, why in found:
        reason = why[dimension]
        given = list(_given(call, dimension))
        readings[reason] += len(given)
        scored[reason] += sum(value is not None for value in given)
        if reason is not None:
            calls[reason] += 1
    return Abstention(
        dimension=dimension,
        calls=len(found),
        withheld=tuple(
            Withheld(reason, count, readings[reason], scored[reason]) for reason, count in calls.most_common()
        ),
        drafted=readings[None],
        unobserved=readings[None] - scored[None],
    )


def _given(call: LabelledCall, dimension: str) -> Iterable[int | None]:
    return (reading.scores[dimension] for reading in call.readings if dimension in reading.scores)
