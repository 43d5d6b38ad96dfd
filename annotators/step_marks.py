"""From the likelihood of units to next steps: which units are steps, and which of them are one step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from annotators.step_rules import Place

LIKELY = 0.34  # likelihood from which a unit is part of a step
GAP = 3  # units from one part of a step to the next, at most: two may lie between
GoesOn = Callable[[range, int], bool]  # whether a unit goes on with the step that has these units


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


def marked(turn: int, likely: Mapping[int, float], goes_on: GoesOn, *, least: float = LIKELY) -> list[Marked]:
    """The steps of one turn; `likely` holds, by the number of the unit, how likely it is part of a step.

    Units less likely than `least` are none.
    """
    found: list[Marked] = []
    for index in sorted(likely):
        if likely[index] < least:
            continue
        before = found[-1] if found else None
        if before and index - before.last < GAP and goes_on(range(before.first, before.last), index):
            found[-1] = Marked(turn, before.first, index + 1, max(before.likelihood, likely[index]))
        else:
            found.append(Marked(turn, index, index + 1, likely[index]))
    return found
