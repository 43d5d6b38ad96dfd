"""The networks that read stretches of a call one by one: what they are given, what they say, when."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators import pipeline
from annotators.call_pieces import OTHER, REP_SPEAKS, Cutter, Pieces
from annotators.call_reader import load
from annotators.document import Layout, build_doc, findings, layout
from annotators.second_look import (
    ANSWER,
    NAME,
    OBJECTION,
    OBJECTIONS,
    QUESTION,
    Reach,
    allowed,
    looking,
    view,
)
from tests.annotators.calls import call
from tests.factories import transcript

SAID = st.text(max_size=30)
EXCHANGE = (
    "rep: How do your people book the vans today?",
    "buyer: On a whiteboard in the depot, mostly, and then somebody calls round.",
    "rep: And what does it cost you when a van stands idle for a day?",
    "buyer: Four hundred, easily.",
    "rep: Who else would have to agree to a change like this?",
    "buyer: Our operations director, and she's careful.",
)
ASKED = ((0, 0, 8), (2, 0, 14), (4, 0, 12))


def place(*lines: str) -> Layout:
    return layout(build_doc(pipeline(), call(*lines)))


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    return Cutter(load(name=NAME).vocabulary)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["rep", "buyer"]), SAID), min_size=1, max_size=8),
    st.sampled_from([QUESTION, OBJECTION, ANSWER, Reach(83, 2, 3, 2), Reach(83, 2, 3, 2, last=False)]),
    st.data(),
)
def test_any_stretch_of_words_is_seen_whole_or_an_end_of_it_with_what_is_around_it(
    lines: list[tuple[str, str]], reach: Reach, data: st.DataObject
) -> None:
    pieces = Cutter(load(name=NAME).vocabulary).pieces(layout(build_doc(pipeline(), transcript(*lines))))
    count = len(pieces.firsts)
    if not count:
        return
    start = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(start + 1, count))
    seen = view(pieces, start, stop, reach)
    own = seen.ids[seen.start : seen.stop].tolist()
    first, last = pieces.stretch(start, stop)
    there = pieces.ids[first:last].tolist()
    assert own == (there[-reach.longest :] if reach.last else there[: reach.longest])
    assert len(seen.ids) <= reach.most
    assert seen.ids[1] == reach.kind
    assert own[-1] not in {OTHER, REP_SPEAKS} or len(own) == reach.longest


def test_a_question_ends_where_its_turn_does(cutter: Cutter) -> None:
    pieces: Pieces = cutter.pieces(place("rep: how many vans", "buyer: nine"))
    seen = view(pieces, 0, 3, QUESTION)
    assert seen.ids[seen.start : seen.stop].tolist() == [
        *cutter.of("how"),
        *cutter.of("many"),
        *cutter.of("vans"),
    ]


def test_it_tells_what_questions_are_about() -> None:
    found = looking().looks(place(*EXCHANGE), ASKED, QUESTION)
    topics = [found[words].tasks["topic"][int(found[words].odds["topic"].argmax())] for words in ASKED]
    assert topics == ["current_solution", "impact", "stakeholders"]


def test_what_was_said_before_a_question_counts() -> None:
    asked = "rep: And how do you handle that?"
    tools = ("rep: And the bookings?", "buyer: We have an old system for them, from the nineties.")
    money = ("rep: And the money?", "buyer: There is nothing set aside for it, the board decides in May.")
    some, other = (
        looking().looks(place(*lines, asked), [(2, 0, 6)], QUESTION)[2, 0, 6] for lines in (tools, money)
    )
    assert some.odds["topic"].tolist() != other.odds["topic"].tolist()


def test_a_question_is_seen_the_same_whatever_else_is_asked() -> None:
    alone = looking().looks(place(*EXCHANGE), ASKED[:1], QUESTION)[ASKED[0]]
    among = looking().looks(place(*EXCHANGE), ASKED, QUESTION)[ASKED[0]]
    for task, odds in alone.odds.items():
        assert among.odds[task] == pytest.approx(odds, abs=0.05)


def test_nothing_is_asked_of_it_for_nothing() -> None:
    assert looking().looks(place(*EXCHANGE), [], QUESTION) == {}
    assert looking().looks(place(*EXCHANGE), [(0, 8, 8)], QUESTION) == {}


def test_it_mixes_with_what_others_say() -> None:
    look = looking().looks(place(*EXCHANGE), ASKED, QUESTION)[ASKED[1]]
    chances = {"no": 0.7, "yes": 0.3}
    assert look.mixed("impact", chances, 0.0) == pytest.approx(chances, abs=1e-4)
    assert look.mixed("impact", chances, 0.5)["yes"] > chances["yes"]


def test_topics_of_a_whole_call() -> None:
    talk = ("rep: Lovely weather over there.", "buyer: Oh yes, we can't complain really, thank you.") * 12
    doc = pipeline()(build_doc(pipeline(), call(*talk, *EXCHANGE)))
    topics = [found.attributes["topic"] for found in findings(doc, "question") if found.turn >= len(talk)]
    assert topics == ["current_solution", "impact", "stakeholders"]


def test_it_tells_which_turn_objects_and_why_and_what_an_answer_does() -> None:
    lines = (
        "rep: It's nine hundred a month for the whole site, and that has the training in it.",
        "buyer: Okay, and it runs on the phones they have, does it?",
        "rep: It does, on any of them.",
        "buyer: Honestly, that's a lot more than we pay now. I can't see us affording that.",
        "rep: I hear you, it's a big jump. What are you paying for the rota at the moment?",
    )
    look, heard = looking(OBJECTIONS), place(*lines)
    turns = look.looks(heard, [(1, 0, 12), (3, 0, 15)], OBJECTION)
    asks, objects = turns[1, 0, 12], turns[3, 0, 15]
    assert objects.odds["objection"][1] > objects.odds["objection"][0]
    assert asks.odds["objection"][1] < objects.odds["objection"][1]
    assert objects.tasks["kind"][int(objects.odds["kind"].argmax())] == "price"
    answers = look.looks(heard, [(4, 0, 7), (4, 7, 17)], ANSWER)
    names = [
        one.tasks["move"][int(one.odds["move"].argmax())] for one in (answers[4, 0, 7], answers[4, 7, 17])
    ]
    assert names == ["acknowledge", "clarify"]


def test_looks_are_few_however_long_a_call_is() -> None:
    short, long = place(*EXCHANGE), place(*EXCHANGE * 60)
    words = sum(len(turn.words) for turn in long.turns)
    assert allowed(short, 8, 1500) == 8
    assert allowed(long, 8, 1500) == 8 + words // 1500
