from dataclasses import replace
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UnknownFramework
from models.framework import VALUES, Dimension, Framework, load_framework, shipped
from models.heads import Heads, contributions, draft, interval, latent, load_heads, load_prior, probabilities

DEFAULT = load_framework()
HEADS = load_heads(DEFAULT)
SHIPPED = [(framework, load_heads(framework)) for framework in map(load_framework, shipped())]
NUMBERS = st.one_of(st.none(), st.floats(0, 1000, allow_nan=False))


@given(st.sampled_from(DEFAULT.dimensions), st.data())
def test_contributions_add_up_exactly(dimension: Dimension, data: st.DataObject) -> None:
    numbers = {use.name: data.draw(NUMBERS) for use in dimension.features}
    head, signs = HEADS.of(dimension.id), {use.name: use.sign for use in dimension.features}
    effects = contributions(head, dimension, numbers)
    at = latent(head, dimension, effects)
    assert isclose(sum(e.effect for e in effects), at - latent(head, dimension), abs_tol=1e-12)
    known = {term.feature: numbers[term.feature] for term in head.terms}
    by_hand = head.base + sum(
        signs[term.feature] * term.weight * term.transform(term.reference if value is None else value)
        for term, value in zip(head.terms, known.values(), strict=True)
    )
    assert isclose(at, by_hand, abs_tol=1e-12)


@settings(deadline=None)
@given(st.sampled_from(SHIPPED), st.data())
def test_a_feature_only_ever_moves_a_score_its_own_way(
    shape: tuple[Framework, Heads], data: st.DataObject
) -> None:
    framework, heads = shape
    dimension = data.draw(st.sampled_from(framework.dimensions))
    use = data.draw(st.sampled_from(dimension.features))
    others = {other.name: data.draw(NUMBERS) for other in dimension.features}
    less, more = sorted(data.draw(st.tuples(st.floats(0, 1000), st.floats(0, 1000))))

    def value(number: float) -> tuple[float, int]:
        head = heads.of(dimension.id)
        at = latent(head, dimension, contributions(head, dimension, {**others, use.name: number}))
        return at, draft(probabilities(head, at), head)

    low, high = (value(less), value(more)) if use.sign > 0 else (value(more), value(less))
    assert low[0] <= high[0] + 1e-9
    assert low[1] <= high[1] or isclose(low[0], high[0])


@given(st.floats(-1e6, 1e6))
def test_probabilities_drafts_and_intervals(at: float) -> None:
    for head in HEADS.heads:
        chances = probabilities(head, at)
        assert isclose(sum(chances), 1)
        assert all(0 <= chance <= 1 for chance in chances)
        value = draft(chances)
        low, high = interval(chances, value)
        assert low <= value <= high
        assert sum(chances[low - 1 : high]) >= 0.8 - 1e-9
        assert value in VALUES


@pytest.mark.parametrize("dimension", [dimension.id for dimension in DEFAULT.dimensions])
def test_all_five_scores_are_reached_without_shrinking_to_three(dimension: str) -> None:
    head = HEADS.of(dimension)
    reached = {draft(probabilities(head, step / 10), head) for step in range(-20, 100)}
    assert reached == set(VALUES)


def test_a_head_that_spreads_drafts_more_moves_them_away_from_the_centre() -> None:
    head = HEADS.of("discovery")
    chances = (0.0, 0.1, 0.3, 0.5, 0.1)  # 3.6 expected
    assert draft(chances, replace(head, spread=1.0, centre=3.0)) == 4
    assert draft(chances, replace(head, spread=1.5, centre=2.5)) == 4
    assert draft(chances, replace(head, spread=2.0, centre=4.1)) == 3
    assert draft((0.0, 0.2, 0.2, 0.2, 0.4), replace(head, spread=1.5, centre=3.0)) == 4
    assert draft((0.0, 0.0, 0.2, 0.4, 0.4), replace(head, spread=1.5, centre=3.0)) == 5


def test_training_has_a_prior_to_start_from() -> None:
    prior = load_prior(DEFAULT)
    assert prior is not None
    assert prior.version.startswith("prior-")
    assert load_prior(load_framework("donor")) is None


WEIGHTS = DEFAULT.path.with_suffix(".prior.weights.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cut", "put", "says"),
    [
        ('framework = "default"', 'framework = "donor"', "these weights are for 'donor'"),
        ('dimension = "value"', 'dimension = "charm"', "heads: must be one for each of"),
        ('feature = "probing_questions"', 'feature = "stories"', "terms: must be one for each feature"),
        ("weight = 1.0", "weight = -1.0", "weight is wrong"),
        ("[1, 0.35], [3, 0.75]", "[1, 0.75], [3, 0.35]", "terms[discovery_questions].points: must rise"),
        ("cuts = [1.5, 2.5, 3.5, 4.5]", "cuts = [2.5, 1.5, 3.5, 4.5]", "cuts: must rise"),
        ("scale = 3.0", "scale = 0.0", "heads[discovery].scale is wrong"),
    ],
)
def test_broken_weights_are_told_by_key(tmp_path: Path, cut: str, put: str, says: str) -> None:
    path = tmp_path / "mine.weights.toml"
    assert cut in WEIGHTS
    path.write_text(WEIGHTS.replace(cut, put, 1), encoding="utf-8")
    with pytest.raises(UnknownFramework) as raised:
        load_heads(DEFAULT, path)
    assert str(raised.value).startswith("mine.weights.toml: ")
    assert says in str(raised.value)


def test_a_framework_without_weights_says_which_file_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(DEFAULT.path.read_bytes())
    with pytest.raises(UnknownFramework, match=r"ours\.weights\.toml: cannot be read"):
        load_heads(load_framework(path))
