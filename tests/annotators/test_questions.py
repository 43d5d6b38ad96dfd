"""Questions without and with punctuation: where they begin, how several are kept apart, how they ask."""

import pytest

from annotators import pipeline
from annotators.document import build_doc
from annotators.questions_by_rule import question_strength
from annotators.utterances import by_turn, utterances
from tests.annotators.calls import call, found, quote


def cut(*lines: str) -> list[str]:
    """The utterances of the first turn, as written."""
    nlp = pipeline()
    spoken = call(*lines)
    doc = build_doc(nlp, spoken)
    for name in ("ridealong_tags", "ridealong_utterances"):
        doc = nlp.get_pipe(name)(doc)
    words = [word.text for word in spoken.turns[0].words]
    return [" ".join(words[one.start : one.stop]) for one in by_turn(doc)[0]]


def test_an_unpunctuated_turn_is_cut_where_an_utterance_begins() -> None:
    parts = cut("rep: okay thanks for that so how many drivers do you have and what do they use today")
    assert "thanks for that" in parts
    assert parts[-1] == "and what do they use today"


def test_every_word_lies_in_one_utterance() -> None:
    line = "buyer: yeah um we had two of them i think and then one left what do you do right so no"
    assert " ".join(cut(line)) == line.removeprefix("buyer: ")


def test_punctuated_sentences_are_left_whole() -> None:
    assert cut("rep: We looked at it, and I think it fits. Who would use it?") == [
        "We looked at it, and I think it fits.",
        "Who would use it?",
    ]


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("Do you have a depot?", "yes_no"),
        ("What do you use today?", "wh"),
        ("Is it the price or is it the timing?", "choice"),
        ("Walk me through how an order comes in.", "told"),
        ("So he's coming back when?", "wh"),
        ("On what machine?", "wh"),
        ("And you're doing how many hours?", "wh"),
        ("Any questions so far?", "wh"),
    ],
)
def test_how_a_question_asks(said: str, asks: str) -> None:
    (question,) = found("question", f"rep: {said}", "buyer: Hm.", "rep: Hm.")
    assert question.attributes["asks"] == asks


def test_wondering_whether_asks_for_yes_or_no() -> None:
    lines = ("rep: I was wondering if you have a depot in Leeds?", "buyer: We have one, yes.", "rep: Good.")
    assert [item.attributes["asks"] for item in found("question", *lines)] == ["yes_no"]


def test_what_asks_for_a_nod_is_no_question_whatever_is_answered() -> None:
    assert found("question", "rep: Makes sense?", "buyer: Yes, it does.", "rep: Good.") == []


def test_while_nobody_knows_the_roles_a_question_is_told_from_a_nod() -> None:
    lines = ("A: we went with the other one", "B: what", "A: the other one i said", "B: right")
    assert [item.turn for item in found("question", *lines)] == [1]
    lines = ("A: do you want to sell the bike today", "B: yeah", "A: okay", "B: right")
    assert [item.turn for item in found("question", *lines)] == [0]


def test_an_utterance_without_tokens_asks_nothing() -> None:
    assert found("question", "rep: um", "buyer: ...", "rep: ? ?") == []


def test_rules_know_a_question_from_a_statement() -> None:
    def strength(line: str) -> float:
        nlp = pipeline()
        doc = build_doc(nlp, call(line))
        for name in ("ridealong_tags", "ridealong_utterances"):
            doc = nlp.get_pipe(name)(doc)
        return question_strength(utterances(doc)[0])

    assert strength("rep: what do you use today") > 0.7
    assert strength("rep: what we do is send it to finance") == 0


def test_two_questions_in_a_row_without_punctuation_count_singly() -> None:
    line = "rep: that makes sense so what changed since then is it still two of you"
    asked = [quote(call(line), item) for item in found("question", line, "buyer: yes", "rep: right")]
    assert asked == ["what changed since then", "is it still two of you"]


def test_a_joining_word_left_alone_by_a_cut_is_no_question() -> None:
    line = "rep: so how many drivers do you have and what do they use today"
    asked = found("question", line, "buyer: twelve", "rep: right")
    assert not {"so", "and"} & {quote(call(line), item) for item in asked}
