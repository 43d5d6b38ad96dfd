"""The network that reads whole calls: what it is given, what it says, how it is kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators import pipeline
from annotators.call_pieces import HEAD, OTHER, REP_SPEAKS, UNKNOWN, WINDOW, Cutter, window_ids, windows
from annotators.call_reader import ASKED, Read, call_read, load, save
from annotators.document import build_doc, layout
from annotators.linear import FOLDER
from models.call import Transcript
from models.errors import ModelMissing
from tests.annotators.calls import call, found
from tests.factories import transcript
from training.heard import heard

PLAN = call(
    "rep: So what happens now?",
    "buyer: You tell me.",
    "rep: I'll send you the contract by Friday.",
    "buyer: Perfect, thanks.",
)


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    return Cutter(load().vocabulary)


TALK = (
    "rep: And how has the summer been over there?",
    "buyer: Oh, quiet enough, we can't complain really.",
) * 20
AT = len(TALK)


def read(spoken: Transcript, *, alone: bool = False) -> Read:
    """What is said of a call; so that it is long enough, it has small talk before it."""
    turns = spoken.turns if alone else (*call(*TALK).turns, *spoken.turns)
    return call_read(build_doc(pipeline(), replace(spoken, turns=turns)))


@given(st.integers(0, 6000))
def test_windows_fit_and_what_counts_in_them_covers_a_call_once(total: int) -> None:
    found = list(windows(total))
    counted = [place for _, _, begin, end in found for place in range(begin, end)]
    assert counted == list(range(total))
    for start, stop, begin, end in found:
        assert start <= begin < end <= stop
        assert stop - start + HEAD <= WINDOW


SAID = st.text(max_size=30)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["rep", "buyer", "rep 2"]), SAID), max_size=8))
def test_every_word_of_any_text_begins_with_one_piece(lines: list[tuple[str, str]]) -> None:
    place = layout(build_doc(pipeline(), transcript(*lines)))
    pieces = Cutter(load().vocabulary).pieces(place) if lines else None
    if pieces is None:
        return
    count = sum(len(turn.words) for turn in place.turns)
    assert [word for word in pieces.words.tolist() if word >= 0] == list(range(count))
    for start, stop, *_ in windows(len(pieces.ids)):
        assert len(window_ids(pieces, start, stop)) == stop - start + HEAD


def test_pieces_say_who_speaks_and_know_words_in_capitals(cutter: Cutter) -> None:
    place = layout(build_doc(pipeline(), call("rep: Budget?", "buyer: BUDGET \U0001f600")))
    ids = cutter.pieces(place).ids.tolist()
    assert ids[0] == REP_SPEAKS
    assert ids[3] == OTHER
    assert ids[1] == ids[4]
    assert ids[5] == UNKNOWN
    assert len(cutter.of("Don't")) == 1
    assert cutter.of("don't.") == [*cutter.of("don't"), *cutter.of(".")]
    assert cutter.of("") == [UNKNOWN]
    assert cutter.of("a" * 10_000) == [UNKNOWN]


def test_it_tells_a_plan_and_who_is_to_act_from_what_is_no_plan() -> None:
    seen = read(PLAN)
    plan, none = seen.chances("step", AT + 2, 0, 7, ("S", "N"))
    assert plan > none
    owners = seen.chances("owner", AT + 2, 0, 7, ("rep", "buyer"))
    assert owners[0] > owners[1]
    asked = [seen.most("question", AT + turn, 0, 3, "none") for turn in (0, 1)]
    assert asked[0] > asked[1]


def test_what_is_said_before_counts_though_the_words_are_the_same() -> None:
    answer = "buyer: That sounds like a lot, to be honest."
    price = read(call("rep: It would be nine hundred a month.", answer))
    praise = read(call("rep: You would save nine hundred hours a month.", answer))
    words = ("objection", AT + 1, 0, 9, "none")
    assert price.most(*words) > praise.most(*words)


def test_the_same_call_is_read_the_same_whatever_was_read_before() -> None:
    first = read(PLAN).chances("step", AT + 2, 0, 7, ("S", "N"))
    read(call(*["rep: And what about the budget for next year?", "buyer: No idea."] * 40))
    assert read(PLAN).chances("step", AT + 2, 0, 7, ("S", "N")) == first


def test_it_mixes_with_what_a_linear_model_says() -> None:
    seen, words = read(PLAN), (AT + 2, 0, 7)
    chances = {"S": 0.2, "N": 0.8}
    assert seen.mixed("step", words, chances, 0.0) == pytest.approx(chances, abs=1e-4)
    half, most = (seen.mixed("step", words, chances, share)["S"] for share in (0.5, 0.9))
    assert 0.2 < half < most <= 1.0


def test_annotators_ask_for_nothing_that_it_has_not_learned() -> None:
    assert set(load().tasks) >= ASKED


@pytest.mark.parametrize(
    ("answer", "move"),
    [
        ("We had the same at the bakery in town, and they were done in an afternoon.", "evidence"),
        ("Then let's say eight hundred, and I'll carry the rest myself.", "concede"),
    ],
)
def test_it_tells_what_an_answer_does_with_an_objection(answer: str, move: str) -> None:
    price = ("rep: It comes to nine hundred a month.", "buyer: Honestly, that's way too expensive for us.")
    (response,) = found("response", *TALK, *price, f"rep: {answer}", "buyer: Okay, I see.")
    assert response.attributes["move"] == move


def test_it_finds_trial_closes_that_no_phrase_does() -> None:
    before = ("rep: We could start with two sites, at four hundred.", "buyer: Hm, that would be easier.")
    asked = ("rep: Does that feel like something you'd want to go ahead with?", "buyer: I think so, yes.")
    assert found("trial_close", *asked) == []
    (close,) = found("trial_close", *TALK, *before, *asked)
    assert close.turn == AT + 2


def test_it_keeps_silent_on_a_few_words_where_nobody_is_the_rep_and_while_models_learn() -> None:
    chances = {"yes": 0.3, "no": 0.7}
    nobody = call(*(line.replace("rep", "A").replace("buyer", "B") for line in TALK))
    quiet = (read(nobody, alone=True), call_read(heard(call(*TALK))), read(PLAN, alone=True))
    for seen in (*quiet, read(transcript(), alone=True)):
        assert seen.silent
        assert seen.mixed("agenda", (0, 0, 1), chances, 0.5) == chances


def test_a_stored_network_is_the_same_and_a_broken_one_says_what_to_do(tmp_path: Path) -> None:
    kept = load()
    path = save(kept, tmp_path)
    again = load(tmp_path)
    assert (again.encoder, again.vocabulary, again.tasks) == (kept.encoder, kept.vocabulary, kept.tasks)
    assert (again.heads == kept.heads).all()
    path.write_bytes((FOLDER / path.name).read_bytes()[:5000])
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ModelMissing, match="install Ridealong again"):
            load(folder)
