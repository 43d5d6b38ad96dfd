"""The competency model: complete, in our own words, and tied to what a call can show."""

import re
from collections import Counter
from pathlib import Path

import pytest

from annotators import ANNOTATORS
from models.competencies import Competencies, load_competencies
from models.errors import UnknownFramework
from models.features import REGISTRY
from models.framework import SHIPPED, load_framework, shipped

FILE = SHIPPED / "astd.competencies.toml"
SOURCE = FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model() -> Competencies:
    return load_competencies(FILE)


def test_the_model_is_whole(model: Competencies) -> None:
    assert [role.id for role in model.roles] == [
        "consultant",
        "strategist",
        "developer",
        "manager",
        "analyst",
        "administrator",
    ]
    sizes = Counter(one.cluster for one in model.competencies)
    assert sizes == {"partnering": 6, "insight": 7, "solution": 6, "effectiveness": 10}
    assert len(model.areas) == 13
    assert all(len(one.actions) >= 2 for one in model.competencies)
    coaching = next(area for area in model.areas if area.id == "coaching-for-sales-results")
    assert coaching.outputs == ("Coaching report", "Development plan", "Performance contract", "Targets")


@pytest.mark.parametrize("name", shipped())
def test_a_competency_of_a_dimension_can_be_read_from_a_call(name: str) -> None:
    framework = load_framework(name)
    assert framework.competencies is not None
    for dimension in framework.dimensions:
        shown = {pick.label for use in dimension.features for pick in REGISTRY[use.name].picks}
        named = [framework.competencies.named(title) for title in dimension.competencies]
        assert any(shown & set(one.evidence) for one in named), dimension.id
        assert any(framework.competencies.areas_of(one) for one in named), dimension.id


def test_evidence_is_what_annotators_find(model: Competencies) -> None:
    assert ANNOTATORS
    page = (Path(__file__).parents[2] / "docs" / "annotators.md").read_text(encoding="utf-8")
    labels = set(re.findall(r"`(\w+)`", page)) | {"monologue"}
    assert {label for one in model.competencies for label in one.evidence} <= labels


def test_facts_are_told_in_our_own_words(model: Competencies) -> None:
    seeds = list((Path(__file__).parents[2].parent / "shared" / "seeds").glob("002_*.txt"))
    if not seeds:
        pytest.skip("the source is not beside this repository")
    theirs = shingles(seeds[0].read_text(encoding="utf-8"))
    texts = [
        *(role.summary for role in model.roles),
        *(cluster.summary for cluster in model.clusters),
        *(one.summary for one in model.competencies),
        *(area.summary for area in model.areas),
    ]
    texts += [action for one in model.competencies for action in one.actions]
    for text in texts:
        assert not shingles(text) & theirs, text


def shingles(text: str, size: int = 6) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


@pytest.mark.parametrize(
    ("cut", "put", "says"),
    [
        ('cluster = "insight"', 'cluster = "inside"', "].cluster: there is no cluster 'inside'; add it"),
        ('evidence = ["story"]', 'evidence = ["tale"]', "].evidence: no feature rests on evidence 'tale'"),
        ('roles = ["consultant", "analyst"]', 'roles = ["poet"]', "].roles: there is no 'poet'"),
        ('"resolving-issues",\n', '"resolving-isues",\n', "].draws_on: there is no 'resolving-isues'"),
        ('id = "solution"', 'id = "insight"', "clusters: the id 'insight' is used twice"),
        ('title = "Solving Problems"', 'title = "Using Technology"', "'Using Technology' is used twice"),
        ('actions = ["Takes a fresh look", "Borrows from other fields"]', "actions = []", "].actions"),
    ],
)
def test_a_broken_model_is_told_by_key(tmp_path: Path, cut: str, put: str, says: str) -> None:
    assert cut in SOURCE
    path = tmp_path / "mine.competencies.toml"
    path.write_text(SOURCE.replace(cut, put, 1), "utf-8")
    with pytest.raises(UnknownFramework) as raised:
        load_competencies(path)
    assert str(raised.value).startswith("mine.competencies.toml: ")
    assert says in str(raised.value)
