"""Features of the next step: what is agreed, by whom, for when. What the other side refuses is none."""

from models.call import REP, Evidence
from models.measure import Call, Feature, Pick, feature

CLOSING: dict[str, Feature] = {}

NEXT_STEP = Pick("next_step", rep=None, lacking=("refused",))
OWNED = Pick("next_step", rep=None, having=("owner",), lacking=("refused",))
TIMED = Pick("next_step", rep=None, having=("when",), lacking=("refused",))
AGREED = Pick("next_step", rep=None, attributes={"agreed": True}, lacking=("refused",))
SAID_BY_REP = Pick("next_step", having=("when",), lacking=("refused",))
TRIAL_CLOSE = Pick("trial_close")
RECAP = Pick("recap")
STAKEHOLDER = Pick("stakeholder", rep=None)
# Words of a time that nobody can hold to, and of one that waits for something, unless a day came of it.
_OPEN = frozenset({
    "sometime", "some", "soon", "point", "while", "bit", "road", "line", "later", "eventually", "whenever",
})  # fmt: skip
_WAITING = frozenset({"when", "once", "after", "until", "if", "unless"})


def _says(step: Evidence, words: frozenset[str]) -> bool:
    """Whether one of the words is in the step's time, and no day came of it."""
    when = step.attributes.get("when")
    if step.attributes.get("date") or not isinstance(when, str):
        return False
    return not words.isdisjoint(when.casefold().replace("'", " ").split())


def _concrete(step: Evidence) -> bool:
    return not step.attributes.get("vague") and not _says(step, _OPEN)


def _timed(step: Evidence) -> bool:
    """Whether a time is named that can be held to, which "once it's ready" can't."""
    named = bool(step.attributes.get("when") or step.attributes.get("date"))
    return _concrete(step) and named and not _says(step, _WAITING)


def _owned(step: Evidence) -> bool:
    return _concrete(step) and bool(step.attributes.get("owner"))


def _agreed(step: Evidence) -> bool:
    return bool(step.attributes.get("agreed"))


def _complete(step: Evidence) -> bool:
    return _owned(step) and _timed(step) and _agreed(step)


def _steps(call: Call) -> list[Evidence]:
    return [item for _, item in NEXT_STEP.of(call)]


def _vague(call: Call) -> bool:
    return not all(map(_concrete, _steps(call)))


def _best(call: Call) -> Evidence | None:
    """The step with most of owner, time and agreement; of equal ones the timed, the owned, the later."""

    def rank(step: Evidence) -> tuple[int, ...]:
        parts = _owned(step) + _timed(step) + _agreed(step)
        return (_concrete(step), parts, _timed(step), _owned(step), step.turn, step.start)

    return max(_steps(call), key=rank, default=None)


@feature(CLOSING, "steps", 1, [NEXT_STEP])
def next_steps(call: Call) -> float:
    """Next steps named by either side, vague ones included.

    Number of `next_step` by anybody that are not `refused`, as in all that follows.
    """
    return len(_steps(call))


@feature(CLOSING, "yes/no", 1, [NEXT_STEP])
def next_step_concrete(call: Call) -> float:
    """Whether some next step is a concrete action.

    1 if a `next_step` is neither `vague` nor for a time that nobody can hold to ("sometime", "soon"), else 0.
    What isn't is not concrete in all that follows, either.
    """
    return any(map(_concrete, _steps(call)))


@feature(CLOSING, "yes/no", 1, [OWNED])
def next_step_owned(call: Call) -> float:
    """Whether the best next step has an owner.

    1 if the concrete `next_step` with most of owner, time and agreement has `owner`, else 0.
    """
    best = _best(call)
    return best is not None and _owned(best)


@feature(CLOSING, "yes/no", 1, [TIMED])
def next_step_timed(call: Call) -> float:
    """Whether the best next step has a time.

    1 if the concrete `next_step` with most of owner, time and agreement has `date`, or a `when` that waits
    for nothing else ("once it's ready" does), else 0. That is a time in all that follows, too.
    """
    best = _best(call)
    return best is not None and _timed(best)


