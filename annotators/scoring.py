"""Does one set of spans find what another does? Hits, misses, false alarms, and what pairs share.

Used for annotators against a reader and for a reader against another, so the two compare; and by every
component's own `score`, which spaCy's `nlp.evaluate` calls.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

from spacy.training import Example

from annotators.document import findings
from models.call import AttributeValue


class Spanned(Protocol):
    """What marks and evidence have in common: words `start` to `stop` (half-open) of a turn."""

    @property
    def turn(self) -> int: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def stop(self) -> int: ...  # noqa: D102


Truth = TypeVar("Truth", bound=Spanned)
Found = TypeVar("Found", bound=Spanned)


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits, what was found but isn't there (`false`), what is there but wasn't found (`missed`)."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is there; 1 if nothing was found."""
        found = self.hits + self.false
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 if there is nothing."""
        there = self.hits + self.missed
        return self.hits / there if there else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there is nothing and nothing was found."""
        weight = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / weight if weight else 1.0


@dataclass(slots=True)
class Confusion:
    """How often the truth `(row)` was called `(column)`."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, truth: AttributeValue, found: AttributeValue) -> None:
        """Count one case."""
        self.cells[str(truth), str(found)] += 1

    @property
    def total(self) -> int:
        """Cases counted."""
        return sum(self.cells.values())

    @property
    def accuracy(self) -> float:
        """Share of cases called what they are; 1 without cases."""
        right = sum(count for (truth, found), count in self.cells.items() if truth == found)
        return right / self.total if self.total else 1.0

    def counts(self, name: str) -> Counts:
        """The counts of one class against all others."""
        return Counts(
            self.cells[name, name],
            sum(count for (truth, found), count in self.cells.items() if found == name != truth),
            sum(count for (truth, found), count in self.cells.items() if truth == name != found),
        )

    def macro_f1(self, least: int = 1) -> float:
        """Mean F1 of the classes that are there at least so often; 1 without any."""
        truths = Counter[str]()
        for (truth, _), count in self.cells.items():
            truths[truth] += count
        scores = [self.counts(name).f1 for name, count in truths.items() if count >= least]
        return sum(scores) / len(scores) if scores else 1.0


def pair(truth: Sequence[Truth], found: Sequence[Found]) -> tuple[list[tuple[Truth, Found]], Counts]:
    """Pair what shares words, the largest overlaps first, each at most once."""
    overlaps = sorted(
        (
            (-_overlap(one, other), i, j)
            for i, one in enumerate(truth)
            for j, other in enumerate(found)
            if one.turn == other.turn and _overlap(one, other) > 0
        ),
    )
    taken: set[int] = set()
    used: set[int] = set()
    pairs = []
    for _, i, j in overlaps:
        if i not in taken and j not in used:
            taken.add(i)
            used.add(j)
            pairs.append((truth[i], found[j]))
    return pairs, Counts(len(pairs), len(found) - len(pairs), len(truth) - len(pairs))


def _overlap(one: Spanned, other: Spanned) -> int:
    return min(one.stop, other.stop) - max(one.start, other.start)


def covered(spans: Iterable[Spanned], turn: int, start: int, stop: int) -> float:
    """The share of the words `start` to `stop` of a turn that lie in any of the spans."""
    words = {
        index
        for span in spans
        if span.turn == turn
        for index in range(max(start, span.start), min(stop, span.stop))
    }
    return len(words) / (stop - start) if stop > start else 0.0


class SpanScored:
    """What a component inherits to be measured: how well its labels are found, and their attributes.

    `labels` are those it writes; `compared` the attributes that are right or wrong (a quote of free words is
    neither).
    """

    labels: ClassVar[tuple[str, ...]] = ()
    compared: ClassVar[tuple[str, ...]] = ()

    def score(self, examples: Iterable[Example], **_settings: object) -> dict[str, float]:
        """`LABEL_p`, `_r`, `_f` by overlap, and `LABEL_ATTRIBUTE_acc` of what was found, each 0..1."""
        examples = list(examples)
        figures: dict[str, float] = {}
        for label in self.labels:
            counts, attributes = self._counted(examples, label)
            figures[f"{label}_p"] = counts.precision
            figures[f"{label}_r"] = counts.recall
            figures[f"{label}_f"] = counts.f1
            figures.update({f"{label}_{name}_acc": one.accuracy for name, one in attributes.items()})
        return figures

    def _counted(self, examples: Sequence[Example], label: str) -> tuple[Counts, dict[str, Confusion]]:
        counts, attributes = Counts(), dict[str, Confusion]()
        for example in examples:
            truth, found = findings(example.reference, label), findings(example.predicted, label)
            pairs, counted = pair(truth, found)
            counts += counted
            for one, other in pairs:
                for name in self.compared:
                    if name in one.attributes and name in other.attributes:
                        attributes.setdefault(name, Confusion()).add(
                            one.attributes[name], other.attributes[name]
                        )
        return counts, attributes
