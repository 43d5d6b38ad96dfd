"""What the network of commitments says of units that may be plans, where nobody knows the roles.

A short turn is read as a whole: one that commits to anything rarely does so in one of its units alone.
"""

from collections.abc import Sequence

from annotators.document import Layout
from annotators.reader import Span, load
from annotators.step_rules import Place
from annotators.surroundings import Heard, around, heard_call, is_short, short_ones_whole
from annotators.utterances import Utterance

NAME = "commitment_reader"
CLASSES = ("yes", "no")
Key = tuple[int, int]  # turn, and unit in it


def unit_examples(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> tuple[Heard, list[tuple[list[Span], list[int]]]]:
    """What is read, and stretches and flags of each unit."""
    heard = heard_call(call, short_ones_whole(said), roles=False)
    places = {id(utterance): place for turn in heard.turns for place, utterance in enumerate(turn)}
    short = [is_short(turn) for turn in said]
    found = []
    for turn, index in keys:
        unit = turns[turn][index].unit
        whole = short[turn]
        part = (0, 0, None) if whole else (places[id(unit.utterance)], unit.first, unit.last)
        found.append(around(heard, turn, *part))
    return heard, found


def commitment_odds(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> dict[Key, float]:
    """Log-odds that units are commitments; raises ModelMissing."""
    reader = load(NAME)
    heard, examples = unit_examples(call, said, turns, keys)
    odds = reader.odds(heard.passages, [spans for spans, _ in examples], [flags for _, flags in examples])
    yes, no = (reader.classes.index(name) for name in CLASSES)
    return dict(zip(keys, (odds[:, yes] - odds[:, no]).tolist(), strict=True))
