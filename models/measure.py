"""How a feature is declared, and the view of a call that features are computed from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc

from models.call import REP, AttributeValue, Evidence, Transcript, Turn
from models.floor import Run, runs


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

    def again(self, evidence: Sequence[Evidence]) -> "Call":
        """The same transcript with other evidence; what was worked out of its words is kept."""
        call = view(self.transcript, evidence)
        call.__dict__.update(words=self.words, timed=self.timed, runs=self.runs)
        return call

    def by_rep(self, evidence: Evidence) -> bool:
        """Whether the rep said these words."""
        return self.turns[evidence.turn].speaker == REP


def view(transcript: Transcript, evidence: Sequence[Evidence]) -> Call:
    """The view of a call that features read."""
    found: dict[str, list[tuple[int, Evidence]]] = {}
    for position, item in enumerate(evidence):
        if 0 <= item.turn < len(transcript.turns):
            found.setdefault(item.label, []).append((position, item))
    for items in found.values():
        items.sort(key=lambda item: (item[1].turn, item[1].start, item[0]))
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
        return [
            (position, item)
            for position, item in call.found.get(self.label, ())
            if (self.rep is None or call.by_rep(item) == self.rep)
            and all(item.attributes.get(name) == value for name, value in self.attributes.items())
            and all(_filled(item.attributes.get(name)) for name in self.having)
            and not any(_filled(item.attributes.get(name)) for name in self.lacking)
        ]


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
