"""Learn from reviews and tell what came of it. Imports training: for workers and the command line only."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import CallError
from models.framework import Framework
from models.heads import Heads
from service.learning.gathering import Reviewed
from service.learning.heads import heads_of
from training.datasets import LabelledCall, scored_calls
from training.duels import SURE, Duel
from training.score_commands import Trained, held_out, learned_from, retrain, sources
from training.score_data import (
    CONFIRMED,
    FEWEST_CALLS,
    OVERRIDE,
    REVIEWED,
    Scored,
    from_calls,
    from_kept,
    people_alone,
)
from training.score_groups import groupings, groups_of
from training.score_report import evaluation, page
from training.score_summary import summary, weights_file
from training.scorer import by_dimension, figures, guess
from training.weights_file import data_hash

Tell = Callable[[str, float], None]
PEOPLE = "people who reviewed"
LEAST_CALLS = 10
TOO_FEW = (
    "Calls reviewed so far: {calls}. Fewer than {least} are too few to learn from; "
    "review more, some fifty are enough for a first try."
)
TOO_LITTLE = (
    "Too little to learn from or to measure on: a dimension needs 20 scores, some of them of calls held out."
)


@dataclass(frozen=True, slots=True)
class Made:
    """What learning came to. `text` and `version` are of the new weights file, None if no head is better.

    `figures` and `learned` are as rows keep them, `lines` what the command line prints.
    """

    figures: list[dict[str, Any]]
    lines: list[str]
    learned: list[str]
    data_hash: str
    against: str
    report: str | None
    text: str | None = None
    version: str | None = None


def learn(
    framework: Framework, text: str | None, given: Sequence[Reviewed], tell: Tell, language: threading.Lock
) -> Made:
    """Learn from our calls and these reviews against the weights in use (`text`; None for those shipped).

    `language` is held while calls are read: spaCy's pipelines are for one thread at a time. Raises CallError
    where too few calls were reviewed: what our own calls teach has been learned before it was shipped.
    """
    if (calls_reviewed := len({one.call for one in given})) < LEAST_CALLS:
        raise CallError(TOO_FEW.format(calls=calls_reviewed, least=LEAST_CALLS))
    current = heads_of(framework, text)
    calls = scored_calls()
    people = [scored(one) for one in given]
    known = [*from_kept(call for call in calls if not call.held_out), *people]
    if not _enough(framework, people):
        known += _held(calls, tell, language)
    try:
        trained = retrain(framework, known, current, tell)
    except ValueError as error:  # of a dimension that people score with hardly more than one value
        raise CallError(
            f"Nothing can be learned from these scores yet: {error}; review more calls."
        ) from None
    made = Made(
        figures=list(_figures(framework, trained, current, known)),
        lines=list(summary(trained, framework)),
        learned=list(trained.promoted),
        data_hash=data_hash(learned_from(known)),
        against=current.version,
        report=None,
    )
    heads = current
    if trained.promoted:
        new = weights_file(framework, trained, sources(known), learned_from(known))
        heads = heads_of(framework, new)
        made = replace(made, text=new, version=heads.version)
    tell("report", 0.0)
    made = replace(made, report=_report(framework, heads, calls, known))
    tell("report", 1.0)
    return made


def scored(one: Reviewed) -> Scored:
    """A review as training takes it; what a calibration settled on counts as much as an override."""
    changed = one.blind or one.settled or one.value != one.draft
    return Scored(
        call=one.call,
        group=f"{REVIEWED}{one.call}",
        dimension=one.dimension,
        value=one.value,
        reviewer=one.reviewer,
        strength=OVERRIDE if changed else CONFIRMED,
        features=one.features,
        blind=one.blind,
    )


def _enough(framework: Framework, people: Sequence[Scored]) -> bool:
    """Whether people's scores alone decide on every dimension, so that none of our held-out calls is read."""
    rest = by_dimension([item for item in people if held_out(item)], framework)
    return all(len({item.call for item in given}) >= FEWEST_CALLS for given in rest.values())


def _held(calls: Sequence[LabelledCall], tell: Tell, language: threading.Lock) -> Iterator[Scored]:
    held = [call for call in calls if call.held_out]
    for number, call in enumerate(held):
        tell("read", number / len(held))
        with language:
            yield from from_calls([call])
    tell("read", 1.0)


def _figures(
    framework: Framework, trained: Trained, current: Heads, known: Sequence[Scored]
) -> Iterator[dict[str, Any]]:
    """Of each dimension: agreement on held-out scores by the heads in use and the learned ones, and why."""
    rest = by_dimension([item for item in known if held_out(item)], framework)
    fought = {one.dimension: one for one in trained.duels}
    learned = {one.head.dimension: one.head for one in trained.candidates}
    for dimension in framework.dimensions:
        name, judges = dimension.id, people_alone(rest[dimension.id])
        one = fought.get(name)
        found: dict[str, Any] = {
            "dimension": name,
            "cases": len(judges),
            "people": all(item.reviewed for item in judges),
            "new": one is not None and one.won,
            "before": None,
            "after": None,
            "why": TOO_LITTLE if one is None else _why(one),
        }
        if judges:
            old = current.of(name)
            found["before"] = _measured(figures(guess(old, dimension, judges), old.mass))
            if name in learned:
                new = learned[name]
                found["after"] = _measured(figures(guess(new, dimension, judges), new.mass))
        yield found


def _measured(found: Any) -> dict[str, float]:
    return {
        key: round(float(getattr(found, key)), 4)
        for key in ("kappa", "low", "high", "bias", "exact", "within_one", "coverage")
    }


def _why(one: Duel) -> str:
    share = f"{one.better:.0%} of 2,000 redrawn samples of these calls, where {SURE:.0%} are asked for"
    if one.won:
        missed = ", ".join(map(str, one.missed))
        other = f" People here hold a {missed} to another standard than the rubric's words." if missed else ""
        return f"Better: agreement is higher in {share}.{other}"
    if one.better >= SURE:
        return (
            f"Not taken: nobody's reviews were learned from, and a call that has just what the rubric asks "
            f"for {' and '.join(map(str, one.missed))} would get another score."
        )
    return f"Not surely better: agreement is higher in {share}."


def _report(
    framework: Framework, heads: Heads, calls: Sequence[LabelledCall], known: Sequence[Scored]
) -> str | None:
    """The page of `ridealong evaluate scorer --report`; people are one group in it, and nobody is named."""
    told = [replace(item, reviewer=PEOPLE) if item.reviewed else item for item in known if held_out(item)]
    found = evaluation(framework, heads, told, groups_of(calls, told, groupings()))
    return None if found is None else page(found)
