"""Loops are cut, and what people repeat is kept."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.call import Word
from models.repetition import compression, without_loops
from tests.factories import words

VOCABULARY = st.sampled_from(["so", "the", "price", "is", "fine.", "Fine", "no,", "we"])
TEXTS = st.lists(VOCABULARY, max_size=40).map(" ".join)


def cut(text: str) -> str:
    return " ".join(word.text for word in without_loops(words(text, 0.0)))


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, that is not what I said",
        "no no no no",
        "it was very, very good and very very cheap",
        "I think, I think we can do that",
        "you know, you know, you know what I mean",
        "that's it, that's it, that's it",
        "Is it? It is. It is what it is.",
        "two two one five two two one five",  # a number read back
        "we will call you back on Monday. We will call you back on Monday.",
        "",
    ],
)
def test_what_people_repeat_is_kept(text: str) -> None:
    assert cut(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so " * 30 + "goodbye", "so goodbye"),
        ("Thank you. " * 5, "Thank you."),
        ("we " * 2 + "can do that " * 12 + "later", "we we can do that later"),
        ("I said, i said. I SAID! I said? done", "I said, done"),
        ("It's on the list and " * 3 + "that is all", "It's on the list and that is all"),
    ],
)
def test_loops_are_cut_to_one(text: str, expected: str) -> None:
    assert cut(text) == expected


@given(TEXTS)
def test_cutting_only_leaves_words_out_and_keeps_their_order(text: str) -> None:
    said = words(text, 0.0)
    kept = without_loops(said)
    remaining = iter(said)
    assert all(word in remaining for word in kept)
    assert {word.text.casefold().strip(".,") for word in kept} == {
        w.text.casefold().strip(".,") for w in said
    }
    assert kept[:1] == list(said[:1])


@given(st.lists(VOCABULARY, min_size=1, max_size=6), st.integers(5, 20))
def test_a_phrase_said_over_and_over_is_left_about_once(phrase: list[str], times: int) -> None:
    assert len(without_loops(words(" ".join(phrase * times), 0.0))) <= 2 * len(phrase)


def test_an_hour_of_words_takes_no_time() -> None:
    said = [Word(i / 3, i / 3 + 0.2, f"w{i * i % 997}", 0.9) for i in range(10_000)]
    begin = time.process_time()
    assert len(without_loops(said)) > 9_000
    assert time.process_time() - begin < 1


def test_compression_tells_loops_from_speech() -> None:
    speech = (
        "Thanks for making time. I'd like to understand how the clinics book patients today, and at the end "
        "we can decide together whether a second conversation makes sense. Does that work?"
    )
    assert 1 < compression(speech) < 2.4 < compression("I don't know. " * 12)
    assert compression("no no no no") == 0.0
