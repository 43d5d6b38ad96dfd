"""What the network of commitments says of units that may be plans, where nobody knows the roles."""

from collections.abc import Sequence

from annotators.document import Layout
from annotators.reader import Span, load
from annotators.step_rules import Place
from annotators.surroundings import Heard, around, heard_call
from annotators.utterances import Utterance

NAME = "commitment_reader"
CLASSES = ("yes", "no")
Key = tuple[int, int]  # turn, and unit in it


def unit_examples(
    call: Heard, turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> list[tuple[list[Span], list[int]]]:
    """Stretches and flags of units."""
    places = {id(said): place for turn in call.turns for place, said in enumerate(turn)}
    found = []
    for turn, index in keys:
        unit = turns[turn][index].unit
        found.append(around(call, turn, places[id(unit.utterance)], unit.first, unit.last))
    return found


def commitment_odds(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]], keys: Sequence[Key]
) -> dict[Key, float]:
    """Log-odds that units are commitments; raises ModelMissing."""
    reader = load(NAME)
    heard = heard_call(call, said)
    examples = unit_examples(heard, turns, keys)
    odds = reader.odds(heard.passages, [spans for spans, _ in examples], [flags for _, flags in examples])
    yes, no = (reader.classes.index(name) for name in CLASSES)
    return dict(zip(keys, (odds[:, yes] - odds[:, no]).tolist(), strict=True))
