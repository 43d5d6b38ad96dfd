"""Every pattern file carries examples; each is run through the annotators as a call."""

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotators import LABELS
from annotators.matching import FOLDER, Patterns, compile_patterns, has_figure, load_patterns
from annotators.utterances import Utterance
from tests.annotators.calls import call, found, quote

FILES = sorted(FOLDER.glob("*.toml"))


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(example, id=f"{path.stem}: {example['text']}")
        for path in FILES
        for example in tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])
    ]


def lines_of(example: dict[str, Any]) -> tuple[list[str], int]:
    before = example.get("before", [])
    # Both sides have to speak for the roles to be known.
    after = example.get("after", ["buyer: Hm.", "rep: Hm."])
    return [*before, f"{example.get('speaker', 'rep')}: {example['text']}", *after], len(before)


@pytest.mark.parametrize("example", examples("positive"))
def test_positive_example_is_found_with_its_attributes(example: dict[str, Any]) -> None:
    lines, turn = lines_of(example)
    hits = [item for item in found(example["label"], *lines) if item.turn == turn]
    assert hits
    expected = example.get("attributes", {})
    assert any(all(item.attributes.get(key) == value for key, value in expected.items()) for item in hits)
    if "found" in example:
        assert example["found"] in [quote(call(*lines), item) for item in hits]


@pytest.mark.parametrize("example", examples("negative"))
def test_negative_example_is_not_found(example: dict[str, Any]) -> None:
    lines, turn = lines_of(example)
    assert [item for item in found(example["label"], *lines) if item.turn == turn] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_has_examples_of_both_kinds(path: Any) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table["positive"]
    assert table["negative"]
    assert {example["label"] for example in [*table["positive"], *table["negative"]]} <= set(LABELS)
    assert load_patterns(path.stem).exact


def spoken(said: str) -> Utterance:
    return utterance_of(tuple(said.split()))


def utterance_of(tokens: tuple[str, ...]) -> Utterance:
    offsets = [0]
    for token in tokens:
        offsets.append(offsets[-1] + len(token) + 1)
    places = tuple(range(len(tokens)))
    return Utterance(
        turn=0,
        speaker="rep",
        start=0,
        stop=len(tokens),
        tokens=tokens,
        places=places,
        tags=("NN",) * len(tokens),
        breaks=(False,) * len(tokens),
        text="".join(f"{token} " for token in tokens),
        offsets=tuple(offsets),
        ending="",
    )


@pytest.mark.parametrize(
    ("pattern", "said", "span"),
    [
        ("send [you|them] it", "i send it now", (1, 3)),
        ("send [you|them] it", "i send you it now", (1, 4)),
        ("(save|cut) ... hours", "we save you many hours", (1, 5)),
        ("integrat* with", "it integrates with sage", (1, 3)),
        ("# percent", "about twenty-two percent more", (1, 3)),
        ("talk _ you", "talk to you", (0, 3)),
        ("a [b]", "x a", (1, 2)),
    ],
)
def test_pattern_language(pattern: str, said: str, span: tuple[int, int]) -> None:
    matches = compile_patterns({"g": [pattern]}).find(spoken(said))
    assert [(match.first, match.last) for match in matches] == [span]


WORDS = st.sampled_from(["a", "b", "c", "abc", "abcd*", "#", "_"])
CHOICES = st.lists(st.lists(WORDS, min_size=1, max_size=2).map(" ".join), min_size=1, max_size=2)
PARTS = st.one_of(
    WORDS,
    st.just("..."),
    CHOICES.map(lambda choices: f"({'|'.join(choices)})"),
    CHOICES.map(lambda choices: f"[{'|'.join(choices)}]"),
)
HEADS = st.sampled_from(["a", "abc", "abcd*", "#", "(a|b c)", "(# a|abcd* b|b)"])
PATTERNS = st.builds(lambda head, rest: " ".join([head, *rest]), HEADS, st.lists(PARTS, max_size=3))
# A word of a transcript may hold a space: "20 000" is one token of two words.
TOKENS = st.sampled_from(["a", "b", "c", "abc", "abcde", "two", "5", "b c", "abcde a", "20 000"])


@example({"g": ["a b"]}, ("a", "b c"))
@example({"g": ["abcd* a"]}, ("abcde a", "b"))
@example({"g": ["a abcd*", "b #"]}, ("a", "abcde", "b", "two"))
@given(
    st.dictionaries(st.sampled_from(["g", "h"]), st.lists(PATTERNS, min_size=1, max_size=3), min_size=1),
    st.lists(TOKENS, max_size=8).map(tuple),
)
def test_looking_at_the_second_word_first_loses_no_match(
    groups: dict[str, list[str]], tokens: tuple[str, ...]
) -> None:
    patterns = compile_patterns(groups)
    plain = Patterns(*(tried_anywhere(buckets) for buckets in (patterns.exact, patterns.opening)))
    assert patterns.find(utterance_of(tokens)) == plain.find(utterance_of(tokens))


def tried_anywhere(buckets: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {head: tuple(entry._replace(seconds=None) for entry in bucket) for head, bucket in buckets.items()}


def test_a_pattern_matches_whole_words_only() -> None:
    assert compile_patterns({"g": ["or"]}).find(spoken("order for more")) == []


@pytest.mark.parametrize("pattern", ["[maybe] yes", "... later", "(a (b|c))", "a|b", ""])
def test_a_pattern_that_breaks_the_rules_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        compile_patterns({"g": [pattern]})


def test_figures() -> None:
    assert has_figure(("save", "$5,000"))
    assert has_figure(("twenty", "percent"))
    assert not has_figure(("this", "one", "twice"))
