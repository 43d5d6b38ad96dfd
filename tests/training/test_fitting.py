"""A model learns what its examples show, is stored without loss, and says why it decides."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators import linear, pipeline
from annotators.cues import phrase_cues
from annotators.document import build_doc
from annotators.linear import LinearModel
from annotators.utterances import Utterance, utterances
from models.errors import ModelMissing
from tests.annotators.calls import call
from training.fitting import Row, fit, fit_rows, folds, judged

CUES = [{"red", "round"}, {"red", "long"}, {"green", "round"}, {"green", "long"}] * 6


def test_two_classes_are_told_apart_by_what_tells_them() -> None:
    model = fit("colour", CUES, ["warm", "warm", "cold", "cold"] * 6, penalty=1.0)
    assert model.classes == ("cold", "warm")
    assert model.probabilities({"red", "never seen"})["warm"] > 0.8
    assert model.probabilities({"green"})["warm"] < 0.2
    assert model.explain({"red", "round"}, "warm")[0][0] == "red"
    assert sum(model.probabilities(set()).values()) == pytest.approx(1)


def test_examples_that_count_less_move_the_model_less() -> None:
    labels = ["warm", "warm", "cold", "cold"] * 6
    doubtful = fit("colour", CUES, labels, strengths=[1.0, 1.0, 0.1, 0.1] * 6)
    assert doubtful.probabilities(set())["warm"] > fit("colour", CUES, labels).probabilities(set())["warm"]


def test_only_the_cues_that_tell_most_are_kept() -> None:
    model = fit("colour", CUES, ["warm", "warm", "cold", "cold"] * 6, most=2)
    assert set(model.rows) == {"red", "green"}
    rare = [{"once"} | cues if number == 0 else cues for number, cues in enumerate(CUES)]
    assert "once" not in fit("colour", rare, ["warm", "warm", "cold", "cold"] * 6, least=2).rows


def test_each_writer_is_judged_by_what_the_others_show() -> None:
    rows: list[Row] = [(cues, "warm" if "red" in cues else "cold", 1.0) for cues in CUES]
    parts: dict[str, list[Row]] = {"w1": rows[:8], "w2": rows[8:16], "w3": [({"red"}, "cold", 1.0)]}
    left = {writer: (others, own) for writer, others, own in folds(parts)}
    assert left["w2"] == ([*parts["w1"], *parts["w3"]], parts["w2"])
    figures = judged(parts, lambda others: fit_rows("colour", others, penalty=1.0))
    assert figures is not None
    assert figures[0] == round(16 / 17, 3)
    assert judged({"everybody": rows}, lambda others: fit_rows("colour", others)) is None


def test_a_repeated_cue_counts_once() -> None:
    model = fit("colour", CUES, ["a", "b", "c", "a"] * 6, penalty=1.0)
    assert model.probabilities(["red", "red", "red"]) == model.probabilities(["red"])


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\x00"), min_size=1, max_size=8)


@given(
    st.lists(names, min_size=1, max_size=6, unique=True),
    st.lists(names, min_size=2, max_size=3, unique=True),
)
def test_a_stored_model_is_the_same_model(
    tmp_path_factory: pytest.TempPathFactory, cues: list[str], classes: list[str]
) -> None:
    rng = np.random.default_rng(len(cues))
    weights = rng.normal(size=(len(cues), len(classes))).astype(np.float16).astype(np.float32)
    model = LinearModel(
        "stored", tuple(classes), {cue: row for row, cue in enumerate(cues)}, weights,
        rng.normal(size=len(classes)).astype(np.float32), {"calls": 3, "note": "ü"},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("models")
    first = linear.save(model, folder).read_bytes()
    back = linear.load("stored", folder)
    assert back.probabilities(cues) == model.probabilities(cues)
    assert (back.classes, dict(back.rows), back.facts) == (model.classes, dict(model.rows), model.facts)
    assert linear.save(back, folder).read_bytes() == first


def test_a_missing_or_broken_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="ridealong train annotators"):
        linear.load("nowhere", tmp_path)
    (tmp_path / "broken.npz").write_bytes(b"PK no archive")
    with pytest.raises(ModelMissing, match=r"broken\.npz"):
        linear.load("broken", tmp_path)


def test_cues_of_a_phrase_are_its_words_edges_and_tags() -> None:
    [utterance] = _utterances("rep: So what does that cost you today?")
    cues = phrase_cues(utterance)
    assert {"what", "what does", "what does that", "^so what", "cost you today$", "end:?", "t^RB WP"} <= cues
    assert "end:?" not in phrase_cues(utterance, 0, 2)
    assert phrase_cues(utterance, 2, 2) == {"nothing"}


def _utterances(*lines: str) -> list[Utterance]:
    nlp = pipeline()
    return list(utterances(nlp(build_doc(nlp, call(*lines)))))
