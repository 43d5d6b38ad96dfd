"""Spans are compared as a person would: each found once at most, by the words they share."""

from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from annotators import ANNOTATORS, pipeline
from annotators.document import Finding, build_doc, record
from annotators.scoring import Confusion, Counts, covered, pair
from tests.annotators.calls import call

spans = st.lists(
    st.builds(
        lambda turn, start, size: Finding(turn, start, start + size),
        st.integers(0, 2),
        st.integers(0, 12),
        st.integers(1, 6),
    ),
    max_size=8,
)


@given(spans, spans)
def test_pairs_share_words_and_every_span_is_counted_once(truth: list[Finding], found: list[Finding]) -> None:
    pairs, counts = pair(truth, found)
    assert counts.hits == len(pairs)
    assert counts.hits + counts.missed == len(truth)
    assert counts.hits + counts.false == len(found)
    for one, other in pairs:
        assert one.turn == other.turn
        assert max(one.start, other.start) < min(one.stop, other.stop)
    assert 0 <= counts.f1 <= 1


@given(spans)
def test_what_is_compared_with_itself_agrees(truth: list[Finding]) -> None:
    assert pair(truth, truth)[1] == Counts(hits=len(truth))


def test_the_larger_overlap_is_the_pair() -> None:
    long, short = Finding(0, 0, 10), Finding(0, 8, 12)
    pairs, counts = pair([long], [short, Finding(0, 0, 7)])
    assert pairs == [(long, Finding(0, 0, 7))]
    assert counts == Counts(1, 1, 0)
    assert covered([long], 0, 5, 15) == 0.5
    assert covered([long], 1, 5, 15) == 0


def test_macro_f1_leaves_out_what_is_too_rare_to_tell() -> None:
    confusion = Confusion()
    for truth, found in [("a", "a"), ("a", "a"), ("b", "a"), ("b", "b"), ("c", "a")]:
        confusion.add(truth, found)
    assert confusion.accuracy == 0.6
    assert confusion.counts("a") == Counts(2, 2, 0)
    assert confusion.macro_f1(2) == (4 / 6 + 2 / 3) / 2


def test_every_component_that_finds_something_is_measured_by_spacy() -> None:
    nlp = pipeline()
    said = call("rep: What does that cost you a month?", "buyer: I don't know, it's too expensive for us.")
    truth = build_doc(nlp, said)
    record(truth, "question", [Finding(0, 0, 7, 1.0, {"form": "closed", "discovery": True})])
    figures = nlp.evaluate([Example(build_doc(nlp, said), truth)])
    assert figures["question_f"] == 1
    assert figures["question_form_acc"] == 1
    scored = {name for name in ANNOTATORS if hasattr(nlp.get_pipe(f"ridealong_{name}"), "score")}
    assert scored == set(ANNOTATORS) - {"tags", "utterances"}
