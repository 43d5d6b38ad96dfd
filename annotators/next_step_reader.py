"""What the network of next steps says of units that may be plans, in a call whose rep is known."""

from collections.abc import Sequence

from annotators.document import Layout
from annotators.reader import Span, load
from annotators.step_rules import Place
from annotators.surroundings import FLAGS, STAGES, Heard, around, heard_call, stage
from annotators.utterances import Utterance

NAME = "next_step_reader"
CLASSES = ("S", "N")  # part of a step, or not
ALL_FLAGS = FLAGS + STAGES + 6
_LATE = (0.5, 0.65, 0.8, 0.9)  # shares of a call, past which a unit has a flag for each
_CLOSE = 7  # turns before the end that are a call's close
Key = tuple[int, int]  # turn, and unit in it


def unit_examples(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> tuple[Heard, list[list[Span]], list[list[int]]]:
    """What is read, and stretches and flags of each unit."""
    heard = heard_call(call, said)
    places = {id(utterance): place for turn in heard.turns for place, utterance in enumerate(turn)}
    spans: list[list[Span]] = []
    flags: list[list[int]] = []
    for turn, index in keys:
        unit = turns[turn][index].unit
        stretches, own = around(heard, turn, places[id(unit.utterance)], unit.first, unit.last)
        spans.append(stretches)
        flags.append([*own, stage(heard, turn), *_lateness(turn, len(turns))])
    return heard, spans, flags


def _lateness(turn: int, count: int) -> list[int]:
    late = FLAGS + STAGES + sum((turn + 1) / count > share for share in _LATE)
    return [late, ALL_FLAGS - 1] if count - turn <= _CLOSE else [late]


def next_step_odds(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> dict[Key, float]:
    """Log-odds that units are part of a next step; raises ModelMissing."""
    reader = load(NAME)
    heard, spans, flags = unit_examples(call, said, turns, keys)
    odds = reader.odds(heard.passages, spans, flags)
    step, none = (reader.classes.index(name) for name in CLASSES)
    return dict(zip(keys, (odds[:, step] - odds[:, none]).tolist(), strict=True))
