"""What the network of questions says of a call: every utterance, with what is said right before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotators.asking import Said
from annotators.reader import load
from annotators.surroundings import Heard, Place, around, heard, plain

NAME = "question_reader"
ASKS, GOES_ON, OTHER = "asks", "goes on", "other"


@dataclass(frozen=True, slots=True)
class Read:
    """What the network says of every utterance: log-odds of asking, and of going on, against neither."""

    numbers: Mapping[Place, int]
    odds: Sequence[tuple[float, float]]

    def of(self, turn: int, place: int) -> tuple[float, float]:
        """The two of utterance `place` of a turn."""
        return self.odds[self.numbers[turn, place]]


def passages(call: Said) -> Heard:
    """The call as the network reads it: in the words as they were said, "um" and stutters among them."""
    turns = [[one.utterance for one in turn] for turn in call.turns]
    return heard(turns, call.speakers, call.rep, [[plain(one) for one in words] for words in call.words])


def read(call: Said) -> Read:
    """The call read once; raises ModelMissing."""
    reader, said = load(NAME), passages(call)
    examples = [around(said, turn, place) for turn, place in said.numbers]
    odds = reader.odds(said.passages, [spans for spans, _ in examples], [flags for _, flags in examples])
    asks, goes_on, other = (reader.classes.index(name) for name in (ASKS, GOES_ON, OTHER))
    against = odds[:, [asks, goes_on]] - odds[:, [other]]
    return Read(said.numbers, [(one, two) for one, two in against.tolist()])
