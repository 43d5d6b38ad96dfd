"""Exchanges written for training: how people fix what comes next, read as part of our calls.

Models of next steps go by how late in a call something is said, and by the talk around it. So each exchange
is read at the end of one of our calls, in place of what is agreed there, or, where nobody takes leave in it,
in the middle of one. Files are as those of the scenes (training/scenes.py).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from training.datasets import DATA, LabelledCall
from training.scenes import scenes

FOLDER = DATA / "exchanges"
KIND = "exchange"
_LEAVE = re.compile(
    r"\b(?:bye|goodbye|take care|have a (?:good|nice|great|lovely)|cheers|see you|all the best"
    r"|thanks|thank you)\b"
)
_CLOSE = 0.7  # share of a call's turns after which a step belongs to its close
_END = 0.92  # where the close of a call without any step begins
_MIDDLE = (0.45, 0.75)
_FEWEST = 8  # turns before an exchange


def exchanges() -> tuple[LabelledCall, ...]:
    """Every exchange as it was written; raises UnreadableData naming the one that can't be read."""
    return scenes(FOLDER)


def grafted(calls: Sequence[LabelledCall]) -> list[LabelledCall]:
    """Each exchange within one of these calls, the same at every run; its turns alone are `read`."""
    if not calls:
        return []
    return [_grafted(exchange, calls) for exchange in exchanges()]


def _grafted(exchange: LabelledCall, calls: Sequence[LabelledCall]) -> LabelledCall:
    chance = Random(exchange.name)  # noqa: S311 - nothing secret
    call = chance.choice(calls)
    turns, own = call.transcript.turns, exchange.transcript.turns
    ends = any(_LEAVE.search(turn.text.lower()) for turn in own[-2:])
    at = _close(call) if ends else int(len(turns) * chance.uniform(*_MIDDLE))
    after = () if ends else turns[at:]
    (reading,) = exchange.readings
    marks = tuple(replace(mark, turn=mark.turn + at) for mark in reading.marks)
    return replace(
        exchange,
        kind=KIND,
        transcript=replace(call.transcript, turns=(*turns[:at], *own, *after)),
        readings=(replace(reading, marks=marks),),
        read=range(at, at + len(own)),
    )


def _close(call: LabelledCall) -> int:
    """The turn at which a call's close begins: its first late next step, by any reader."""
    count = len(call.transcript.turns)
    late = [
        mark.turn
        for reading in call.readings
        for mark in reading.marks
        if mark.label == "next_step" and mark.turn > _CLOSE * count
    ]
    return max(_FEWEST, min(late, default=int(_END * count)))
