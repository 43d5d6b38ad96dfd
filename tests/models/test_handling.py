from functools import partial

import pytest

from models.call import AttributeValue, Evidence, Transcript
from models.features import features
from tests.factories import evidence, transcript


def one(name: str, call: Transcript, *found: Evidence) -> float | None:
    return features(call, found)[name]


TALK = transcript(
    ("rep", "how do you plan the week"),
    ("buyer", "on paper it takes five hours"),
    ("rep", "and then"),
    ("buyer", "we"),
)


def test_a_response_belongs_to_the_last_objection_before_it() -> None:
    call = transcript(*[("rep", "a b c"), ("buyer", "d e f")] * 4)
    found = [
        evidence("response", turn=0, move="confirm"),
        evidence("objection", turn=1, kind="price", status="resolved"),
        evidence("response", turn=2, move="acknowledge"),
        evidence("response", turn=2, start=1, stop=2, move="evidence"),
        evidence("objection", turn=3, kind="timing", status="dropped"),
        evidence("response", turn=4, move="argue"),
        evidence("objection", turn=4, kind="need", status="open"),
    ]
    result = features(call, found)
    assert result["objections"] == 2
    assert result["objections_answered"] == 0.5
    assert result["objections_acknowledged"] == 0.5
    assert result["objections_confirmed"] == 0
    assert result["objections_argued"] == 0.5
    assert result["objections_resolved"] == 0.5


def test_giving_in_counts_only_where_nothing_else_is_tried() -> None:
    objection = evidence("objection", turn=1, kind="price")
    caved = evidence("response", turn=2, move="concede")
    heard = evidence("response", turn=2, start=1, stop=2, move="acknowledge")
    assert one("objections_caved", TALK, objection, caved) == 1
    assert one("objections_caved", TALK, objection, heard, caved) == 0


def test_one_concern_asked_about_and_settled_is_enough_and_surer_counts_more() -> None:
    price, timing = evidence("objection", turn=1, kind="price"), evidence("objection", turn=3, kind="timing")
    guessed = evidence("response", turn=2, strength=0.4, move="clarify")
    plain = evidence("response", turn=2, start=1, stop=2, strength=0.9, move="clarify")
    assert one("objection_asked_about", TALK) is None
    assert one("objection_asked_about", TALK, price, timing) == 0
    assert one("objection_asked_about", TALK, price, guessed, timing) == 0.4
    assert one("objection_asked_about", TALK, price, guessed, plain, timing) == 0.9
    assert one("objection_settled_with", TALK, price, plain) == 0
    settled = evidence("response", turn=2, strength=0.7, move="confirm")
    assert one("objection_settled_with", TALK, price, settled, timing) == 0.7


def test_what_is_said_to_objections_is_weighed_by_its_words() -> None:
    call = transcript(("buyer", "too dear"), ("rep", "no it is not and you know it"), ("buyer", "hm"))
    objection = evidence("objection", turn=0, kind="price")
    argued = evidence("response", turn=1, start=0, stop=6, move="argue")
    heard = evidence("response", turn=1, start=6, stop=8, move="acknowledge")
    assert one("answers_amiss", call) is None
    assert one("answers_amiss", call, objection) == 1
    assert one("answers_amiss", call, objection, heard) == 0
    assert one("answers_amiss", call, objection, argued, heard) == 0.75
    # Small talk that answers nothing changes nothing.
    longer = transcript(*((turn.speaker, "so so so so so so so so so") for turn in call.turns * 3))
    assert one("answers_amiss", longer, objection, argued, heard) == 0.75


def step(turn: int = 0, **attributes: AttributeValue) -> Evidence:
    plain: dict[str, AttributeValue] = {
        "action": "send the offer",
        "owner": None,
        "when": None,
        "agreed": False,
        "vague": False,
    }
    return evidence("next_step", turn, attributes={**plain, **attributes})


NEXT = ("next_step_concrete", "next_step_owned", "next_step_timed", "next_step_agreed", "next_step_complete")


