"""Objections: found by what is said and by what the rep does about it, with kind and course."""

from annotators import pipeline
from annotators.document import build_doc
from annotators.objection_cues import Talk, talk_of, turn_cues
from annotators.objections import IS_NOT, candidates
from tests.annotators.calls import call, found, quote

PITCH = (
    "rep: What do you use for the rota today?",
    "buyer: A whiteboard, and the supervisors ring round when somebody is off.",
    "rep: So with ours each of them gets the gap on the phone and takes it. It's nine hundred a month.",
)


def talk(*lines: str) -> Talk:
    nlp = pipeline()
    doc = build_doc(nlp, call(*lines))
    for name in ("ridealong_tags", "ridealong_utterances"):
        doc = nlp.get_pipe(name)(doc)
    return talk_of(doc)


def test_an_objection_is_the_buyers_words_only() -> None:
    lines = (
        *PITCH,
        "buyer: Okay. That's way too expensive for us.",
        "rep: I hear you. What were you expecting?",
    )
    (objection,) = found("objection", *lines)
    assert objection.turn == 3
    assert "too expensive" in quote(call(*lines), objection)
    assert objection.attributes["kind"] == "price"


def test_the_rep_does_not_object() -> None:
    assert found("objection", "buyer: Hello.", "rep: That's way too expensive for us.", "buyer: Ha.") == []


def test_two_objections_of_one_call_keep_their_kinds() -> None:
    lines = (
        *PITCH,
        "buyer: That's a lot more than we pay now, we can't afford that.",
        "rep: I understand. Which part is too much?",
        "buyer: The monthly fee. And my team will never use it, they hate new apps.",
        "rep: That's fair. At the hospital in Leeds it took them a morning.",
    )
    assert next(item.attributes["kind"] for item in found("objection", *lines)) == "price"
    assert {item.turn for item in found("objection", *lines)} >= {3, 5}


def test_the_cues_hold_what_the_rep_says_next() -> None:
    heard = talk(*PITCH, "buyer: Hm.", "buyer: Nine hundred a month.", "rep: I know. It's a big number.")
    cues = turn_cues(heard, 4)
    assert "after:i know" in cues
    assert "before:fig" in cues
    assert "fig>=1" in cues


def test_turns_of_one_word_and_of_the_rep_are_no_candidates() -> None:
    assert list(candidates(talk(*PITCH, "buyer: Hm.", "buyer: I don't know."))) == [1, 4]
    assert IS_NOT == "none"


def test_the_kind_is_the_buyers_whatever_the_rep_makes_of_it() -> None:
    # A rep who answers with training does not turn a question of authority into one of effort.
    for answer in (
        "The price is per site.",
        "The training takes a morning, and we move the data over for you.",
    ):
        lines = (
            *PITCH,
            "buyer: Okay.",
            "rep: Each of them has to log in once and set a password, about an hour of training.",
            "buyer: I'd have to take that to the board, it isn't my decision.",
            f"rep: I understand. {answer}",
            "buyer: I don't know. We'll see.",
        )
        asked, *_ = found("objection", *lines)
        assert (asked.turn, asked.attributes["kind"]) == (len(PITCH) + 2, "authority")
