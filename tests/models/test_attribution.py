"""Pieces of speech and the likeliest path over them."""

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.attribution import certainty, change_costs, cut, likeliest_path
from models.call import Word
from tests.models.spoken import spoken

TEXTS = st.sampled_from(["yes", "no,", "so.", "why?", "well", "-", "…"])
STEPS = st.tuples(st.floats(0, 3), st.floats(0, 4), TEXTS)


@st.composite
def word_streams(draw: st.DrawFn) -> list[Word]:
    """Words in time order, with any pauses and lengths."""
    words, clock = [], 0.0
    for pause, length, text in draw(st.lists(STEPS, min_size=1, max_size=40)):
        words.append(Word(clock + pause, clock + pause + length, text, 0.9))
        clock += pause + length
    return words


@given(word_streams())
def test_pieces_hold_every_word_once_and_in_order(words: list[Word]) -> None:
    pieces = cut(words)
    assert [index for piece in pieces for index in range(piece.first, piece.stop)] == list(range(len(words)))
    assert all(piece.stop > piece.first for piece in pieces)


def test_a_piece_ends_with_the_sentence_and_at_a_pause() -> None:
    words = spoken("How are you? Fine thanks", 0.0) + spoken("and you", 2.6)
    assert [(piece.first, piece.stop) for piece in cut(words)] == [(0, 3), (3, 5), (5, 7)]


def test_a_long_run_is_cut_into_even_pieces_between_words() -> None:
    pieces = cut(spoken("one two three four five six seven eight nine ten eleven twelve", 0.0))
    assert len(pieces) == 3
    assert {piece.stop - piece.first for piece in pieces} == {4}


def test_a_change_is_likelier_after_a_question_than_inside_a_phrase() -> None:
    words = spoken("so how? well, we do", 0.0)
    pieces = [cut([word])[0] for word in words]
    numbered = [
        type(piece)(i, i + 1, word.start or 0, word.end or 0)
        for i, (piece, word) in enumerate(zip(pieces, words, strict=True))
    ]
    _, inside, question, comma, phrase = change_costs(words, numbered)
    assert question < comma < inside == phrase


@given(
    st.lists(st.tuples(st.floats(-8, 0), st.floats(-8, 0), st.floats(0, 6)), min_size=1, max_size=7),
)
def test_the_path_is_the_best_of_all(rows: list[tuple[float, float, float]]) -> None:
    evidence = np.array([row[:2] for row in rows], np.float32)
    costs = np.array([row[2] for row in rows], np.float32)

    def worth(path: tuple[int, ...]) -> float:
        changes = sum(float(costs[i]) for i, (a, b) in enumerate(pairwise(path), 1) if a != b)
        return sum(float(evidence[i, voice]) for i, voice in enumerate(path)) - changes

    found = tuple(likeliest_path(evidence, costs).tolist())
    assert worth(found) >= max(worth(path) for path in product((0, 1), repeat=len(rows))) - 1e-4
    probabilities = certainty(evidence, costs)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-4)


def test_one_doubtful_word_inside_a_sentence_stays_with_its_speaker() -> None:
    evidence = np.array([[0, -6], [0, -6], [-3, 0], [0, -6], [0, -6]], np.float32)
    costs = np.full(5, 5.5, np.float32)
    assert likeliest_path(evidence, costs).tolist() == [0] * 5
    assert certainty(evidence, costs)[2, 0] < certainty(evidence, costs)[1, 0]
