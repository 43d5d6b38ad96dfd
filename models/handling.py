"""Features of objections and what the rep makes of them, and of the next step."""

from models.call import REP, Evidence
from models.measure import Call, Feature, Pick, feature

HANDLING: dict[str, Feature] = {}

OBJECTION = Pick("objection", rep=False)
RESPONSE = Pick("response")
NEXT_STEP = Pick("next_step", rep=None)
TRIAL_CLOSE = Pick("trial_close")
RECAP = Pick("recap")
STAKEHOLDER = Pick("stakeholder", rep=None)

_TAKEN_IN = frozenset({"acknowledge", "clarify"})
_SETTLING = frozenset({"evidence", "confirm"})
_HELPFUL = _TAKEN_IN | _SETTLING
_AMISS = frozenset({"argue", "ignore", "concede"})


def _move(name: str) -> Pick:
    return Pick("response", attributes={"move": name})


def _moves(call: Call) -> list[set[str]]:
    """The rep's moves on each objection; a response belongs to the last objection before it."""
    marks = [(item.turn, item.start, "") for _, item in OBJECTION.of(call)]
    marks += [(i.turn, i.start, str(i.attributes.get("move") or "")) for _, i in RESPONSE.of(call)]
    moves: list[set[str]] = []
    for _, _, move in sorted(marks):
        if not move:
            moves.append(set())
        elif moves:
            moves[-1].add(move)
    return moves


def _share_with(call: Call, move: str) -> float | None:
    moves = _moves(call)
    return sum(move in made for made in moves) / len(moves) if moves else None


@feature(HANDLING, "objections", 0, [OBJECTION], needs_rep=False)
def objections(call: Call) -> float:
    """Concerns, doubts and pushback of the buyer's side.

    Number of `objection` by anybody but the rep.
    """
    return len(OBJECTION.of(call))


@feature(HANDLING, "share", 1, [OBJECTION, *(_move(move) for move in sorted(_HELPFUL))])
def objections_answered(call: Call) -> float | None:
    """Share of the objections that the rep takes up.

    Objections with a `response` of move acknowledge, clarify, evidence or confirm / objections.
    """
    moves = _moves(call)
    return sum(bool(made & _HELPFUL) for made in moves) / len(moves) if moves else None


@feature(HANDLING, "share", 1, [_move("acknowledge")])
def objections_acknowledged(call: Call) -> float | None:
    """Share of the objections that the rep acknowledges.

    Objections with a `response` of move acknowledge / objections.
    """
    return _share_with(call, "acknowledge")


@feature(HANDLING, "share", 1, [_move("clarify")])
def objections_clarified(call: Call) -> float | None:
    """Share of the objections that the rep asks about before answering.

    Objections with a `response` of move clarify / objections.
    """
    return _share_with(call, "clarify")


@feature(HANDLING, "share", 1, [_move("evidence")])
def objections_evidenced(call: Call) -> float | None:
    """Share of the objections answered with evidence.

    Objections with a `response` of move evidence / objections.
    """
    return _share_with(call, "evidence")


@feature(HANDLING, "share", 1, [_move("confirm")])
def objections_confirmed(call: Call) -> float | None:
    """Share of the objections where the rep checks that the answer settles it.

    Objections with a `response` of move confirm / objections.
    """
    return _share_with(call, "confirm")


@feature(HANDLING, "share", -1, [_move("argue")])
def objections_argued(call: Call) -> float | None:
    """Share of the objections met with argument or defence.

    Objections with a `response` of move argue / objections.
    """
    return _share_with(call, "argue")


@feature(HANDLING, "share", -1, [_move("concede")])
def objections_caved(call: Call) -> float | None:
    """Share of the objections given in to at once.

    Objections with a `response` of move concede and none of acknowledge, clarify, evidence or confirm /
    objections.
    """
    moves = _moves(call)
    caved = sum("concede" in made and not made & _HELPFUL for made in moves)
    return caved / len(moves) if moves else None


@feature(HANDLING, "share", 1, [Pick("objection", rep=False, attributes={"status": "resolved"})])
def objections_resolved(call: Call) -> float | None:
    """Share of the objections that are settled in the call.

    `objection` with `status` resolved / objections.
    """
    found = OBJECTION.of(call)
    settled = sum(item.attributes.get("status") == "resolved" for _, item in found)
    return settled / len(found) if found else None


@feature(HANDLING, "share", 1, [_move("acknowledge"), _move("clarify"), _move("evidence")])
def objections_heard_out(call: Call) -> float | None:
    """Share of the objections that are both taken in and answered.

    Objections with a `response` of move acknowledge or clarify as well as one of move evidence or confirm /
    objections.
    """
    moves = _moves(call)
    both = sum(bool(made & _TAKEN_IN) and bool(made & _SETTLING) for made in moves)
    return both / len(moves) if moves else None


@feature(HANDLING, "moves", 1, [_move(move) for move in sorted(_HELPFUL)])
def objection_moves(call: Call) -> float | None:
    """How much the rep does about the objection worked on most: 0 to 4.

    Highest number, over the objections, of different moves among acknowledge, clarify, evidence and confirm.
    """
    return max((len(made & _HELPFUL) for made in _moves(call)), default=None)


