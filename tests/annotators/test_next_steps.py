"""Next steps in whole exchanges: one mark a step, its day wherever it is said, and what is none."""

import pytest

from annotators.document import layout
from annotators.step_marks import marked
from annotators.step_times import step_time
from annotators.utterances import by_turn
from tests.annotators.calls import TUESDAY, call, found
from training.heard import heard

_TALK = (
    "rep: How do you plan the rounds today?",
    "buyer: On paper, mostly. Two people do it every morning and it takes them an hour.",
    "rep: And what does that cost you?",
    "buyer: About nine thousand a year, I think, with the overtime.",
) * 3


def test_the_day_may_follow_in_the_next_sentence() -> None:
    steps = found(
        "next_step",
        "rep: I'll send you the quote and the drawings. You'll have both by Friday.",
        "buyer: Good.",
    )
    assert {step.attributes["date"] for step in steps} == {"2026-03-06"}


def test_the_answer_may_move_the_day() -> None:
    steps = found(
        "next_step", "rep: I'll send you the proposal by Friday.", "buyer: Make it Thursday.", "rep: Will do."
    )
    assert [step.attributes["date"] for step in steps if step.turn == 0] == ["2026-03-05"]


@pytest.mark.parametrize(
    ("said", "when", "date"),
    [
        ("Great, I'll send you the price list now.", "now", "2026-03-03"),
        ("And I'll send her the price list straight away.", "straight away", "2026-03-03"),
        ("Now, I'll send you the contract as well.", None, None),
        ("I'll send you the price list now with the drawings.", "now", "2026-03-03"),
        ("I'll send you the invite for the nineteenth today.", "today", "2026-03-03"),
        ("I'll send the price list over after this.", "after this", "2026-03-03"),
        (
            "I'll send you the price list by, what's today, today's Tuesday, by Thursday.",
            "by Thursday",
            "2026-03-05",
        ),
        (
            "I'll send you the price list by the Tuesday after so it's in time.",
            "by the Tuesday after",
            "2026-03-17",
        ),
    ],
)
def test_times_as_people_say_them(said: str, when: str | None, date: str | None) -> None:
    steps = found("next_step", *_TALK, f"rep: {said}", "buyer: Thanks.")
    assert [(step.attributes["when"], step.attributes["date"]) for step in steps] == [(when, date)]


@pytest.mark.parametrize(
    "said",
    [
        "I'll bring the samples.",
        "Great, and I'll have the quote ready for you then.",
    ],
)
def test_what_is_done_at_a_meeting_has_its_day(said: str) -> None:
    steps = found(
        "next_step",
        *_TALK,
        "rep: Could we meet on Wednesday the eleventh at ten?",
        "buyer: Wednesday the eleventh is good.",
        f"rep: {said}",
        "buyer: Perfect, thanks.",
    )
    assert [step.attributes["date"] for step in steps if step.turn == 14] == ["2026-03-11"]


def test_the_day_of_the_month_says_which_friday_is_meant() -> None:
    steps = found(
        "next_step",
        *_TALK,
        "rep: I'll have a first draft with you by the Friday after that, the thirteenth.",
        "buyer: Good.",
    )
    assert {step.attributes["date"] for step in steps} == {"2026-03-13"}


def test_that_same_day_is_the_day_just_named() -> None:
    steps = found(
        "next_step",
        "rep: I'll call you on Monday the ninth and I'll send you the price that same day.",
        "buyer: Yes please.",
    )
    assert {step.attributes["date"] for step in steps} == {"2026-03-09"}


def test_who_gets_it_and_who_sends_it() -> None:
    (gets,) = found("next_step", "rep: You'll have the contract by Friday.", "buyer: Great.")
    (sends,) = found("next_step", "rep: You'll send me the list by Friday.", "buyer: Sure.")
    assert (gets.attributes["owner"], sends.attributes["owner"]) == ("rep", "buyer")


def test_without_known_roles_commitments_count_and_have_no_owner() -> None:
    steps = found("next_step", "A: I'll send you the minutes after the meeting.", "B: Okay.")
    assert steps
    assert {step.attributes["owner"] for step in steps} <= {None, "both"}


@pytest.mark.parametrize(
    ("likely", "joined", "spans"),
    [
        ({0: 0.9, 1: 0.8}, True, [(0, 2)]),
        ({0: 0.9, 1: 0.8}, False, [(0, 1), (1, 2)]),
        ({0: 0.9, 1: 0.1, 2: 0.8}, True, [(0, 3)]),
        ({0: 0.9, 5: 0.8}, True, [(0, 1), (5, 6)]),
        ({0: 0.1}, True, []),
    ],
)
def test_parts_of_one_step_are_joined(
    likely: dict[int, float], joined: bool, spans: list[tuple[int, int]]
) -> None:
    found = marked(0, likely, lambda _part, _after: joined)
    assert [(step.first, step.last) for step in found] == spans


def test_a_promise_and_when_it_comes_are_one_step() -> None:
    steps = found(
        "next_step",
        *_TALK,
        "rep: I'll redo the quote with the two lines in it, and you'll have it by Friday.",
        "buyer: Perfect, thanks.",
    )
    assert [(step.attributes["owner"], step.attributes["date"]) for step in steps] == [("rep", "2026-03-06")]


