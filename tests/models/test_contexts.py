"""Contexts change words and order, never what a score means or how it is made."""

from pathlib import Path

import pytest

from models.call import DimensionScore
from models.contexts import coach_first
from models.errors import UnknownFramework
from models.features import features
from models.framework import SHIPPED, contexts_of, load_framework, shipped
from models.landmarks import landmarks
from models.scorer import score
from tests.factories import evidence
from tests.models.test_scorer import CALL, DEEP, PITCH, objection, question, step

NAMED = [(name, context) for name in shipped() for context in contexts_of(load_framework(name))]
SOFTWARE = (SHIPPED / "default.software.context.toml").read_text(encoding="utf-8")


def test_every_framework_comes_in_some_context() -> None:
    assert {name for name, _ in NAMED} == set(shipped())
    assert list(contexts_of(load_framework())) == ["non-profit", "professional-services", "software"]


@pytest.mark.parametrize(("name", "context"), NAMED)
def test_a_context_leaves_the_rubric_and_the_scores_alone(name: str, context: str) -> None:
    plain, worded = load_framework(name), load_framework(name, context)
    found = (*DEEP, *PITCH, objection(), step(owner="rep"), *landmarks(CALL))
    measured = features(CALL, found)
    for one, other in zip(plain.dimensions, worded.dimensions, strict=True):
        assert (one.id, one.title, one.anchors, one.threshold) == (
            other.id,
            other.title,
            other.anchors,
            other.threshold,
        )
    pairs = zip(
        score(plain, CALL, found, measured).scores, score(worded, CALL, found, measured).scores, strict=True
    )
    for mine, theirs in pairs:
        assert (mine.value, mine.interval, mine.contributions) == (
            theirs.value,
            theirs.interval,
            theirs.contributions,
        )


def test_a_context_speaks_the_words_of_its_trade() -> None:
    found = (question(0), evidence("feature", 6, 4, 12), *landmarks(CALL))
    drafts = {
        name: score(load_framework("default", name), CALL, found, features(CALL, found)).scores[0].advice
        for name in (None, "software", "non-profit")
    }
    assert "the buyer's situation" in str(drafts[None])
    assert "the prospect's situation" in str(drafts["software"])
    assert "the partner's aims" in str(drafts["non-profit"])


def test_emphasis_decides_what_is_coached_first() -> None:
    scores = [
        DimensionScore(name, value, None, (), ())
        for name, value in (("a", 3), ("b", 2), ("c", None), ("d", 5), ("e", 2))
    ]
    assert coach_first(scores, {}) == ("b", "e", "a")
    assert coach_first(scores, {"a": 2.0, "c": 5.0}) == ("a", "b", "e")


def test_a_context_beside_ones_own_framework(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text((SHIPPED / "default.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "mine.vans.context.toml").write_text(
        SOFTWARE.replace('"prospect"', '"fleet manager"'), "utf-8"
    )
    chosen = load_framework(own, "vans")
    assert chosen.vocabulary["buyer"] == "fleet manager"
    assert load_framework(own, "software").vocabulary["buyer"] == "prospect"
    assert load_framework(own, tmp_path / "mine.vans.context.toml") == chosen


def test_unknown_context_lists_what_there_is() -> None:
    with pytest.raises(
        UnknownFramework, match=r"No context 'saas' for 'donor': it has major-gifts; give one"
    ):
        load_framework("donor", "saas")


@pytest.mark.parametrize(
    ("cut", "put", "says"),
    [
        ('framework = "default"', 'framework = "donor"', "framework: this context is for 'donor', not for"),
        ('buyer = "prospect"', 'byer = "prospect"', "vocabulary.byer: not a word of the framework; it has"),
        ("discovery = 1.5", "charm = 1.5", "emphasis.charm: there is no such dimension; there are discovery"),
        ("discovery = 1.5", "discovery = -1", "emphasis.discovery is wrong"),
        ("discovery = 1.5", "discovery = 9", "emphasis.discovery is wrong"),
        ('feature = "outcomes"', 'feature = "charm"', "wordings[charm].feature: value does not use it"),
        ('dimension = "value"', 'dimension = "charm"', "wordings[outcomes].dimension: there is no 'charm'"),
        (
            "what “{quote}” saves",
            "what {kwote} saves",
            "wordings[outcomes].quoting: must say where {quote} goes",
        ),
        ('"tied_share"', '"outcomes"', "wordings: value.outcomes is worded twice; keep one"),
        (
            "Have the {buyer} put",
            "Have the {byer} put",
            "wordings[impact_figures].advice: there is no word {byer}",
        ),
        ("[emphasis]", "[[anchors]]\nvalue = 1\n[emphasis]", "anchors is not a key of this table"),
    ],
)
def test_a_broken_context_is_told_by_key(tmp_path: Path, cut: str, put: str, says: str) -> None:
    assert cut in SOFTWARE
    path = tmp_path / "mine.context.toml"
    path.write_text(SOFTWARE.replace(cut, put, 1), "utf-8")
    with pytest.raises(UnknownFramework) as raised:
        load_framework("default", path)
    message = str(raised.value)
    assert message.startswith("mine.context.toml: ")
    assert says in message
    assert "\n" not in message
