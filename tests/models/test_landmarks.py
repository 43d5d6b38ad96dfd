from models.landmarks import SHOWN, landmarks
from tests.factories import quoted, transcript


def test_landmarks_show_how_the_rep_begins_speaks_longest_and_ends() -> None:
    call = transcript(
        ("buyer", "hello"),
        ("rep", "good morning"),
        ("rep", "one " * 60),
        ("buyer", "well"),
        ("rep", "so long then"),
    )
    shown = {(item.label, item.turn): quoted(call, item) for item in landmarks(call)}
    assert shown["opening", 1] == "good morning"
    assert shown["monologue", 2] == ("one " * SHOWN).strip()
    assert shown["close", 4] == "so long then"
    assert shown["close", 2].count("one") == SHOWN
    assert [item.turn for item in landmarks(call)] == sorted(item.turn for item in landmarks(call))


def test_without_words_of_a_rep_there_are_none() -> None:
    assert landmarks(transcript(("left", "hi"), ("rep", ""))) == ()
