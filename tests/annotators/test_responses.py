"""Responses: what the rep does about an objection, how far it is followed, and how it ends."""

from tests.annotators.calls import found

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
