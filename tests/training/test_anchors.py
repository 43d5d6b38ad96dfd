"""What anchors demand is part of what heads learn from, and a head that forgets it isn't promoted."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.framework import load_framework
from models.heads import load_heads, load_prior
from training.anchors import anchors_of, missed
from training.datasets import UnreadableData

FRAMEWORK = load_framework()
ANCHORS = anchors_of(FRAMEWORK)


@pytest.mark.parametrize("dimension", FRAMEWORK.dimensions, ids=lambda dimension: dimension.id)
def test_every_anchor_is_written_down_and_met_by_prior_and_shipped_heads(dimension) -> None:  # type: ignore[no-untyped-def]
    prior = load_prior(FRAMEWORK)
    assert prior is not None
    assert sorted(ANCHORS[dimension.id]) == [1, 2, 3, 4, 5]
    for heads in (prior, load_heads(FRAMEWORK)):
        assert missed(heads.of(dimension.id), dimension, ANCHORS[dimension.id]) == []


def test_a_head_that_forgot_an_anchor_says_which() -> None:
    dimension = FRAMEWORK.dimension("discovery")
    head = load_heads(FRAMEWORK).of("discovery")
    forgetful = replace(head, terms=tuple(replace(term, weight=0.0) for term in head.terms))
    assert len(missed(forgetful, dimension, ANCHORS["discovery"])) == 4


def test_a_framework_without_anchors_has_none(tmp_path: Path) -> None:
    assert anchors_of(FRAMEWORK, tmp_path) == {}


def test_a_copy_with_other_features_goes_without_the_anchors_that_name_what_it_lacks() -> None:
    value, step = FRAMEWORK.dimension("value"), FRAMEWORK.dimension("next_step")
    own = replace(FRAMEWORK, dimensions=(replace(value, features=value.features[1:]), step))
    assert set(anchors_of(own)) == {"next_step"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[value]\n6 = { outcomes = 1 }", "6 is not a score"),
        ("[value]\n1 = { outcomes = 'many' }", "can't be read"),
        ("value", "can't be read"),
    ],
)
def test_wrong_anchors_are_told_by_key(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "default.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableData, match=says):
        anchors_of(FRAMEWORK, tmp_path)
