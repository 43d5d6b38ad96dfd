"""Fitting the network that reads whole calls; where PyTorch is not installed only that this is said."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from annotators import pipeline
from annotators.call_pieces import SPECIAL, Cutter
from annotators.call_reader import Running, load
from annotators.document import Layout, build_doc, layout
from annotators.second_look import QUESTION, Looking, view
from models.errors import ModelMissing
from tests.annotators.calls import call
from training.call_network import WIDTH, Base, base, fit_call_reader, taught, with_contractions
from training.call_windows import Example
from training.look_lessons import Example as Stretch
from training.look_lessons import lessons
from training.steps import store
from training.steps.call_reader import favouring_rare

THERE = bool(find_spec("torch") and find_spec("safetensors"))
TASKS = {"price": ("no", "yes")}
LINES = ("rep: the costs are high", "buyer: the weather is fine", "rep: fine costs", "buyer: high weather")


def small() -> Base:
    """An encoder of one layer that knows nothing, with the vocabulary of ours."""
    vocabulary = load().vocabulary
    chance = np.random.default_rng(0)

    def array(*size: int) -> np.ndarray:
        return chance.normal(0, 0.05, size).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": array(len(vocabulary), WIDTH),
        "embeddings.position_embeddings.weight": array(512, WIDTH),
        "embeddings.token_type_embeddings.weight": array(2, WIDTH),
    }
    own = "encoder.layer.0."
    for name, out, into in (
        ("attention.self.query", WIDTH, WIDTH),
        ("attention.self.key", WIDTH, WIDTH),
        ("attention.self.value", WIDTH, WIDTH),
        ("attention.output.dense", WIDTH, WIDTH),
        ("intermediate.dense", 4 * WIDTH, WIDTH),
        ("output.dense", WIDTH, 4 * WIDTH),
    ):
        weights |= {f"{own}{name}.weight": array(out, into), f"{own}{name}.bias": array(out)}
    for name in ("embeddings.LayerNorm", f"{own}attention.output.LayerNorm", f"{own}output.LayerNorm"):
        weights |= {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": array(WIDTH)}
    return Base(vocabulary, weights)


def place(*lines: str) -> Layout:
    return layout(build_doc(pipeline(), call(*lines)))


@pytest.mark.skipif(not THERE, reason="PyTorch is not installed: requirements-reading.lock has it")
def test_it_learns_words_and_runs_in_bytes_as_it_was_fitted() -> None:
    start = small()
    cutter = Cutter(start.vocabulary)
    words = [word for line in LINES for word in line.split()[1:]]
    labels = np.array([[word != "costs", word == "costs"] for word in words], dtype=np.float32)
    examples = [Example([cutter.pieces(place(*LINES))], labels)] * 20
    reader = fit_call_reader(start, TASKS, frozenset(TASKS), examples, layers=1, rounds=25, facts={})
    assert len(reader.vocabulary) == len(start.vocabulary)
    read = Running(reader).read(place("rep: the costs", "buyer: the weather"))
    yes, no = read.chances("price", 0, 1, 2, ("yes", "no"))
    assert yes > no
    yes, no = read.chances("price", 1, 1, 2, ("yes", "no"))
    assert yes < no


@pytest.mark.skipif(THERE, reason="PyTorch is installed")
def test_without_pytorch_it_says_what_to_install() -> None:
    with pytest.raises(ModelMissing, match=r"requirements-reading\.lock"):
        base()


def test_frequent_contractions_become_a_piece_and_begin_between_those_they_were() -> None:
    plain = tuple(piece for piece in load().vocabulary if "'" not in piece[1:])
    chance = np.random.default_rng(0)
    table = chance.normal(size=(len(plain), WIDTH)).astype(np.float32)
    start = with_contractions(
        Base(plain, {"embeddings.word_embeddings.weight": table}),
        ["It's", "it's,"] * 15 + ["who'd've"] * 3 + ["its"] * 50 + ["'quoted'"] * 50,
    )
    assert start.vocabulary == (*plain, "it's")
    before, after = Cutter(plain), Cutter(start.vocabulary)
    was = before.of("it's")
    assert len(was) == 3
    assert start.weights["embeddings.word_embeddings.weight"][-1] == pytest.approx(table[was].mean(axis=0))
    assert after.of("It\N{RIGHT SINGLE QUOTATION MARK}s?") == [len(plain), *before.of("?")]
    assert after.of("its") == before.of("its")


def test_rare_classes_gain() -> None:
    kept = load()
    names = list(kept.tasks)
    first = sum(len(kept.tasks[name]) for name in names[: names.index("topic")])
    labels = np.zeros((1000, len(kept.bias)), dtype=np.float32)
    labels[:990, first] = 1.0
    labels[990:, first + 1] = 1.0
    change = favouring_rare(kept, "topic", labels).bias - kept.bias
    assert change[first + 1] > change[first] >= 0
    assert not change[:first].any()


def test_what_the_step_makes_is_stored_beside_the_other_models(tmp_path: Path) -> None:
    # The step's module, imported above, once hid that of the network from `store`.
    assert store(load(), tmp_path) == tmp_path / "call_reader.npz"
    assert load(tmp_path).vocabulary == load().vocabulary


def test_the_vocabulary_keeps_the_pieces_that_stand_for_no_text() -> None:
    assert load().vocabulary[:1] == ("[PAD]",)
    assert load().vocabulary[SPECIAL - 1] == "[MASK]"


@pytest.mark.skipif(not THERE, reason="PyTorch is not installed: requirements-reading.lock has it")
def test_it_learns_stretches_as_a_whole() -> None:
    start = small()
    cutter = Cutter(start.vocabulary)
    pieces = cutter.pieces(place(*LINES))
    seen = [view(pieces, first, first + 4, QUESTION) for first in (0, 4)]
    asked = [Stretch(one, np.eye(2, dtype=np.float32)[row]) for row, one in enumerate(seen)]
    count, shown = lessons([(asked, asked)] * 16, 25, np.random.default_rng(0))
    reader = taught(
        "small", start, TASKS, shown, count=count, loss=lambda _, wrong, own: wrong / own.sum(),
        layers=1, rate=2e-4, facts={},
    )  # fmt: skip
    first, second = Looking(reader).looks(place(*LINES), [(0, 0, 4), (1, 0, 4)], QUESTION).values()
    assert [int(look.odds["price"].argmax()) for look in (first, second)] == [0, 1]
