"""Responses: what the rep does about an objection, how far it is followed, and how it ends."""

from annotators import pipeline
from annotators.document import build_doc, layout
from annotators.responses import LOOKS, Move, looked_at
from tests.annotators.calls import call, found

OBJECTION = "buyer: Honestly, that's way too expensive for us."
BEFORE = ("rep: It's eleven hundred a month for the whole site.",)


def moves(*rest: str) -> list[tuple[int, object]]:
    return [(item.turn, item.attributes["move"]) for item in found("response", *BEFORE, OBJECTION, *rest)]


def test_no_objection_no_response() -> None:
    assert found("response", "rep: It's eleven hundred.", "buyer: Okay, good.", "rep: I understand.") == []


def test_only_the_rep_responds() -> None:
    rest = ("rep: I hear you. What were you expecting to pay?", "buyer: I understand, that's a fair point.")
    assert {turn for turn, _ in moves(*rest)} == {2}


def test_the_first_answer_always_has_a_move() -> None:
    assert moves("rep: Lovely weather up here, the boats are out.", "buyer: Right.")


def test_an_objection_is_followed_over_a_bounded_number_of_turns() -> None:
    chat = [line for _ in range(30) for line in ("rep: I understand, that's a fair point.", "buyer: Yeah.")]
    assert max(turn for turn, _ in moves(*chat)) < 2 + 2 * 8


def test_neighbouring_clauses_of_one_move_are_one_response() -> None:
    found_moves = [
        move for _, move in moves("rep: I hear you, and I understand, that's fair.", "buyer: Yeah.")
    ]
    assert found_moves == ["acknowledge"]


def test_every_objection_has_a_status() -> None:
    statuses = [
        item.attributes["status"]
        for item in found("objection", *BEFORE, OBJECTION, "rep: Sure.", OBJECTION, "rep: Okay.")
    ]
    assert statuses
    assert set(statuses) <= {"resolved", "dropped", "open"}


TALK = (
    *BEFORE,
    OBJECTION,
    "rep: I hear you, and I understand, that's fair. What were you expecting to pay for it?",
    "buyer: Half of that.",
)


def test_a_second_look_sets_doubtful_moves_right_and_joins_what_is_one() -> None:
    doubtful = {"acknowledge": 0.3, "argue": 0.32, "none": 0.38}
    given = [Move(2, 0, 3, "acknowledge", {"acknowledge": 0.9}), Move(2, 3, 8, "argue", doubtful)]
    (move,) = looked_at(layout(build_doc(pipeline(), call(*TALK))), given)
    assert (move.label, move.start, move.stop) == ("acknowledge", 0, 8)
    assert 0 < move.finding().strength <= 1


def test_moves_of_other_turns_or_with_words_between_stay_apart() -> None:
    sure = {"acknowledge": 1.0}
    given = [Move(2, 0, 3, "acknowledge", sure), Move(2, 4, 8, "acknowledge", sure)]
    assert len(list(looked_at(layout(build_doc(pipeline(), call(*TALK))), given))) == 2


def test_only_the_least_sure_moves_of_a_call_are_looked_at() -> None:
    turns = ("rep: I hear you, and I understand, that's fair.", "buyer: Well.") * (LOOKS + 1)
    heard = layout(build_doc(pipeline(), call(*BEFORE, OBJECTION, *turns)))
    said = range(2, len(heard.turns), 2)
    given = [Move(turn, 0, 8, "argue", {"argue": 0.4, "acknowledge": 0.3}) for turn in said[:-1]]
    surer = Move(said[-1], 0, 8, "argue", {"argue": 0.5, "acknowledge": 0.3})
    *looked, last = looked_at(heard, [*given, surer])
    assert {move.label for move in looked} == {"acknowledge"}
    assert last == surer
