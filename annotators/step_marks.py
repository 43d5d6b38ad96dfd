"""From the likelihood of units to next steps: which units are steps, and which of them are one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotators.step_rules import Place

LIKELY = 0.3  # share of likelihood from which a unit is part of a step
GAP = 3  # units between parts of one step, at most, so: two between them
BEGINS, GOES_ON, NONE = "B", "I", "N"


@dataclass(frozen=True, slots=True)
class Marked:
    """A step: the units of `turn` from `first` to `last` (half-open), and how likely it is one."""

    turn: int
    first: int
    last: int
    likelihood: float

    def words(self, turns: Sequence[Sequence[Place]]) -> tuple[int, int]:
        """The half-open word range in the turn."""
        row = turns[self.turn]
        return row[self.first].unit.words()[0], row[self.last - 1].unit.words()[1]


def at_least(shares: Mapping[str, float], likely: float, name: str) -> dict[str, float]:
    """The shares, at least so likely a step; what is missing is given to one of B and I."""
    missing = likely - (1 - shares[NONE])
    if missing <= 0:
        return dict(shares)
    return {**shares, name: shares[name] + missing, NONE: shares[NONE] - missing}


def marked(turn: int, likely: Mapping[int, Mapping[str, float]]) -> list[Marked]:
    """The steps of one turn; `likely` holds, by the number of the unit, the probability of B, I and N."""
    found: list[Marked] = []
    for index in sorted(likely):
        shares = likely[index]
        step = 1 - shares[NONE]
        if step < LIKELY:
            continue
        before = found[-1] if found else None
        if before and before.last > index - GAP and shares[GOES_ON] > shares[BEGINS]:
            found[-1] = Marked(turn, before.first, index + 1, max(before.likelihood, step))
        else:
            found.append(Marked(turn, index, index + 1, step))
    return found