def test_two_promises_for_two_days_are_two_steps() -> None:
    steps = found(
        "next_step",
        *_TALK,
        "rep: I'll send you the contract by Friday, and I'll call you on Tuesday.",
        "buyer: Perfect, thanks.",
    )
    assert [step.attributes["date"] for step in steps] == ["2026-03-06", "2026-03-10"]


def test_a_day_mentioned_in_parting_moves_no_appointment() -> None:
    steps = found(
        "next_step",
        "rep: Shall we speak again on Thursday the twelfth, at ten?",
        "buyer: Ten o'clock, yes.",
        "rep: I'll leave you to the rest of your Friday, then.",
    )
    assert steps[0].attributes["date"] == "2026-03-12"


def test_a_clock_takes_its_day_from_the_sentence_before() -> None:
    steps = found("next_step", *_TALK, "rep: Thursday is good. I'll call you at seven.", "buyer: Great.")
    assert {step.attributes["date"] for step in steps} == {"2026-03-05"}


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("rep: I'll send you the revised quote by Friday.", "send the revised quote"),
        ("rep: So, um, I'll call Karen tomorrow.", "call Karen"),
        ("rep: Could you send me the list of sites by Friday?", "send the list of sites"),
    ],
)
def test_the_action_is_told_in_a_few_words(line: str, action: str) -> None:
    (step,) = found("next_step", line, "buyer: Yes, sure.")
    assert step.attributes["action"] == action


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("buyer: And the quote?", "rep: I'll shoot it over to you by Friday."), "quote"),
        (("rep: I'll get the agreement over to you with the clause we discussed by Friday.",), "send"),
    ],
)
def test_the_action_tells_what_the_step_only_points_to(said: tuple[str, ...], told: str) -> None:
    steps = found("next_step", *_TALK, *said, "buyer: Good.")
    assert told in {word for step in steps for word in str(step.attributes["action"]).split()}


def test_a_step_of_words_that_tell_nothing_still_has_an_action() -> None:
    steps = found("next_step", *_TALK, "rep: I'll do that for you by Friday.", "buyer: Good.")
    assert all(step.attributes["action"] for step in steps)


def test_the_position_is_the_share_of_the_call_before_the_step() -> None:
    steps = found("next_step", *_TALK, "rep: I'll send you the contract by Friday.", "buyer: Good.")
    assert 0.8 < steps[-1].attributes["position"] < 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Shall we meet on Tuesday at ten?", "No, let's leave it."),
        ("Shall we meet on Tuesday at ten?", "Let's just leave it there."),
        ("Shall we meet on Tuesday at ten?", "No."),
        ("I'll send you the proposal by Friday.", "No need, we've gone with somebody else."),
        ("I'll send you the proposal by Friday.", "I'd rather you didn't."),
        ("I'll call you on Monday at nine.", "Please don't call on Monday, I'm not interested."),
        ("shall we meet on tuesday at ten", "no let's leave it"),
    ],
)
def test_what_the_other_side_turns_down_is_marked_as_refused(asked: str, answer: str) -> None:
    steps = found("next_step", f"rep: {asked}", f"buyer: {answer}", "rep: Fair enough.")
    asked_for = [step.attributes for step in steps if step.turn == 0]
    assert [(step["refused"], step["agreed"]) for step in asked_for] == [(True, False)]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Shall we meet on Tuesday at ten?", "No problem."),
        ("Shall we meet on Tuesday at ten?", "No, that works."),
        ("Shall we meet on Tuesday at ten?", "No, make it Thursday."),
        ("Shall we meet on Tuesday at ten?", "Maybe."),
        ("Shall we meet on Tuesday at ten?", "Why not."),
        ("I'll call you on Monday at nine, unless you have a problem with that.", "No."),
        ("I'll send you the proposal by Friday. Anything else?", "No, I think that's all."),
        ("I'll send you the proposal by Friday.", "No rush, thanks."),
        ("shall we meet on tuesday at ten", "no that works"),
    ],
)
def test_not_every_no_is_a_refusal(asked: str, answer: str) -> None:
    steps = found("next_step", f"rep: {asked}", f"buyer: {answer}", "rep: Fine.")
    assert {step.attributes["refused"] for step in steps if step.turn == 0} == {False}


@pytest.mark.parametrize(
    ("likely", "beside", "answered"),
    [(None, "2026-03-05", None), (0.1, None, None), (0.9, "2026-03-05", "2026-03-09")],
)
def test_a_day_named_elsewhere_is_a_steps_own_as_far_as_that_is_likely(
    likely: float | None, beside: str | None, answered: str | None
) -> None:
    doc = heard(
        call(
            "rep: Thursday we are closed, mind. I'll ask Tom about the keys.",
            "buyer: Fine.",
            "rep: Could you send me the list of rooms?",
            "buyer: You can have that Monday.",
        )
    )
    said, turns = [turn.words for turn in layout(doc).turns], by_turn(doc)
    times = [
        step_time(said, turns, place, [], TUESDAY, elsewhere=likely)
        for place in ((0, 5, len(said[0])), (2, 0, len(said[2])))
    ]
    assert [str(time.date) if time else None for time in times] == [beside, answered]
