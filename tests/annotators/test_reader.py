"""The networks beside the linear models: what they learn, what they look at, how they are kept."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.document import layout
from annotators.linear import FOLDER
from annotators.reader import NOTHING, Reader, both, load, mixed, save
from annotators.surroundings import FLAGS, SPANS, around, heard_call
from annotators.utterances import by_turn
from models.errors import ModelMissing
from tests.factories import transcript
from training.heard import heard
from training.reading import Readings, fit_reader

WORDS = ("price", "cost", "tuesday", "monday", "the", "a", "please", "thanks")


def taught() -> Reader:
    """A network that has seen which words go with an answer of "yes"."""
    readings = Readings()
    for talk in range(40):
        chance = np.random.default_rng(talk)
        passages = [list(chance.choice(WORDS, 4)) for _ in range(12)]
        answers = [["yes"] if set(said) & {"price", "cost"} else ["no"] for said in passages]
        every = [*passages, *answers]
        spans = [[(place, 0, 4), (len(passages) + place, 0, 1)] for place in range(len(passages))]
        labels = np.array([[said == ["yes"], said == ["no"]] for said in answers], dtype=np.float32)
        readings.add(every, spans, [[0]] * len(spans), labels, np.ones(len(spans), dtype=np.float32))
    return fit_reader(
        "taught", ("yes", "no"), readings, flags=1, width=16, depth=1, rounds=24, facts={"a": 1}
    )


@pytest.fixture(scope="module")
def net() -> Reader:
    return taught()


def lead(net: Reader, said: list[str], answer: list[str] | None = None) -> float:
    after = (1, 0, 1) if answer else NOTHING
    odds = net.odds([said, answer or []], [[(0, 0, len(said)), after]], [[0]])
    return float(odds[0, 0] - odds[0, 1])


def test_it_learns_words_their_surroundings_and_words_used_alike(net: Reader) -> None:
    assert lead(net, ["the", "price", "please"]) > 0 > lead(net, ["the", "tuesday", "please"])
    assert lead(net, ["thanks"], ["yes"]) > 0 > lead(net, ["thanks"], ["no"])
    # no example has these two; their vectors tell what they are used like
    assert lead(net, ["the", "pricing", "please"]) > lead(net, ["the", "wednesday", "please"])


def test_what_lies_outside_of_the_stretches_counts_for_nothing(net: Reader) -> None:
    one = net.odds([["the", "price"], ["a"]], [[(0, 0, 2), NOTHING]], [[0]])
    other = net.odds([["the", "price"], ["tuesday", "cost"]], [[(0, 0, 2), NOTHING]], [[0]])
    np.testing.assert_allclose(one, other, atol=0.0011)


def test_many_at_once_are_read_as_one_by_one(net: Reader) -> None:
    said = [["price", "please"], ["monday"], ["yes"], [], ["never seen before"]]
    spans = [[(0, 0, 2), (2, 0, 1)], [(1, 0, 1), NOTHING], [(4, 0, 1), (0, 1, 2)]]
    together = net.odds(said, spans, [[0], [], [0]])
    alone = [net.odds(said, [own], [flags])[0] for own, flags in zip(spans, [[0], [], [0]], strict=True)]
    np.testing.assert_allclose(together, np.stack(alone), atol=0.0011)
    assert net.odds([], [], []).shape == (0, 2)


def test_a_kept_network_says_the_same_and_the_same_one_is_the_same_file(net: Reader, tmp_path: Path) -> None:
    first = save(net, tmp_path).read_bytes()
    kept = load("taught", tmp_path)
    assert (kept.classes, kept.shape, kept.facts) == (net.classes, net.shape, {"a": 1})
    for said in (["price"], ["monday", "the"], ["unheard of"]):
        assert lead(kept, said) == pytest.approx(lead(net, said), abs=0.05)
    assert save(kept, tmp_path).read_bytes() == first
    assert save(taught(), tmp_path).read_bytes() == first


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not an archive"])
def test_a_missing_or_broken_file_says_what_to_do(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "broken.npz").write_bytes(content)
    with pytest.raises(ModelMissing, match=r"broken\.npz is missing or broken: install Ridealong again"):
        load("broken", tmp_path)


def test_every_network_that_ships_is_whole() -> None:
    for path in sorted(set(FOLDER.glob("*_reader.npz")) - {FOLDER / "call_reader.npz"}):
        kept = load(path.stem)
        assert kept.facts["data"]
        spans = [NOTHING] * kept.shape.spans
        assert np.isfinite(kept.odds([["hello"]], [spans], [[]])).all()


@given(st.floats(0, 1), st.floats(-30, 30))
def test_two_opinions_lie_between_the_two(chance: float, odds: float) -> None:
    alone = 1 / (1 + np.exp(-odds))
    found = both(chance, odds)
    assert min(chance, alone) - 1e-5 <= found <= max(chance, alone) + 1e-5
    several = mixed({"a": chance, "b": 1 - chance}, ("a", "b"), (odds, 0.0))
    assert several["a"] == pytest.approx(found, abs=1e-3)
    assert sum(several.values()) == pytest.approx(1)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["rep", "buyer", "other"]), st.sampled_from(["", "Um.", "Yes. What then? Right"])
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=25)
@given(LINES)
def test_stretches_lie_in_their_passages(lines: list[tuple[str, str]]) -> None:
    doc = heard(transcript(*lines))
    call = heard_call(layout(doc), by_turn(doc))
    for turn, place in call.numbers:
        size = len(call.turns[turn][place].tokens)
        for first, last in [(0, None), (0, 1), (size - 1, size)]:
            spans, flags = around(call, turn, place, first, last)
            assert len(spans) == SPANS
            for passage, start, stop in spans:
                assert 0 <= start <= stop <= (len(call.passages[passage]) if stop else 0)
            assert spans[0][2] - spans[0][1] >= 1
            assert all(0 <= flag < FLAGS for flag in flags)


def test_a_part_of_an_utterance_has_the_rest_of_it_around() -> None:
    doc = heard(transcript(("rep", "We meet on Tuesday, and I send the offer."), ("buyer", "Great.")))
    call = heard_call(layout(doc), by_turn(doc))
    tokens = list(call.turns[0][0].tokens)
    at = tokens.index("i")
    spans, _ = around(call, 0, 0, at)
    read = [call.passages[place][start:stop] for place, start, stop in spans]
    assert read[0][: len(tokens) - at] == tokens[at:]
    assert read[1][-at:] == tokens[:at]
    assert read[3] == read[4] == ["<buyer>", "great", "."]
