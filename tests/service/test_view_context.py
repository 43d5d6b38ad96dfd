"""A scorecard in the words of a context: who is who, what comes first, what is said to be coached."""

import io

import jsonschema
import pytest
from rich.console import Console

from models.call import Analysis, RepChoice
from models.features import features
from models.framework import load_framework
from models.landmarks import landmarks
from models.scorer import score
from service.result import Result, SourcePart, result, schema, to_json
from service.view import show_scorecard
from tests.factories import evidence, transcript
from tests.models.test_scorer import BUYER, DEEP, PITCH, REP, step

HEARD = transcript(
    *((("rep", REP), ("buyer", BUYER)) * 12), ("rep", "thanks \x1b[2J so much bye"), ("buyer 2", "bye")
)


def made(context: str | None, framework: str = "default") -> Result:
    chosen = load_framework(framework, context)
    heard = evidence("objection", 1, 0, 4, kind="price", status="open")
    found = (*DEEP, *PITCH, heard, step(owner="rep"), *landmarks(HEARD))
    measured = features(HEARD, found)
    analysis = Analysis(
        HEARD,
        RepChoice("rep", 1.0, "label", True),
        found,
        measured,
        score(chosen, HEARD, found, measured),
        {},
    )
    source = SourcePart(name="call.wav", kind="transcript", sha256="0" * 64)
    return result(source, analysis, HEARD, chosen)


def shown(document: Result) -> str:
    out = io.StringIO()
    show_scorecard(Console(file=out, width=200, highlight=False), document)
    return out.getvalue()


def test_the_result_names_the_context_and_its_version() -> None:
    document = made("software")
    card, context = document.scorecard, load_framework("default", "software").context
    assert card is not None
    assert card.context is not None
    assert context is not None
    assert (card.context.name, card.context.version) == ("software", context.version)
    assert document.versions["context"] == f"software-{context.version}"
    assert f"in the words of software {context.version}" in " ".join(shown(document).split())
    plain = made(None)
    assert plain.scorecard is not None
    assert plain.scorecard.context is None
    assert "context" not in plain.versions


@pytest.mark.parametrize("context", [None, "software"])
def test_it_keeps_to_the_schema(context: str | None) -> None:
    document = made(context)
    jsonschema.validate(document.model_dump(mode="json", by_alias=True), schema())
    assert Result.model_validate_json(to_json(document)) == document


def test_what_the_context_stresses_comes_first_and_scores_stay() -> None:
    plain, worded = made(None), made("professional-services")
    assert plain.scorecard is not None
    assert worded.scorecard is not None
    assert [(s.dimension, s.value) for s in plain.scorecard.scores] == [
        (s.dimension, s.value) for s in worded.scorecard.scores
    ]
    text = shown(worded)
    assert text.index("Discovery quality") < text.index("Executive presence") < text.index("Value connection")
    assert "Most room to improve: " in text


def test_speakers_are_called_what_the_framework_calls_them() -> None:
    assert "buyer: “" in shown(made(None))
    assert "client: “" in shown(made("professional-services"))
    assert "gift officer: “" in shown(made("major-gifts", "donor"))


def test_advice_cannot_rewrite_the_screen() -> None:
    assert "\x1b" not in shown(made(None))
