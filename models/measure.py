"""How a feature is declared, and the view of a call that features are computed from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc

from models.call import REP, AttributeValue, Evidence, Transcript, Turn
from models.floor import Run, runs, speaking_time


@dataclass(frozen=True)
class Call:
    """A transcript with its evidence sorted by label, so that each feature reads only what it needs.

    `found` maps a label to (position in the evidence, evidence) in the order of the call. Evidence that
    points at no turn of the transcript is left out.
    """

    transcript: Transcript
    found: Mapping[str, Sequence[tuple[int, Evidence]]] = field(default_factory=dict)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of the transcript."""
        return self.transcript.turns

    @cached_property
    def words(self) -> dict[str, int]:
        """Number of words by speaker."""
        words: dict[str, int] = {}
        for turn in self.turns:
            words[turn.speaker] = words.get(turn.speaker, 0) + len(turn.words)
        return words

    @cached_property
    def timed(self) -> bool:
        """Whether there are words and each of them has a start and an end."""
        words = [word for turn in self.turns for word in turn.words]
        return bool(words) and all(word.start is not None and word.end is not None for word in words)

    @cached_property
    def runs(self) -> list[Run]:
        """Who holds the floor, run after run."""
        return runs(self.turns)

    @cached_property
    def speaking(self) -> list[float]:
        """Seconds of speech by turn."""
        return [speaking_time(turn) for turn in self.turns]

    def again(self, evidence: Sequence[Evidence], label: str) -> "Call":
        """The same call with other evidence of one label; what was worked out of its words is kept.

        Evidence of other labels keeps the positions that it had.
        """
        call = Call(self.transcript)
        found = {**self.found, label: (), **view(self.transcript, evidence, label).found}
        call.__dict__.update({**self.__dict__, "found": found})
        return call


def view(transcript: Transcript, evidence: Sequence[Evidence], label: str | None = None) -> Call:
    """The view of a call that features read, with the evidence of one label only if one is named."""
    found: dict[str, list[tuple[int, Evidence]]] = {}
    for position, item in enumerate(evidence):
        if label in (None, item.label) and 0 <= item.turn < len(transcript.turns):
            found.setdefault(item.label, []).append((position, item))
    for items in found.values():
        items.sort(key=lambda item: (item[1].turn, item[1].start))
    return Call(transcript, found)


@dataclass(frozen=True, slots=True)
class Pick:
    """Evidence of one label, said by the rep (`rep` True), by anyone else (False) or by anybody (None).

    `attributes` must all be equal; `having` names attributes that must be filled in, `lacking` those that
    must not be (an old result may not know them).
    """

    label: str
    rep: bool | None = True
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    having: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def of(self, call: Call) -> list[tuple[int, Evidence]]:
        """The picked evidence with its positions, in the order of the call."""
        found, turns = list(call.found.get(self.label, ())), call.turns
        if self.rep is not None:
            found = [entry for entry in found if (turns[entry[1].turn].speaker == REP) == self.rep]
        for name, value in self.attributes.items():
            found = [entry for entry in found if entry[1].attributes.get(name) == value]
        for name in self.having:
            found = [entry for entry in found if _filled(entry[1].attributes.get(name))]
        for name in self.lacking:
            found = [entry for entry in found if not _filled(entry[1].attributes.get(name))]
        return found


def _filled(value: AttributeValue) -> bool:
    """Whether an attribute says something; 0 does, it may be the index of a turn."""
    return value is not None and value is not False and value != ""


Measure = Callable[[Call], float | None]


@dataclass(frozen=True, slots=True)
class Feature:
    """A named number about a call.

    `direction` is 1 where more of it is better, -1 where less is, 0 where that depends on the framework.
    `picks` is the evidence that it rests on. `timed` ones are None for a transcript without times; those
    that `need_rep` are None while no speaker is the rep.
    """

    name: str
    unit: str
    summary: str
    formula: str
    direction: int
    picks: tuple[Pick, ...]
    measure: Measure
    timed: bool = False
    needs_rep: bool = True

    def of(self, call: Call) -> float | None:
        """The value for this call, or None where it can't be known."""
        if (self.timed and not call.timed) or (self.needs_rep and not call.words.get(REP)):
            return None
        value = self.measure(call)
        return None if value is None else float(value)


def feature(
    registry: dict[str, Feature],
    unit: str,
    direction: int = 0,
    picks: Sequence[Pick] = (),
    *,
    timed: bool = False,
    needs_rep: bool = True,
) -> Callable[[Measure], Measure]:
    """Enter a function in `registry` under its own name.

    The first line of its docstring becomes the summary, the rest the formula.
    """

    def enter(measure: Measure) -> Measure:
        summary, _, formula = (getdoc(measure) or "").partition("\n")
        name = measure.__name__
        registry[name] = Feature(
            name, unit, summary, " ".join(formula.split()), direction, tuple(picks), measure, timed, needs_rep
        )
        return measure

    return enter
