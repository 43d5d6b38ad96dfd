"""Discovery questions: what is one, on what topic, and what it builds on."""

from collections.abc import Mapping

import pytest

from annotators.document import Layout, TurnPlace
from annotators.question_cues import Heard, last_answer, pieces, question_cues, reply_to
from annotators.utterances import split_turn
from models.call import AttributeValue
from tests.annotators.calls import found

ANSWER = "buyer: The scanner in the back room keeps failing, and we lose half a morning every time."


def attributes(*lines: str) -> Mapping[str, AttributeValue]:
    """Of the last question of a call."""
    return found("question", *lines)[-1].attributes


@pytest.mark.parametrize("mark", ["?", ""])
@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("who else is involved in the decision", {"stakeholders", "decision"}),
        ("when do you need it running by", {"timeline"}),
        ("what have you set aside for this", {"budget"}),
        ("what system are you using for that today", {"current_solution"}),
        ("how many people do you have on the team", {"situation"}),
        ("what would good look like for you in a year", {"success_criteria"}),
    ],
)
def test_the_topic_of_a_question(asked: str, topic: set[str], mark: str) -> None:
    described = attributes("rep: Thanks for having me.", "buyer: Of course.", f"rep: {asked}{mark}")
    assert described["discovery"]
    assert described["topic"] in topic


@pytest.mark.parametrize(
    "asked",
    [
        "Can you hear me all right?",
        "Would Thursday at ten work for you?",
        "Shall I send that over?",
        "Have I got that right?",
    ],
)
def test_courtesy_logistics_and_checks_are_no_discovery(asked: str) -> None:
    described = attributes(ANSWER, f"rep: {asked}", "buyer: Yes.")
    assert described["discovery"] is False
    assert described["topic"] is None


def test_a_question_of_the_buyer_is_no_discovery() -> None:
    assert attributes("rep: We fix that.", "buyer: How many people do you have?")["discovery"] is False


def test_what_a_problem_costs_is_asked_for_impact() -> None:
    described = attributes(ANSWER, "rep: And what does that cost you over a month?", "buyer: A lot.")
    assert described["impact"]
    assert described["probing"]


def test_the_first_question_of_a_call_builds_on_nothing() -> None:
    assert attributes("rep: Why does it keep failing?")["probing"] is False


def turn(number: int, speaker: str, said: str) -> tuple[TurnPlace, list[tuple[str, ...]]]:
    words = tuple(said.split())
    return TurnPlace(speaker, words, tuple(range(len(words) + 1))), [("NN",)] * len(words)


def heard(*lines: tuple[str, str]) -> Heard:
    made = [turn(number, speaker, said) for number, (speaker, said) in enumerate(lines)]
    places = tuple(place for place, _ in made)
    return Heard(Layout(places), [list(split_turn(n, place, tags)) for n, (place, tags) in enumerate(made)])


def test_an_answer_of_a_word_goes_with_the_one_before() -> None:
    call = heard(
        ("buyer", "We lose two days every month to it."),
        ("rep", "Two days?"),
        ("buyer", "Yes."),
        ("rep", "Why?"),
    )
    assert [said.turn for said in last_answer(call, 3)] == [0, 2]
    assert [said.turn for said in reply_to(call, 1)] == [2]
    assert reply_to(call, 3) == []


def test_only_the_words_of_the_question_are_read() -> None:
    call = heard(("rep", "Right, that helps. So who signs?"))
    (piece,) = pieces(call.turns[0], 3, 6)
    assert piece[0].tokens[piece[1] : piece[2]] == ("so", "who", "signs")
    cues = question_cues(call, 0, 3, 6)
    assert "who signs" in cues
    assert "helps" not in cues
