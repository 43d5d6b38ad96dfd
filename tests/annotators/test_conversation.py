"""What depends on more than one turn: who agrees, what is linked, how an objection ends."""

import pytest

from tests.annotators.calls import call, found, quote

OBJECTION = "buyer: That's quite a bit more than I expected."


@pytest.mark.parametrize(
    ("reply", "agreed"),
    [
        ("buyer: Sounds good.", True),
        ("buyer: Thursday works for me.", True),
        ("buyer: No, I'm not sure about that.", False),
        ("buyer: Let me think about it.", False),
    ],
)
def test_a_proposed_meeting_is_agreed_only_if_the_other_side_says_so(reply: str, agreed: bool) -> None:
    (step, *_) = found("next_step", "rep: Shall we meet next Thursday at two?", reply)
    assert step.attributes["agreed"] is agreed
    assert step.attributes["owner"] == "both"


def test_each_commitment_of_a_sentence_has_its_owner() -> None:
    steps = found("next_step", "buyer: Send me the proposal today and I'll sign it tomorrow.", "rep: Great.")
    assert [(step.attributes["owner"], step.attributes["date"]) for step in steps] == [
        ("rep", "2026-03-03"),
        ("buyer", "2026-03-04"),
    ]


def test_an_outcome_is_linked_to_the_turn_that_named_the_need() -> None:
    lines = (
        "buyer: Payroll missed two people last month.",
        "rep: I see.",
        "buyer: And the weather is nice.",
        "rep: With us payroll errors go down, and you'd never miss people in payroll again.",
    )
    outcomes = found("outcome", *lines)
    assert outcomes
    assert {outcome.attributes["link"] for outcome in outcomes} == {0}
    assert all("payroll" in str(outcome.attributes["link_words"]) for outcome in outcomes)


def test_an_outcome_that_nobody_asked_for_has_no_link() -> None:
    (outcome,) = found("outcome", "buyer: Hello.", "rep: It saves you time.")
    assert outcome.attributes["link"] is None


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        (
            ["rep: I understand. In our case support is included.", "buyer: That makes sense, that works."],
            "resolved",
        ),
        (["rep: Anyway, so let me show you the next screen, the reports.", "buyer: Okay."], "dropped"),
        ([], "open"),
        (
            [
                "rep: I hear you. Support is included for two years.",
                "buyer: It's still too expensive for us.",
            ],
            "open",
        ),
    ],
)
def test_what_became_of_an_objection(rest: list[str], status: str) -> None:
    # Raised again, it is the second one that stands.
    objection = found("objection", "rep: It's eleven hundred a month.", OBJECTION, *rest)[-1]
    assert objection.attributes["kind"] == "price"
    assert objection.attributes["status"] == status


def test_the_moves_of_a_good_response_in_order() -> None:
    lines = (
        "rep: It's eleven hundred a month.",
        OBJECTION,
        "rep: I understand, price matters. What are you comparing it with?",
        "buyer: Another quote, without support.",
        "rep: In our case support is included. Does that address your concern?",
        "buyer: Yes, it does.",
    )
    assert [item.attributes["move"] for item in found("response", *lines)] == [
        "acknowledge",
        "clarify",
        "evidence",
        "confirm",
    ]
    assert found("objection", *lines)[0].attributes["status"] == "resolved"


def test_probing_needs_an_answer_to_build_on() -> None:
    lines = (
        "rep: What does your team use?",
        "buyer: Spreadsheets, and they break every week.",
        "rep: Why do they break?",
    )
    first, second = found("question", *lines)
    assert not first.attributes["probing"]
    assert second.attributes["probing"]


def test_a_stakeholder_has_role_and_name_and_is_counted_once() -> None:
    (person,) = found(
        "stakeholder",
        "buyer: Our operations director, Priya, signs off on any new tool.",
        "rep: What would your operations director want to see?",
    )
    assert person.attributes == {"role": "operations director", "name": "Priya"}


def test_several_questions_in_a_row_count_singly() -> None:
    line = "rep: And what does that cost you? How long does it take? Who else is affected?"
    assert [quote(call(line), item) for item in found("question", line)] == [
        "And what does that cost you?",
        "How long does it take?",
        "Who else is affected?",
    ]


def test_questions_run_together_without_punctuation_are_told_apart() -> None:
    line = "rep: okay so we looked at your site and i saw the new shop what do you use to track orders today"
    (question,) = found("question", line)
    assert quote(call(line), question) == "what do you use to track orders today"