@pytest.mark.parametrize(
    ("found", "parts"),
    [
        ([], (0, 0, 0, 0, 0)),
        ([step(vague=True, owner="rep", when="soon")], (0, 0, 0, 0, 0)),
        ([step()], (1, 0, 0, 0, 0)),
        ([step(owner="rep"), step(1, when="Friday")], (1, 0, 1, 0, 0)),
        ([step(owner="rep", when="Friday"), step(vague=True)], (1, 1, 1, 0, 0)),
        ([step(owner="rep", when="Friday", agreed=True)], (1, 1, 1, 1, 1)),
    ],
)
def test_parts_of_the_best_next_step(found: list[Evidence], parts: tuple[int, ...]) -> None:
    result = features(TALK, found)
    assert tuple(result[name] for name in NEXT) == parts


def test_shared_and_mutual_next_steps() -> None:
    mine = step(owner="rep", when="Friday", agreed=True)
    theirs = step(turn=1, owner="buyer")
    meeting = step(owner="both", when="Monday at ten", agreed=True)
    by_call = {
        "mine": features(TALK, [mine]),
        "two": features(TALK, [mine, theirs]),
        "meeting": features(TALK, [meeting]),
        "theirs": features(TALK, [theirs]),
    }
    shared = {name: result["next_step_shared"] for name, result in by_call.items()}
    mutual = {name: result["next_step_mutual"] for name, result in by_call.items()}
    assert shared == {"mine": 0, "two": 1, "meeting": 1, "theirs": 0}
    assert mutual == {"mine": 0, "two": 1, "meeting": 1, "theirs": 0}


def test_a_recap_counts_after_the_step_or_as_its_repetition() -> None:
    done = step(turn=1, owner="both", when="Friday", agreed=True)
    assert one("next_step_recapped", TALK, done) == 0
    assert one("next_step_recapped", TALK, done, evidence("recap", turn=0)) == 0
    assert one("next_step_recapped", TALK, done, evidence("recap", turn=2)) == 1
    assert one("next_step_recapped", TALK, done, step(turn=2, owner="both", when="Friday")) == 1


def test_a_step_that_the_other_side_refuses_is_none() -> None:
    step: dict[str, AttributeValue] = {"owner": "rep", "when": "Tuesday", "agreed": True}
    refused = features(TALK, [evidence("next_step", attributes={**step, "refused": True})])
    stands = features(TALK, [evidence("next_step", attributes={**step, "refused": False})])
    assert (stands["next_steps"], stands["next_step_complete"]) == (1, 1)
    assert (refused["next_steps"], refused["next_step_concrete"], refused["next_step_complete"]) == (0, 0, 0)


def test_a_time_that_nobody_can_hold_to_makes_no_step() -> None:
    full = partial(step, owner="rep", agreed=True)
    for when in ("sometime in July", "soon", "at some point", "down the road"):
        result = features(TALK, [full(when=when)])
        assert (result["next_step_concrete"], result["next_step_timed"]) == (0, 0)
        assert result["next_step_complete"] == 0
    waits = features(TALK, [full(when="once it's ready")])
    assert (waits["next_step_concrete"], waits["next_step_timed"], waits["next_step_complete"]) == (1, 0, 0)
    for kept in (full(when="once the board met", date="2026-03-06"), full(when="by Friday")):
        assert one("next_step_complete", TALK, kept) == 1


def test_what_is_left_vague_counts_against_a_step_without_a_day_and_one_with() -> None:
    promise, chat = step(owner="rep"), step(2, owner="both", when="sometime", vague=True)
    dated = step(2, owner="rep", when="on Friday", agreed=True)
    left = ("next_step_left_open", "next_step_loose_end")
    assert [features(TALK, [])[name] for name in left] == [0, 0]
    assert [features(TALK, [chat])[name] for name in left] == [0, 0]  # nothing concrete to leave open
    assert [features(TALK, [promise])[name] for name in left] == [0, 0]
    assert [features(TALK, [promise, chat])[name] for name in left] == [1, 0]
    assert [features(TALK, [promise, dated])[name] for name in left] == [0, 0]
    assert [features(TALK, [promise, dated, chat])[name] for name in left] == [0, 1]
