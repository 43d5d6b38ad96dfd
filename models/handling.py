"""Features of objections and what the rep makes of them."""

from models.measure import Call, Feature, Pick, feature

HANDLING: dict[str, Feature] = {}

OBJECTION = Pick("objection", rep=False)
RESPONSE = Pick("response")

_TAKEN_IN = frozenset({"acknowledge", "clarify"})
_SETTLING = frozenset({"evidence", "confirm"})
_HELPFUL = _TAKEN_IN | _SETTLING
_PASSING = frozenset({"argue", "ignore"})
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


def _strongest(call: Call, move: str) -> float | None:
    """How sure the surest response of a move is; None without objections."""
    found = [item.strength for _, item in _move(move).of(call)]
    return max(found, default=0.0) if OBJECTION.of(call) else None


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


@feature(HANDLING, "strength", 1, [_move("clarify")])
def objection_asked_about(call: Call) -> float | None:
    """How clearly the rep asks what is behind an objection.

    Highest strength of a `response` of move clarify, 0..1; 0 without one, None without objections.
    """
    return _strongest(call, "clarify")


@feature(HANDLING, "strength", 1, [_move("confirm")])
def objection_settled_with(call: Call) -> float | None:
    """How clearly the rep makes sure that an objection is settled.

    Highest strength of a `response` of move confirm, 0..1; 0 without one, None without objections.
    """
    return _strongest(call, "confirm")


@feature(HANDLING, "share", -1, [OBJECTION, _move("argue"), _move("ignore")])
def answers_amiss(call: Call) -> float | None:
    """How much of what the rep says to objections argues with them or passes over them.

    Words in `response` of move argue or ignore / words in all `response`; 1 if there are objections and no
    response to any, None without objections.
    """
    if not OBJECTION.of(call):
        return None
    sizes = [(str(i.attributes.get("move")), max(0, i.stop - i.start)) for _, i in RESPONSE.of(call)]
    whole = sum(size for _, size in sizes)
    return sum(size for move, size in sizes if move in _PASSING) / whole if whole else 1.0
