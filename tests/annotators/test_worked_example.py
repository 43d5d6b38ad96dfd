"""The worked example of docs/annotators.md, run as a reader would: one file, its phrases, one line."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from spacy.training import Example

import annotators
from annotators import matching
from annotators.document import Finding, build_doc, record
from tests.annotators.calls import call, found, quote

PAGE = (Path(__file__).parents[2] / "docs" / "annotators.md").read_text("utf-8")


@pytest.fixture(scope="module")
def thanks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The example, installed in the list and in the folder of patterns."""
    [source] = [block for block in blocks("python") if "ridealong_thanks" in block]
    [phrases] = blocks("toml")
    folder = tmp_path_factory.mktemp("patterns")
    (folder / "thanks.toml").write_text(phrases, encoding="utf-8")
    module = ModuleType("annotators.thanks")
    annotators.pipeline()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FOLDER", folder)
        patch.setitem(sys.modules, module.__name__, module)
        exec(compile(source, "annotators/thanks.py", "exec"), module.__dict__)  # noqa: S102 - our own page
        patch.setattr(annotators, "ANNOTATORS", (*annotators.ANNOTATORS, "thanks"))
        patch.setattr(annotators, "LABELS", {**annotators.LABELS, "thanks": "thanks"})
        annotators.pipeline.cache_clear()
        yield module
    annotators.pipeline.cache_clear()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_example_finds_what_it_says(thanks: ModuleType) -> None:
    lines = ("rep: Right, thanks so much for your time today.", "buyer: Thank you. Bye.")
    items = found("thanks", *lines)
    assert [quote(call(*lines), item) for item in items] == ["thanks so much", "Thank you."]
    assert {item.source for item in items} == {"thanks"}
    assert found("thanks", "rep: The thanksgiving order is late.") == []


def test_the_example_is_measured_with_the_others(thanks: ModuleType) -> None:
    nlp = annotators.pipeline()
    said = call("rep: Thank you, Sam.", "buyer: No worries.")
    truth = build_doc(nlp, said)
    record(truth, "thanks", [Finding(0, 0, 2), Finding(1, 0, 2)])
    figures = nlp.evaluate([Example(build_doc(nlp, said), truth)])
    assert (figures["thanks_p"], figures["thanks_r"]) == (1, 0.5)
