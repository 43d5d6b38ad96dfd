import re
from pathlib import Path

import pytest

from models.errors import UnknownFramework
from models.features import REGISTRY
from models.framework import VALUES, Framework, load_framework, shipped
from models.heads import load_heads

SHIPPED = shipped()
SOURCE = load_framework("default").path.read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(UnknownFramework) as raised:
        load_framework(written(folder, text))
    message = str(raised.value)
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    return message


def test_default_has_the_five_dimensions() -> None:
    ids = [dimension.id for dimension in load_framework().dimensions]
    assert ids == ["discovery", "value", "objection", "next_step", "presence"]


def test_a_second_framework_has_another_shape() -> None:
    donor = load_framework("donor")
    assert [dimension.id for dimension in donor.dimensions] == ["connection", "impact", "concerns", "ask"]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_frameworks_are_complete(name: str) -> None:
    framework = load_framework(name)
    assert framework.id == name
    assert load_heads(framework).version.startswith(("prior-", "trained-"))
    for dimension in framework.dimensions:
        assert tuple(anchor.value for anchor in dimension.anchors) == VALUES
        assert all(anchor.must_have for anchor in dimension.anchors[1:])
        assert all(anchor.examples for anchor in dimension.anchors)
        assert dimension.competencies
        assert any(use.advice for use in dimension.features)
        assert {use.name for use in dimension.features} <= set(REGISTRY)


@pytest.mark.parametrize("name", SHIPPED)
def test_rubric_text_is_our_own(name: str) -> None:
    rubric = Path(__file__).parents[2].parent / "shared" / "RUBRIC.md"
    if not rubric.is_file():
        pytest.skip("the reference rubric is not beside this repository")
    theirs = shingles(rubric.read_text(encoding="utf-8"))
    for dimension in load_framework(name).dimensions:
        for anchor in dimension.anchors:
            for text in (anchor.text, *anchor.must_have, *anchor.examples):
                assert not shingles(text) & theirs, f"{dimension.id} {anchor.value}"


def test_no_word_in_braces_is_left_where_the_reader_sees_it() -> None:
    for name in SHIPPED:
        for dimension in load_framework(name).dimensions:
            texts = [dimension.looks_at, dimension.not_observed, dimension.needs_ending]
            texts += [c.reason for c in (*dimension.observed_if, *dimension.warn_unless)]
            texts += [text for use in dimension.features for text in use.parts.values()]
            assert not any("{" in text for text in texts), dimension.id
            for use in dimension.features:
                left = set(re.findall(r"\{(\w+)\}", use.advice + use.quoting))
                assert left <= {"quote", "missing"}, use.name


def shingles(text: str, size: int = 7) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def test_version_follows_the_content(tmp_path: Path) -> None:
    same = load_framework(written(tmp_path, SOURCE))
    assert same.version == load_framework("default").version
    changed = load_framework(written(tmp_path, SOURCE.replace("Discovery quality", "Discovery")))
    assert changed.version != same.version


def test_anchors_come_in_the_order_of_their_values(tmp_path: Path) -> None:
    swapped = SOURCE.replace("value = 1\n", "value = @\n", 1)
    swapped = swapped.replace("value = 2\n", "value = 1\n", 1).replace("value = @", "value = 2")
    anchors = load_framework(written(tmp_path, swapped)).dimension("discovery").anchors
    assert [anchor.value for anchor in anchors] == [1, 2, 3, 4, 5]
    assert anchors[0].text.startswith("Some questions")


def test_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownFramework, match=r"No framework 'besst': give one of default, donor"):
        load_framework("besst")


def test_unknown_dimension_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_framework().dimension("charm")


def test_not_toml(tmp_path: Path) -> None:
    assert "not valid TOML" in fault(tmp_path, "dimensions: [discovery]\n")


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b'id = "\xff"')
    with pytest.raises(UnknownFramework, match=r"mine\.toml: not text in UTF-8"):
        load_framework(path)


@pytest.mark.parametrize(
    ("cut", "put", "says"),
    [
        ('id = "default"', "", "id is missing; add it"),
        ("threshold = 3", 'threshold = "3"', "dimensions[discovery].threshold must be a whole number"),
        ("threshold = 3", "threshold = 9", "dimensions[discovery].threshold is wrong"),
        ("needs_rep = true", "needs_rap = true", "dimensions[discovery].needs_rap is not a key"),
        ('id = "value"', 'id = "discovery"', "the id 'discovery' is used twice"),
        ("value = 3", "value = 2", "dimensions[discovery].anchors: 2 is described twice"),
        ("value = 5", "value = 6", "dimensions[discovery].anchors: 5 is missing; describe"),
        ('name = "probing_questions"', 'name = "charm"', "there is no feature 'charm'"),
        ('feature = "switches"', 'feature = "charm"', "there is no feature 'charm'"),
        ('name = "open_discovery_questions"', 'name = "discovery_questions"', "is listed twice"),
        ("sign = 1", "sign = 0", "dimensions[discovery].features[discovery_questions].sign"),
        ("sign = 1", "sign = -1", "features[discovery_questions].sign: must be 1, the way"),
        ('needs = ["linked_outcomes"]', 'needs = ["switches"]', "'switches' is not among this dimension's"),
        ('title = "Value connection"', 'title = ""', "dimensions[value].title is empty; write it out"),
        ("at_least = 4", "at_least = nan", "observed_if[switches].at_least must be a finite number"),
        (
            "ask what is behind it.",
            "ask {who}.",
            "features[probing_questions].advice: there is no word {who}",
        ),
        ("behind it.", "behind it}.", "features[probing_questions].advice: a brace stands alone"),
        ("answer to “{quote}”", "answer", "features[probing_questions].quoting: must say where {quote} goes"),
        ("[vocabulary]", '[vocabulary]\nquote = "q"', "vocabulary.quote: can't be a word's name"),
        ('buyer = "buyer"', 'buyer = "{rep}"', "vocabulary.buyer: holds a brace; write plain words"),
        (
            'text = "The rep learns',
            'text = "The {rep} learns',
            "anchors[1]: holds a brace; anchors read the same",
        ),
        ('parts = { impact = "what the problem costs", ', "parts = { ", "parts: must be impact, decision"),
        ("follows = true", "needs = []\nfollows = true", "not valid TOML"),
        ('"Resolving Issues"', '"Resolving Isues"', "astd.competencies.toml has no 'Resolving Isues'"),
        (
            'competency_model = "astd"',
            'competency_model = "asdt"',
            "there is no asdt.competencies.toml beside",
        ),
    ],
)
def test_a_broken_file_is_told_by_key(tmp_path: Path, cut: str, put: str, says: str) -> None:
    assert cut in SOURCE
    assert says in fault(tmp_path, SOURCE.replace(cut, put, 1))


def test_no_dimension_and_no_feature(tmp_path: Path) -> None:
    head = 'id = "x"\ntitle = "X"\ndescription = "X"\n'
    assert "dimensions" in fault(tmp_path, head + "dimensions = []\n")
    anchors = ", ".join(f'{{ value = {value}, text = "t" }}' for value in VALUES)
    body = (
        f'id = "a"\ntitle = "A"\nlooks_at = "l"\nnot_observed = "n"\nthreshold = 3\nanchors = [{anchors}]\n'
    )
    text = head + "[[dimensions]]\n" + body + "features = []\n"
    assert "dimensions[a].features: empty" in fault(tmp_path, text)


def test_frameworks_can_be_compared_and_kept_in_sets() -> None:
    assert load_framework() == load_framework()
    assert {load_framework(), load_framework()} == {load_framework()}
    assert isinstance(load_framework(), Framework)
