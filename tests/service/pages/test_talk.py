"""How a result document becomes what the page of a call shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features import REGISTRY
from models.framework import load_framework
from models.scorer import REP_UNSURE
from service.pages import talk
from service.result import EvidencePart, Result, TurnPart, WordPart
from tests.service.documents import DIMENSIONS, document

WORDS = st.lists(st.text("abc<&", min_size=1, max_size=4), min_size=1, max_size=12)


def turn(words: list[str], starts: list[float | None] | None = None) -> TurnPart:
    given = starts or [None] * len(words)
    parts = [
        WordPart(start=at, end=at, text=text, probability=None) for text, at in zip(words, given, strict=True)
    ]
    return TurnPart(speaker="rep", start=given[0], end=given[-1], text=" ".join(words), words=parts)


def found(label: str, start: int, stop: int) -> EvidencePart:
    return EvidencePart(
        label=label,
        turn=0,
        start=start,
        stop=stop,
        speaker="rep",
        quote="",
        start_time=None,
        end_time=None,
        strength=1,
        source="test",
        attributes={},
    )


@given(WORDS, st.lists(st.tuples(st.sampled_from(["question", "hedge", "roi"]), st.integers(0, 12))))
def test_evidence_loses_no_word_and_marks_only_its_own(
    words: list[str], spans: list[tuple[str, int]]
) -> None:
    evidence = [found(label, start, start + 3) for label, start in spans if start < len(words)]
    pieces = talk.pieces(turn(words), evidence)
    assert " ".join(piece.text for piece in pieces) == " ".join(words)
    marked = {
        (at, kind)
        for at, kinds in enumerate(
            kinds for piece in pieces for kinds in [piece.kinds] * len(piece.text.split())
        )
        for kind in kinds
    }
    wanted = {
        (at, talk.KIND_OF[item.label])
        for item in evidence
        for at in range(item.start, min(item.stop, len(words)))
    }
    assert marked == wanted


def test_what_was_found_is_said_in_words() -> None:
    item = found("outcome", 0, 2).model_copy(
        update={"attributes": {"quantified": True, "link_words": "five hours", "tied": 0.421}}
    )
    (piece,) = talk.pieces(turn(["five", "hours"]), [item])
    assert piece.says == "outcome, quantified, link words: five hours, tied: 42%"


def test_times_are_those_of_the_words() -> None:
    assert talk.times(turn(["a", "b", "c"], [61.25, 61.5, 63.0])) == "6125 25 150"
    assert talk.times(turn(["a", "b"], [1.0, None])) == ""


def test_a_card_has_draft_quotes_and_reasons_in_words() -> None:
    result = Result.model_validate(document())
    names = talk.called(result, "Rita")
    assert names == {"rep": "Rita", "buyer": "Buyer"}
    cards = {one.dimension: one for one in talk.cards(result, load_framework().dimensions, names)}
    assert tuple(cards) == DIMENSIONS
    discovery = cards["discovery"]
    assert discovery.draft is not None
    assert discovery.quotes[0].text in " ".join(one.text for one in result.transcript.turns)
    assert all("_" not in words and way in {"raises", "lowers"} for words, way in discovery.why)
    assert [value for value, _ in discovery.anchors] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("feature", "value", "says"),
    [
        ("talk_ratio", 0.613, "61%"),
        ("objection_asked_about", 0.86, "86%"),
        ("next_step_agreed", 1.0, "yes"),
        ("next_step_agreed", 0.0, "no"),
        ("discovery_questions", 6.0, "6 questions"),
    ],
)
def test_a_reason_gives_its_figure_as_a_person_would(feature: str, value: float, says: str) -> None:
    made = document()
    part = {"feature": feature, "value": value, "effect": 0.5}
    made["scorecard"]["scores"][0]["contributions"] = [part]
    (card, *_) = talk.cards(Result.model_validate(made), load_framework().dimensions, {})
    assert card.why == ((f"{REGISTRY[feature].summary.removesuffix('.')}: {says}", "raises"),)


def test_nothing_of_the_draft_is_on_a_card_without_one() -> None:
    result = Result.model_validate({**document(), "scorecard": None, "features": None})
    for card in talk.cards(result, load_framework().dimensions, {}):
        assert (card.draft, card.quotes, card.why) == (None, (), ())


def test_not_observed_is_proposed_only_where_the_draft_says_so() -> None:
    framework = load_framework()
    objection = next(one for one in framework.dimensions if one.id == "objection")
    reasons = {REP_UNSURE: None, objection.observed_if[0].reason: "none"}
    for reason, proposed in reasons.items():
        made = document()
        scores = [
            {**score, "value": None, "interval": None, "reason": reason}
            if score["dimension"] == "objection"
            else score
            for score in made["scorecard"]["scores"]
        ]
        result = Result.model_validate({**made, "scorecard": {**made["scorecard"], "scores": scores}})
        cards = {one.dimension: one for one in talk.cards(result, framework.dimensions, {})}
        assert cards["objection"].proposed == proposed
        drafted = cards["discovery"].draft
        assert drafted is not None
        assert cards["discovery"].proposed == str(drafted.value)


def test_the_course_stays_within_its_width() -> None:
    result = Result.model_validate(document())
    course = talk.course(result, talk.called(result, None))
    assert course is not None
    assert [name for name, _, _ in course.lanes] == ["Rep", "Buyer"]
    for _, _, path in course.lanes:
        for part in path.split("M")[1:]:
            left, width = float(part.split(" ")[0]), float(part.split("h")[1].split("v")[0])
            assert 0 <= left <= left + width <= talk.WIDTH + 1


def test_corrected_words_take_the_place_of_those_whose_evidence_is_gone() -> None:
    result = Result.model_validate(document())
    shown = talk.lines(result, {}, frozenset(talk.kinds_found(result)))
    texts = [turn.text for turn in result.transcript.turns]
    assert talk.as_corrected(shown, texts) == shown
    made = talk.as_corrected(shown, [texts[0], "Other words.", *texts[2:]])
    assert [made[0], *made[2:]] == [shown[0], *shown[2:]]
    assert (made[1].pieces, made[1].times, made[1].speaker) == (
        (talk.Piece("Other words."),),
        "",
        shown[1].speaker,
    )
    assert talk.as_corrected(shown, texts[1:]) == shown  # turns went: numbers mean others