@feature(CLOSING, "yes/no", 1, [AGREED])
def next_step_agreed(call: Call) -> float:
    """Whether the other side accepts the best next step.

    1 if the `next_step` with most of owner, time and agreement has `agreed` true, else 0.
    """
    best = _best(call)
    return best is not None and _agreed(best)


@feature(CLOSING, "yes/no", 1, [AGREED])
def next_step_complete(call: Call) -> float:
    """Whether one next step has action, owner, time and agreement together.

    1 if some concrete `next_step` has `owner`, `when` or `date`, and `agreed`, else 0.
    """
    return any(map(_complete, _steps(call)))


@feature(CLOSING, "yes/no", 1, [OWNED])
def next_step_shared(call: Call) -> float:
    """Whether a complete next step is more than the rep's own plan.

    1 if next_step_complete and some concrete `next_step` has an `owner` other than rep, else 0.
    """
    others = {step.attributes.get("owner") for step in _steps(call) if _owned(step)} - {REP}
    return bool(next_step_complete(call)) and bool(others)


@feature(CLOSING, "yes/no", 1, [OWNED])
def next_step_mutual(call: Call) -> float:
    """Whether both sides have something to do, one step being complete.

    1 if next_step_complete and the owners of the concrete steps are `both`, or rep as well as buyer.
    """
    owners = {step.attributes.get("owner") for step in _steps(call) if _concrete(step)}
    return bool(next_step_complete(call)) and ("both" in owners or {REP, "buyer"} <= owners)


@feature(CLOSING, "yes/no", 1, [RECAP, NEXT_STEP])
def next_step_recapped(call: Call) -> float:
    """Whether the rep recaps after a complete next step.

    1 if next_step_complete and, in the same or a later turn, there is a `recap` by the rep, or the rep
    says a `next_step` with the same `when` again; else 0.
    """
    complete = [step for step in _steps(call) if _complete(step)]
    if not complete:
        return False
    first = min(step.turn for step in complete)
    if any(item.turn >= first for _, item in RECAP.of(call)):
        return True
    said: dict[str, int] = {}
    for step in complete:
        said.setdefault(str(step.attributes.get("when")), step.turn)
    again = (item for _, item in SAID_BY_REP.of(call))
    return any(item.turn > said.get(str(item.attributes["when"]), item.turn) for item in again)


@feature(CLOSING, "yes/no", 1, [STAKEHOLDER])
def next_step_attendees(call: Call) -> float:
    """Whether people are named with a complete next step.

    1 if a `stakeholder` is named in the turn of a complete `next_step` or the turn before or after; else 0.
    """
    near = {turn for s in _steps(call) if _complete(s) for turn in (s.turn - 1, s.turn, s.turn + 1)}
    return any(item.turn in near for _, item in STAKEHOLDER.of(call))


@feature(CLOSING, "yes/no", -1, [NEXT_STEP])
def next_step_left_open(call: Call) -> float:
    """Whether something concrete is left in the air: it has no time, and the rest is vague.

    1 if some `next_step` is concrete, another is not and none has a time, as above, else 0.
    """
    return _vague(call) and any(map(_concrete, _steps(call))) and not any(map(_timed, _steps(call)))


@feature(CLOSING, "yes/no", -1, [NEXT_STEP])
def next_step_loose_end(call: Call) -> float:
    """Whether something vague is left beside a step with a time.

    1 if some `next_step` is not concrete and another has a time, as above, else 0.
    """
    return _vague(call) and any(map(_timed, _steps(call)))


@feature(CLOSING, "questions", 1, [TRIAL_CLOSE])
def trial_closes(call: Call) -> float:
    """Trial closes by the rep.

    Number of `trial_close` by the rep.
    """
    return len(TRIAL_CLOSE.of(call))
