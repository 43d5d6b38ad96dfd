"""How soon drafts follow an organisation that scores otherwise: agreement after so many of its reviews."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from models.agreement import bias, quadratic_kappa
from models.framework import Dimension, Framework
from models.heads import Heads, load_prior
from training.anchors import anchors_of
from training.heads import FEWEST, Learnt, Settings, learn
from training.organisations import Organisation, organisations, reviews, rounded
from training.score_cells import Measured
from training.score_commands import held_out
from training.score_data import Scored
from training.scorer import guess

COUNTS = (50, 100, 200)
REPETITIONS = 5
SHIPPED, READERS, LEARNED, ORACLE = "shipped", "learned, as strict as our readers", "learned", "oracle"
Progress = Callable[[str, float], None]
Learner = Callable[[Dimension, Sequence[Scored]], Learnt]
Figure = tuple[float, float]  # kappa and bias, means over dimensions


@dataclass(frozen=True, slots=True)
class CurveLine:
    """Agreement of one kind of drafts with the organisation; intervals are least and most of repetitions."""

    name: str
    reviews: tuple[int, ...]
    kappas: tuple[Measured, ...]
    biases: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """How drafts fare with one organisation."""

    organisation: str
    lines: tuple[CurveLine, ...]


def usual(framework: Framework, heads: Heads) -> Learner:
    """How `ridealong train scorer` learns a head: prior and anchors, with settings not searched for."""
    prior, demanded = load_prior(framework) or heads, anchors_of(framework)

    def learner(dimension: Dimension, scored: Sequence[Scored]) -> Learnt:
        return learn(dimension, scored, Settings(), prior.of(dimension.id), demanded.get(dimension.id))

    return learner


def curves(
    framework: Framework,
    heads: Heads,
    scored: Sequence[Scored],
    progress: Progress,
    *,
    counts: Sequence[int] = COUNTS,
    repetitions: int = REPETITIONS,
    learner: Learner | None = None,
) -> list[Curve]:
    """A curve for each simulated organisation; `scored` are the scores of our own calls.

    Reviews are of calls of our training writers, agreement is measured on those of held-out writers. The same
    scores give the same curves. `learner` is `usual` by default.
    """
    teach = learner or usual(framework, heads)
    found: dict[tuple[str, str, int], list[Figure]] = {}
    for seed in range(repetitions):
        progress("learning curve", seed / repetitions)
        for place, organisation in enumerate(organisations(framework, scored, seed)):
            run = _Run(framework, heads, tuple(scored), organisation, (seed, place), teach)
            for count in counts:
                for name, figure in run.figures(count):
                    found.setdefault((organisation.name, name, count), []).append(figure)
    progress("learning curve", 1.0)
    names = list(dict.fromkeys(name for name, _, _ in found))
    return [
        Curve(name, tuple(_line(name, line, found, counts) for line in (SHIPPED, READERS, LEARNED, ORACLE)))
        for name in names
    ]


def _line(
    organisation: str, name: str, found: dict[tuple[str, str, int], list[Figure]], counts: Sequence[int]
) -> CurveLine:
    figures = [found[organisation, name, count] for count in counts]
    return CurveLine(
        name,
        tuple(counts),
        tuple(_spread([kappa for kappa, _ in one]) for one in figures),
        tuple(_spread([off for _, off in one]) for one in figures),
    )


def _spread(values: Sequence[float]) -> Measured:
    return Measured(fmean(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class _Run:
    """One organisation and one repetition."""

    framework: Framework
    heads: Heads
    scored: tuple[Scored, ...]
    organisation: Organisation
    seed: tuple[int, int]
    learner: Learner

    def figures(self, count: int) -> Iterator[tuple[str, Figure]]:
        """Each kind of drafts against the organisation's scores, after so many reviewed calls."""
        ours = [item for item in self.scored if not held_out(item)]
        pool = {item.call: item for item in ours}
        # More reviews are the fewer ones and others: a curve, not three samples.
        given = reviews(self.organisation, pool, count, np.random.default_rng((*self.seed, 0)))
        rest = self._rest()
        kinds: dict[str, list[Figure]] = {}
        for dimension in self.framework.dimensions:
            truth = [item for item in rest if item.dimension == dimension.id]
            if truth:
                for name, drafts in self._drafts(dimension, [*ours, *given], truth):
                    values = [item.value or 0 for item in truth]
                    kinds.setdefault(name, []).append((quadratic_kappa(values, drafts), bias(values, drafts)))
        for name, found in kinds.items():
            yield name, (fmean(kappa for kappa, _ in found), fmean(off for _, off in found))

    def _rest(self) -> list[Scored]:
        """Held-out calls as the organisation would score them by a reviewer neither strict nor mild."""
        random, standard = np.random.default_rng((*self.seed, 1)), self.organisation.standard
        held = {(item.call, item.dimension): item for item in self.scored if held_out(item)}
        return [
            replace(item, value=rounded(standard[key], random))
            for key, item in held.items()
            if key in standard
        ]

    def _drafts(
        self, dimension: Dimension, known: Sequence[Scored], truth: Sequence[Scored]
    ) -> Iterator[tuple[str, list[int]]]:
        current = self.heads.of(dimension.id)
        learned = readers = current
        own = [item for item in known if item.dimension == dimension.id and item.value is not None]
        if len(own) >= FEWEST:
            learnt = self.learner(dimension, own)
            learned, readers = learnt.head, learnt.readers
        for name, head in ((SHIPPED, current), (READERS, readers), (LEARNED, learned)):
            yield name, [one.value for one in guess(head, dimension, truth)]
        standard = self.organisation.standard
        yield ORACLE, [int(np.floor(standard[item.call, dimension.id] + 0.5)) for item in truth]


def lines(found: Sequence[Curve]) -> Iterator[str]:
    """A table of the curves."""
    yield f"{'organisation':32} {'drafts':36} reviewed  kappa (least to most)   bias"
    for curve in found:
        for line in curve.lines:
            for count, kappa, off in zip(line.reviews, line.kappas, line.biases, strict=True):
                yield (
                    f"{curve.organisation:32} {line.name:36} {count:8}  {kappa.value:.2f} "
                    f"({kappa.low:.2f} to {kappa.high:.2f})   {off.value:+.2f}"
                )