@feature(HANDLING, "moves", 1, [_move(move) for move in sorted(_HELPFUL)])
def objection_moves_least(call: Call) -> float | None:
    """How much the rep does about the objection worked on least: 0 to 4.

    Lowest number, over the objections, of different moves among acknowledge, clarify, evidence and confirm.
    """
    return min((len(made & _HELPFUL) for made in _moves(call)), default=None)


@feature(HANDLING, "share", -1, [_move("argue"), _move("ignore")])
def objections_brushed_off(call: Call) -> float | None:
    """Share of the objections that are argued with, ignored or given in to, and not taken in.

    Objections without a `response` of move acknowledge or clarify, and with one of move argue, ignore or
    concede or with none at all / objections.
    """
    moves = _moves(call)
    off = sum(not made & _TAKEN_IN and (not made or bool(made & _AMISS)) for made in moves)
    return off / len(moves) if moves else None


def _concrete(step: Evidence) -> bool:
    return not step.attributes.get("vague")


def _timed(step: Evidence) -> bool:
    return _concrete(step) and bool(step.attributes.get("when") or step.attributes.get("date"))


def _owned(step: Evidence) -> bool:
    return _concrete(step) and bool(step.attributes.get("owner"))


def _agreed(step: Evidence) -> bool:
    return bool(step.attributes.get("agreed"))


def _complete(step: Evidence) -> bool:
    return _owned(step) and _timed(step) and _agreed(step)


def _steps(call: Call) -> list[Evidence]:
    return [item for _, item in NEXT_STEP.of(call)]


def _best(call: Call) -> Evidence | None:
    """The step with most of owner, time and agreement; of equal ones the timed, the owned, the later."""

    def rank(step: Evidence) -> tuple[int, ...]:
        parts = _owned(step) + _timed(step) + _agreed(step)
        return (_concrete(step), parts, _timed(step), _owned(step), step.turn, step.start)

    return max(_steps(call), key=rank, default=None)


@feature(HANDLING, "steps", 1, [NEXT_STEP])
def next_steps(call: Call) -> float:
    """Next steps named by either side, vague ones included.

    Number of `next_step` by anybody.
    """
    return len(_steps(call))


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None)])
def next_step_concrete(call: Call) -> float:
    """Whether some next step is a concrete action.

    1 if a `next_step` is not `vague`, else 0.
    """
    return any(map(_concrete, _steps(call)))


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, having=("owner",))])
def next_step_owned(call: Call) -> float:
    """Whether the best next step has an owner.

    1 if the concrete `next_step` with most of owner, time and agreement has `owner`, else 0.
    """
    best = _best(call)
    return best is not None and _owned(best)


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, having=("when",))])
def next_step_timed(call: Call) -> float:
    """Whether the best next step has a time.

    1 if the concrete `next_step` with most of owner, time and agreement has `when` or `date`, else 0.
    """
    best = _best(call)
    return best is not None and _timed(best)


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, attributes={"agreed": True})])
def next_step_agreed(call: Call) -> float:
    """Whether the other side accepts the best next step.

    1 if the `next_step` with most of owner, time and agreement has `agreed` true, else 0.
    """
    best = _best(call)
    return best is not None and _agreed(best)


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, attributes={"agreed": True})])
def next_step_complete(call: Call) -> float:
    """Whether one next step has action, owner, time and agreement together.

    1 if some concrete `next_step` has `owner`, `when` or `date`, and `agreed`, else 0.
    """
    return any(map(_complete, _steps(call)))


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, having=("owner",))])
def next_step_shared(call: Call) -> float:
    """Whether a complete next step is more than the rep's own plan.

    1 if next_step_complete and some concrete `next_step` has an `owner` other than rep, else 0.
    """
    others = {step.attributes.get("owner") for step in _steps(call) if _owned(step)} - {REP}
    return bool(next_step_complete(call)) and bool(others)


@feature(HANDLING, "yes/no", 1, [Pick("next_step", rep=None, having=("owner",))])
def next_step_mutual(call: Call) -> float:
    """Whether both sides have something to do, one step being complete.

    1 if next_step_complete and the owners of the concrete steps are `both`, or rep as well as buyer.
    """
    owners = {step.attributes.get("owner") for step in _steps(call) if _concrete(step)}
    return bool(next_step_complete(call)) and ("both" in owners or {REP, "buyer"} <= owners)


@feature(HANDLING, "yes/no", 1, [RECAP, NEXT_STEP])
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
    again = (item for _, item in Pick("next_step", having=("when",)).of(call))
    return any(item.turn > said.get(str(item.attributes["when"]), item.turn) for item in again)


@feature(HANDLING, "yes/no", 1, [STAKEHOLDER])
def next_step_attendees(call: Call) -> float:
    """Whether people are named with a complete next step.

    1 if a `stakeholder` is named in the turn of a complete `next_step` or the turn before or after; else 0.
    """
    near = {turn for s in _steps(call) if _complete(s) for turn in (s.turn - 1, s.turn, s.turn + 1)}
    return any(item.turn in near for _, item in STAKEHOLDER.of(call))


@feature(HANDLING, "questions", 1, [TRIAL_CLOSE])
def trial_closes(call: Call) -> float:
    """Trial closes by the rep.

    Number of `trial_close` by the rep.
    """
    return len(TRIAL_CLOSE.of(call))
