"""What the network of questions says of a call: each short turn as a whole, longer ones by their utterances.

Without punctuation our cut into utterances is often where a question is lost; a short turn needs none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotators.asking import Said
from annotators.reader import load
from annotators.surroundings import Heard, Place, around, heard, plain, short_ones_whole
from annotators.text import terminal

NAME = "question_reader"
ASKS, GOES_ON, OTHER = "asks", "goes on", "other"


@dataclass(frozen=True, slots=True)
class Read:
    """Log-odds that what is read together asks; `numbers` says of each utterance where these stand."""

    numbers: Mapping[Place, int]
    odds: Sequence[float]

    def of(self, turn: int, place: int) -> float:
        """Those of utterance `place` of a turn, and of what is read with it."""
        return self.odds[self.numbers[turn, place]]


def passages(call: Said) -> Heard:
    """The call as the network reads it: in the words as they were said, "um" and stutters among them."""
    turns = short_ones_whole([[one.utterance for one in turn] for turn in call.turns])
    return heard(turns, call.speakers, call.rep, [[_read(one) for one in words] for words in call.words])


def _read(word: str) -> tuple[str, ...]:
    mark = terminal(word)
    return (*plain(word), mark) if mark else plain(word)


def read_as(said: Heard, turn: int, place: int) -> Place:
    """Where an utterance stands among the `passages` of its call: a short turn is one of them."""
    return turn, min(place, len(said.turns[turn]) - 1)


def read(call: Said) -> Read:
    """The call read once; raises ModelMissing."""
    reader, said = load(NAME), passages(call)
    examples = [around(said, turn, place) for turn, place in said.numbers]
    odds = reader.odds(said.passages, [spans for spans, _ in examples], [flags for _, flags in examples])
    asks, other = reader.classes.index(ASKS), reader.classes.index(OTHER)
    numbers = {
        (turn, place): said.numbers[read_as(said, turn, place)]
        for turn, heard_there in enumerate(call.turns)
        for place in range(len(heard_there))
    }
    return Read(numbers, (odds[:, asks] - odds[:, other]).tolist())
