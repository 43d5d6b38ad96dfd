"""The agenda a rep states, and the recaps in which a rep sums up."""

import pytest

from annotators.framing_cues import OPENING
from tests.annotators.calls import call, found, quote

NEEDS = ("buyer: We lose two hours a day in the warehouse.", "buyer: And nobody sees it until Friday.")
PLAN = "I thought we'd start with how you work today, then I'll show you two screens, and you say if it fits."


@pytest.mark.parametrize("said", [PLAN, PLAN.lower().replace(",", "").rstrip(".")])
def test_an_agenda_is_found_with_and_without_punctuation(said: str) -> None:
    lines = ("rep: Hello, how are you?", "buyer: Good, thanks.", f"rep: {said}", "buyer: Sounds good.")
    (agenda,) = found("agenda", *lines)
    assert agenda.turn == 2


def test_sentences_of_one_agenda_are_one() -> None:
    said = "I've got half an hour down. I'd like to hear how you work first, then I'll show you two things."
    assert len(found("agenda", "buyer: Hi.", f"rep: {said}", "buyer: Fine.")) == 1


def test_an_agenda_comes_with_the_opening() -> None:
    talk = [("rep: Okay." if turn % 2 else "buyer: I see.") for turn in range(2 * OPENING)]
    assert found("agenda", *talk, f"rep: {PLAN}") == []


@pytest.mark.parametrize(
    "said",
    [
        "So just to recap, you lose two hours a day in the warehouse and nobody sees it until Friday.",
        "So what I'm hearing is you lose two hours a day, and nobody sees it until Friday.",
    ],
)
def test_a_recap(said: str) -> None:
    lines = (*NEEDS, f"rep: {said}", "buyer: Exactly.")
    (recap,) = found("recap", *lines)
    assert quote(call(*lines), recap).endswith("Friday.")


def test_the_buyer_states_no_agenda_and_no_recap() -> None:
    lines = (f"buyer: {PLAN}", "rep: Okay.", "buyer: So just to recap, we need it by March.", "rep: Good.")
    assert found("agenda", *lines) == []
    assert found("recap", *lines) == []


def test_a_demo_is_neither() -> None:
    lines = (*NEEDS, "rep: So this is the dashboard, and the report opens here.", "buyer: Nice.")
    assert found("agenda", *lines) == []
    assert found("recap", *lines) == []
