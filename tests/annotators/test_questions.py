"""Questions without and with punctuation: where they begin, how several are kept apart, how they ask."""

from dataclasses import replace

import pytest

from annotators import annotate, pipeline
from annotators.asking import said
from annotators.asking_models import Asking
from annotators.asking_reader import read
from annotators.call_reader import call_read
from annotators.document import build_doc, layout
from annotators.questions_by_rule import question_strength
from annotators.utterances import by_turn, utterances
from models.call import RepChoice, Transcript, Turn, Word
from tests.annotators.calls import call, found, quote

GUESS, DOUBT = RepChoice("Ann", 0.9, "words", sure=True), RepChoice("Ann", 0.6, "words", sure=False)


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


def test_where_the_rep_is_a_guess_the_models_of_other_talk_have_a_say() -> None:
    lines = ("I went to the coast last summer.", "and your wife too", "Yeah, we did.", "Uh-huh.")
    spoken = call(*(f"{speaker}: {line}" for speaker, line in zip(("rep", "buyer") * 2, lines, strict=True)))
    doc = build_doc(pipeline(), spoken, choice=GUESS)
    for name in ("ridealong_tags", "ridealong_utterances"):
        doc = pipeline().get_pipe(name)(doc)
    guess = said(by_turn(doc), layout(doc))
    sales, other = replace(guess, guessed=False), replace(guess, rep=None)
    told, guessed, unknown = (sum(Asking(one, call_read(doc)).chances(1, 0)) for one in (sales, guess, other))
    assert unknown < guessed < told


def test_among_many_speakers_open_or_closed_goes_by_the_models_of_other_talk_alone() -> None:
    chat = (
        "We went down to the coast last summer and it rained most of the week, but nobody minded that much."
    )
    lines = [f"{speaker}: {chat}" for speaker in ("rep", "buyer", "buyer 2", "buyer 3") * 3]
    spoken = call(*lines, "rep: Okay. Which day was that?", "buyer: The ninth.")
    forms = [
        [
            item.attributes["form"]
            for item in annotate(spoken, choice=choice)
            if item.turn == 12 and item.label == "question"
        ]
        for choice in (None, GUESS)  # told, and one of four who is a guess
    ]
    assert forms == [["closed"], ["open"]]


@pytest.mark.parametrize(
    ("speakers", "choice", "roles"),
    [
        (("rep", "buyer"), None, "told"),
        (("rep", "buyer", "buyer 2", "buyer 3"), RepChoice("rep", 1.0, "option", sure=True), "told"),
        (("rep", "buyer"), RepChoice("Rep", 0.99, "label", sure=True), "told"),
        (("rep", "buyer"), RepChoice("Seller", 0.99, "label", sure=True), "guessed"),
        (("rep", "buyer", "buyer 2"), GUESS, "guessed"),
        (("rep", "buyer"), DOUBT, "unsure"),
        (("rep", "buyer", "buyer 2", "buyer 3"), GUESS, "unknown"),
        (("rep",), GUESS, "unknown"),
        (("A", "B"), None, "unknown"),
    ],
)
def test_among_many_speakers_a_guess_at_the_rep_is_not_believed(
    speakers: tuple[str, ...], choice: RepChoice | None, roles: str
) -> None:
    turns = tuple(Turn(speaker, (Word(None, None, "Hello"),)) for speaker in speakers)
    assert layout(build_doc(pipeline(), Transcript("en", None, turns), choice=choice)).roles == roles


def test_short_turns_are_read_as_a_whole_and_long_ones_by_utterances() -> None:
    long = "We took the left one because it was the last that they had in the shop on that day. "
    doc = build_doc(pipeline(), call("A: I see. Do you want it?", f"B: {long}{long}Do you want it?"))
    for name in ("ridealong_tags", "ridealong_utterances"):
        doc = pipeline().get_pipe(name)(doc)
    odds = read(said(by_turn(doc), layout(doc)))
    assert odds.of(0, 0) == odds.of(0, 1) > 0
    assert odds.of(1, 0) < 0 < odds.of(1, 2)


def test_where_nobody_knows_the_roles_a_question_word_makes_a_question_open() -> None:
    def form(speaker: str) -> list[object]:
        lines = (f"{speaker}: When does the board meet?", "buyer: In May.", f"{speaker}: Good.")
        return [item.attributes["form"] for item in found("question", *lines)]

    assert form("rep") == ["closed"], "one fact answers it"
    assert form("A") == ["open"]


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
