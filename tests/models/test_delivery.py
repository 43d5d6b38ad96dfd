import pytest

from models.call import Evidence, Transcript, Turn, Word
from models.features import features
from tests.factories import evidence, transcript, turn, words


def one(name: str, call: Transcript, *found: Evidence) -> float | None:
    return features(call, found)[name]


def test_talk_ratio_by_time_and_by_words() -> None:
    pairs = (("rep", "one two three"), ("buyer", "four"))
    assert one("talk_ratio", transcript(*pairs)) == pytest.approx(0.75)
    slow = Turn("buyer", (Word(10, 14.8, "well", None),))
    assert one("talk_ratio", Transcript("en", 15, (turn("rep", "one two three", 0), slow))) == pytest.approx(
        0.2
    )
    assert one("talk_ratio", transcript(("rep", "only me here"))) is None


def test_long_pauses_are_not_speaking_time() -> None:
    parts = words("a b", 0) + words("c d", 30)
    call = Transcript("en", 60, (Turn("rep", parts), turn("buyer", "e f g h", 40)))
    assert one("talk_ratio", call) == pytest.approx(0.5)
    assert one("words_per_minute", call) == pytest.approx(150)


def test_a_listeners_mhm_does_not_end_a_monologue_but_an_answer_does() -> None:
    long = "this is what our product does for you"
    listening = transcript(("rep", long), ("buyer", "Mhm, right."), ("rep", long), ("buyer", "Okay so what"))
    answering = transcript(("rep", long + "?"), ("buyer", "Yes."), ("rep", long), ("buyer", "Okay so what"))
    assert one("longest_monologue_words", listening) == 16
    assert one("longest_monologue_words", answering) == 8
    timed = transcript(
        ("rep", long), ("buyer", "mhm"), ("rep", long), ("buyer", "fine by me then"), timed=True
    )
    assert one("longest_monologue", timed) == pytest.approx(16 * 0.4 + 0.4 + 2 * 0.5)
    assert one("longest_buyer_turn", timed) == pytest.approx(1.6)


def test_patience_is_the_median_pause_and_overlap_is_none() -> None:
    turns, clock = [], 0.0
    for wait in (0.2, 1.0, 3.0):
        turns += [
            turn("buyer", "we do it all by hand", clock),
            turn("rep", "and how is that", clock + 2.4 + wait),
        ]
        clock += 10
    call = Transcript("en", clock, tuple(turns))
    assert one("patience", call) == pytest.approx(1.0)
    assert one("patience", Transcript("en", clock, tuple(turns[:4]))) is None


def test_interruptions_and_overlap() -> None:
    buyer = turn("buyer", "we have been thinking about this for a while", 0)  # ends at 3.6
    cutting = turn("rep", "let me stop you right there please", 2.8)
    listening = turn("rep", "mhm", 2.0)
    cut = Transcript("en", 600, (buyer, cutting))
    assert one("rep_interruptions", cut) == pytest.approx(1.0)
    assert one("buyer_interruptions", cut) == 0
    assert one("overlap_share", cut) == pytest.approx(0.8 / 5.6)
    assert one("rep_interruptions", Transcript("en", 600, (buyer, listening))) == 0
    assert one("rep_interruptions", Transcript("en", 60, (buyer, cutting))) == pytest.approx(2.0)


def test_rates_are_per_the_reps_words() -> None:
    call = transcript(("rep", "um so uh what"), ("buyer", "um yes"))
    found = [evidence("filler"), evidence("filler", start=2, stop=3), evidence("filler", turn=1)]
    assert one("fillers_per_100_words", call, *found) == 50
