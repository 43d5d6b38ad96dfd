"""Train the scorer and measure it: what `ridealong train scorer` and `ridealong evaluate scorer` do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.framework import Framework
from models.heads import Head, Heads, load_heads
from training.agreement import bias, exact, quadratic_kappa, within_one
from training.datasets import HELD_OUT_WRITERS, LabelledCall, scored_calls
from training.score_data import Scored, from_calls, from_kept, from_reviews
from training.scorer import Figures, Guess, by_dimension, figures, guess, toml, train

Progress = Callable[[str, float], None]
ROUNDS = 2000
SURE = 0.9  # share of bootstrap rounds in which the new model must be the better one


@dataclass(frozen=True, slots=True)
class Duel:
    """A new head against the current one on the same held-out scores: mean squared differences."""

    dimension: str
    cases: int
    current: float
    new: float
    better: float

    @property
    def won(self) -> bool:
        """Whether the new one is better by the stated test."""
        return self.better >= SURE


@dataclass(frozen=True, slots=True)
class Trained:
    """What training came to: all heads, and the duels that decided which of them are new."""

    heads: tuple[Head, ...]
    duels: tuple[Duel, ...]

    @property
    def promoted(self) -> tuple[str, ...]:
        """Dimensions whose new head took the place of the current one."""
        return tuple(duel.dimension for duel in self.duels if duel.won)


def gather(
    reviews: Sequence[Path], progress: Progress, calls: Sequence[LabelledCall] | None = None
) -> list[Scored]:
    """All scores: those of our calls and of exported reviews.

    Held-out calls are annotated anew; for training there are those whose features were kept.
    """
    ours = scored_calls() if calls is None else calls
    scored = list(from_kept(call for call in ours if not call.held_out))
    held = [call for call in ours if call.held_out]
    for number, call in enumerate(held):
        progress("annotate", number / len(held))
        scored.extend(from_calls([call]))
    progress("annotate", 1.0)
    for path in reviews:
        scored.extend(from_reviews(path))
    return scored


def held_out(item: Scored) -> bool:
    """Whether a score is for measuring: of our held-out writers, and of every fifth reviewed call."""
    if item.group.startswith("call "):
        return sum(item.call.encode()) % 5 == 0
    return item.group in HELD_OUT_WRITERS


def retrain(framework: Framework, scored: Sequence[Scored], current: Heads, progress: Progress) -> Trained:
    """Learn new heads from what isn't held out, and keep each only if it beats the current one on what is.

    The stated test: on the held-out scores, weighted as in training, the mean squared difference from the
    scores given is smaller in at least 90% of 2,000 bootstrap rounds over calls.
    """
    own = [item for item in scored if not held_out(item)]
    rest = by_dimension([item for item in scored if held_out(item)], framework)
    heads: list[Head] = []
    duels: list[Duel] = []
    for number, (head, settings) in enumerate(train(framework, own, current)):
        progress("learn", (number + 1) / len(framework.dimensions))
        dimension = framework.dimension(head.dimension)
        fought = duel(
            guess(current.of(dimension.id), dimension, rest[dimension.id]),
            guess(head, dimension, rest[dimension.id]),
        )
        if settings is not None and fought is not None:
            duels.append(fought)
        won = settings is not None and fought is not None and fought.won
        heads.append(head if won else current.of(dimension.id))
    return Trained(tuple(heads), tuple(duels))


def duel(current: Sequence[Guess], new: Sequence[Guess]) -> Duel | None:
    """The two on the same scores; None where there is nothing to measure on."""
    if not new:
        return None
    names = {name: number for number, name in enumerate(dict.fromkeys(one.scored.call for one in new))}
    gaps = np.zeros((2, len(names)))
    weights = np.zeros(len(names))
    for old, fresh in zip(current, new, strict=True):
        place, truth, strength = names[old.scored.call], old.scored.value or 0, old.scored.strength
        gaps[0, place] += strength * (old.value - truth) ** 2
        gaps[1, place] += strength * (fresh.value - truth) ** 2
        weights[place] += strength
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(names), (ROUNDS, len(names)))
    rounds = gaps[:, drawn].sum(axis=2)
    better = float(np.mean((rounds[1] < rounds[0]) + 0.5 * (rounds[1] == rounds[0])))
    before, after = gaps.sum(axis=1) / weights.sum()
    return Duel(new[0].scored.dimension, len(new), float(before), float(after), better)


def summary(trained: Trained, framework: Framework) -> Iterator[str]:
    """Lines that say of each dimension whether it has a new head, and why or why not."""
    fought = {one.dimension: one for one in trained.duels}
    for dimension in framework.dimensions:
        one = fought.get(dimension.id)
        if one is None:
            yield f"{dimension.id}: kept, there is too little to learn from or to measure on"
            continue
        says = "replaced" if one.won else "kept"
        yield (
            f"{dimension.id}: {says}; mean squared difference {one.current:.3f} before, {one.new:.3f} after "
            f"on {one.cases} held-out scores, better in {one.better:.0%} of bootstrap rounds "
            f"(asked for: {SURE:.0%})"
        )


def weights_file(framework: Framework, trained: Trained, sources: Mapping[str, int]) -> str:
    """The text of the weights file."""
    learned = ", ".join(f"{count} scores of {name}" for name, count in sources.items())
    return toml(
        framework,
        trained.heads,
        "trained",
        [
            f"Written by `ridealong train scorer` from {learned}.",
            "A unit is about a score point; `mass` makes intervals hold 80%. Card: docs/scoring.md.",
        ],
    )


def evaluate(
    framework: Framework, scored: Sequence[Scored], heads: Heads | None = None
) -> dict[str, dict[str, Figures]]:
    """Figures by dimension, for all held-out scores ("all") and against each reviewer."""
    heads = heads or load_heads(framework)
    found: dict[str, dict[str, Figures]] = {}
    for name, given in by_dimension([item for item in scored if held_out(item)], framework).items():
        head = heads.of(name)
        guesses = guess(head, framework.dimension(name), given)
        if guesses:
            found[name] = {"all": figures(guesses, head.mass)}
            for reviewer in sorted({item.reviewer for item in given}):
                own = [one for one in guesses if one.scored.reviewer == reviewer]
                found[name][reviewer] = figures(own, head.mass)
    return found


def between_readers(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """By dimension, how two readers of the same held-out calls agree."""
    values: dict[tuple[str, str], dict[str, int]] = {}
    for item in scored:
        if held_out(item) and item.value is not None:
            values.setdefault((item.dimension, item.call), {})[item.reviewer] = item.value
    pairs: dict[str, list[tuple[int, int]]] = {}
    for (dimension, _), given in values.items():
        if len(given) > 1:
            first, second = list(given.values())[:2]
            pairs.setdefault(dimension, []).append((first, second))
    found = {}
    for dimension, both in pairs.items():
        one, other = [a for a, _ in both], [b for _, b in both]
        found[dimension] = {
            "cases": float(len(both)),
            "kappa": quadratic_kappa(one, other),
            "exact": exact(one, other),
            "within_one": within_one(one, other),
            "bias": bias(one, other),
        }
    return found


def sources(scored: Sequence[Scored]) -> dict[str, int]:
    """How many scores were learned from, ours and reviews."""
    own = [item for item in scored if not held_out(item) and item.value is not None]
    reviewed = sum(item.group.startswith("call ") for item in own)
    return {"our calls": len(own) - reviewed, **({"exported reviews": reviewed} if reviewed else {})}


def report(framework: Framework, scored: Sequence[Scored]) -> Iterator[str]:
    """Lines of a table: each dimension, against all reviewers, each of them, and readers among themselves."""
    yield f"{'':28}  cases  kappa  (95% interval)   exact  +-1    bias   in interval (0.80 stated)"
    among = between_readers(scored)
    for name, found in evaluate(framework, scored).items():
        for rater, one in found.items():
            label = f"{name}, {rater}"
            yield (
                f"{label:28}  {one.cases:5}  {one.kappa:5.2f}  ({one.low:5.2f} to {one.high:4.2f})  "
                f"{one.exact:5.2f}  {one.within_one:4.2f}  {one.bias:+5.2f}  {one.coverage:5.2f}"
            )
        if name in among:
            pair = among[name]
            yield (
                f"{name + ', reader-reader':28}  {int(pair['cases']):5}  {pair['kappa']:5.2f}  {'':16}  "
                f"{pair['exact']:5.2f}  {pair['within_one']:4.2f}  {pair['bias']:+5.2f}"
            )
