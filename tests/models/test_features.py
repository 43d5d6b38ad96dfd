import ast
import inspect
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import delivery, handling, measure, selling
from models.call import AttributeValue, Evidence, Transcript, Turn, Word
from models.features import REGISTRY, describe, features, supporting
from tests.factories import evidence, transcript

DISCOVERY: dict[str, AttributeValue] = {
    "discovery": True,
    "form": "open",
    "probing": True,
    "impact": False,
    "topic": "situation",
}


def asked(**attributes: AttributeValue) -> Evidence:
    return evidence("question", attributes={**DISCOVERY, **attributes})


TALK = transcript(
    ("rep", "how do you plan the week"),
    ("buyer", "on paper it takes five hours"),
    ("rep", "and then"),
    ("buyer", "we"),
)


def step(turn: int = 0, **attributes: AttributeValue) -> Evidence:
    plain: dict[str, AttributeValue] = {
        "action": "send the offer",
        "owner": None,
        "when": None,
        "agreed": False,
        "vague": False,
    }
    return evidence("next_step", turn, attributes={**plain, **attributes})


def test_every_feature_is_documented() -> None:
    for name, feature in REGISTRY.items():
        assert feature.name == name
        assert feature.summary.endswith("."), name
        assert feature.formula, name
        assert feature.unit, name
        assert feature.direction in {-1, 0, 1}
    assert all(f"`{name}`" in describe() for name in REGISTRY)


def test_docs_hold_the_registry() -> None:
    docs = Path(__file__).parents[2] / "docs" / "scoring.md"
    assert describe() in docs.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", ["models.features", "models.scorer", "annotators"])
def test_what_measures_and_scores_never_loads_what_hears(module: str) -> None:
    loaded = f"import sys, {module}; print(*(name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    sound = {
        "audio",
        "loudness",
        "voices",
        "voice_network",
        "clips",
        "silences",
        "speech_activity",
        "recogniser",
    }
    assert not names & {f"models.{name}" for name in sound}
    assert not {name for name in names if name.split(".")[0] in {"av", "faster_whisper", "onnxruntime"}}


def test_nothing_is_measured_on_the_sound_of_a_voice() -> None:
    """EU AI Act, article 5(1)(f): a word is what was said, when, and how surely it was recognised."""
    assert [field.name for field in fields(Word)] == ["start", "end", "text", "probability"]
    assert list(inspect.signature(features).parameters) == ["transcript", "evidence"]
    forbidden = (
        "pitch",
        "energy",
        "loud",
        "volume",
        "tone",
        "emotion",
        "stress",
        "mood",
        "sentiment",
        "personal",
    )
    assert not [n for n in REGISTRY if any(mark in n for mark in forbidden)]
    for module in (delivery, handling, measure, selling):
        assert not imports(module) & {"numpy", "scipy", "av", "models.audio", "librosa"}, module.__name__


def imports(module: ModuleType) -> set[str]:
    tree = ast.parse(inspect.getsource(module))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_without_times_only_the_timed_ones_are_unknown() -> None:
    result = features(TALK, ())
    timed = {name for name, feature in REGISTRY.items() if feature.timed}
    assert all(result[name] is None for name in timed)
    assert {"longest_monologue", "patience", "switches_per_minute", "words_per_minute"} <= timed
    assert result["talk_ratio"] is not None
    assert result["rep_minutes"] == pytest.approx(8 / 150)


def test_without_a_rep_nothing_is_known_of_the_rep() -> None:
    result = features(
        transcript(("left", "hello"), ("right", "hi there")), [evidence("question", attributes=DISCOVERY)]
    )
    assert result["discovery_questions"] is None
    assert result["talk_ratio"] is None
    assert result["call_words"] == 3


def test_supporting_evidence_keeps_positions() -> None:
    found = [
        evidence("filler"),
        asked(),
        evidence("question", turn=1, attributes=DISCOVERY),
        asked(probing=False),
    ]
    support = supporting(TALK, found)
    assert support["discovery_questions"] == (1, 3)
    assert support["probing_questions"] == (1,)
    assert support["fillers_per_100_words"] == (0,)


LABELS = (
    "question",
    "next_step",
    "objection",
    "response",
    "outcome",
    "feature",
    "story",
    "recap",
    "filler",
    "?",
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False), st.text(max_size=5)
)
ATTRIBUTES = (
    "discovery",
    "form",
    "topic",
    "owner",
    "when",
    "agreed",
    "vague",
    "move",
    "status",
    "link",
    "impact",
)
ITEMS = st.builds(
    Evidence,
    st.sampled_from(LABELS),
    st.integers(-2, 9),
    st.integers(0, 3),
    st.integers(0, 5),
    st.floats(0, 1),
    st.just("test"),
    st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=4),
)
TIMES = st.one_of(st.none(), st.floats(0, 1e4))
TURNS = st.builds(
    Turn,
    st.sampled_from(("rep", "buyer", "buyer 2", "")),
    st.lists(st.builds(Word, TIMES, TIMES, st.text(max_size=6), st.none()), max_size=5).map(tuple),
)
CALLS = st.builds(Transcript, st.just("en"), TIMES, st.lists(TURNS, max_size=8).map(tuple))


@settings(deadline=None)
@given(CALLS, st.lists(ITEMS, max_size=12))
def test_any_call_and_any_evidence_give_finite_numbers(call: Transcript, found: list[Evidence]) -> None:
    result = features(call, found)
    assert list(result) == list(REGISTRY)
    for name, value in result.items():
        assert value is None or (abs(value) < float("inf")), name
        if value is not None and REGISTRY[name].unit in {"share", "yes/no"}:
            assert 0 <= value <= 1, name
    for positions in supporting(call, found).values():
        assert all(0 <= found[position].turn < len(call.turns) for position in positions)
