"""Which pieces of evidence are quoted under a score."""

from collections.abc import Sequence

from service.result import EvidencePart


def quotable(found: Sequence[EvidencePart], positions: Sequence[int], most: int) -> list[EvidencePart]:
    """The strongest pieces of evidence, at most so many, without words that a stronger one quotes already.

    `positions` in `found`, strongest first. The same words may be evidence of two kinds; read twice in a row,
    they look like a mistake.
    """
    quoted: list[EvidencePart] = []
    for position in positions:
        one = found[position]
        if len(quoted) == most:
            break
        if not any(
            one.turn == other.turn and one.start < other.stop and other.start < one.stop for other in quoted
        ):
            quoted.append(one)
    return quoted
