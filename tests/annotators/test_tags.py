"""Tags come a stretch at a time, as they would for the call in one go."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from annotators import pipeline
from annotators.document import Layout, TurnPlace, build_doc, load_model
from annotators.tags import stretches
from models.call import Transcript, Turn, Word
from tests.annotators.calls import call

SAID = "we were losing about two days a month and nobody could tell me where the invoices had gone to"


def test_a_short_call_gets_the_tags_of_the_model() -> None:
    short = call("rep: What would you like to see?", "buyer: The prices, mostly, and who'd train our people.")
    plain = load_model()
    doc = build_doc(plain, short)
    for _, pipe in plain.pipeline:
        doc = pipe(doc)
    ours = pipeline()(build_doc(pipeline(), short))
    assert [token.tag_ for token in ours] == [token.tag_ for token in doc]


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 25))
def test_stretches_cover_a_call_once_and_in_order(lengths: list[int], tokens: int) -> None:
    turns = []
    edge = 0
    for length in lengths:
        turns.append(TurnPlace("rep", ("x",) * length, tuple(range(edge, edge + length + 1))))
        edge += length
    found = list(stretches(Layout(tuple(turns)), tokens))
    assert [place for begin, stop in found for place in range(begin, stop)] == list(range(edge))
    assert all(0 < stop - begin <= tokens for begin, stop in found)


def test_memory_does_not_grow_with_the_length_of_the_call() -> None:
    turn = Turn("buyer", tuple(Word(None, None, word) for word in SAID.split()))
    long = Transcript("en", None, (turn,) * 630)  # 12,000 words
    tagger = pipeline().get_pipe("ridealong_tags")
    doc = build_doc(pipeline(), long)
    tracemalloc.start()
    try:
        tagger(doc)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 << 20, f"{peak >> 20} MiB"
