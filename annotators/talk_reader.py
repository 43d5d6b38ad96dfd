"""What the network of the rep's talk says of each clause, read with what is said around it."""

from collections.abc import Sequence

from annotators.reader import Span, load
from annotators.surroundings import FLAGS, STAGES, Heard, around, stage
from annotators.talk_cues import Clause

NAME = "talk_reader"
CLASSES = ("neither", "feature", "outcome", "story", "told")
ALL_FLAGS = FLAGS + STAGES


def clause_examples(call: Heard, turn: int, clauses: Sequence[Clause]) -> list[tuple[list[Span], list[int]]]:
    """Stretches and flags of the clauses of a turn."""
    places = {id(utterance): place for place, utterance in enumerate(call.turns[turn])}
    found = []
    for clause in clauses:
        spans, flags = around(call, turn, places[id(clause.utterance)], clause.first, clause.last)
        found.append((spans, [*flags, stage(call, turn)]))
    return found


def talk_odds(call: Heard, turns: Sequence[tuple[int, Sequence[Clause]]]) -> list[list[float]]:
    """Log-odds of `CLASSES` for every clause of these turns, in order; raises ModelMissing."""
    examples = [one for turn, clauses in turns for one in clause_examples(call, turn, clauses)]
    reader = load(NAME)
    odds = reader.odds(call.passages, [spans for spans, _ in examples], [flags for _, flags in examples])
    found: list[list[float]] = odds[:, [reader.classes.index(name) for name in CLASSES]].tolist()
    return found
