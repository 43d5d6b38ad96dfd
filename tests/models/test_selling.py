import pytest

from models.call import AttributeValue, Evidence, Transcript
from models.features import features
from tests.factories import evidence, transcript

DISCOVERY: dict[str, AttributeValue] = {
    "discovery": True,
    "form": "open",
    "probing": True,
    "impact": False,
    "topic": "situation",
}


def one(name: str, call: Transcript, *found: Evidence) -> float | None:
    return features(call, found)[name]


def asked(**attributes: AttributeValue) -> Evidence:
    return evidence("question", attributes={**DISCOVERY, **attributes})


TALK = transcript(
    ("rep", "how do you plan the week"),
    ("buyer", "on paper it takes five hours and then " + "we copy it all out again " * 3),
    ("rep", "and then"),
    ("buyer", "we"),
)


def test_counts_only_the_reps_discovery_questions() -> None:
    found = [
        asked(),
        asked(form="closed", probing=False),
        asked(discovery=False),
        evidence("question", turn=1, attributes=DISCOVERY),
    ]
    result = features(TALK, found)
    assert result["discovery_questions"] == 2
    assert result["open_discovery_questions"] == 1
    assert result["discovery_open_share"] == 0.5
    assert result["probing_questions"] == 1


def test_a_share_of_nothing_is_not_zero() -> None:
    result = features(TALK, ())
    assert result["discovery_open_share"] is None
    assert result["outcome_share"] is None
    assert result["objections_answered"] is None


def test_breadth_asks_for_open_or_probing_questions() -> None:
    budget, people = asked(topic="budget"), asked(topic="stakeholders", form="closed")
    interrogation = [asked(topic=t, form="closed", probing=False) for t in ("budget", "timeline", "decision")]
    assert one("discovery_breadth", TALK, budget, people) == 2
    assert one("discovery_breadth", TALK, *interrogation) == 0
    assert one("decision_grounds", TALK, *interrogation) == 3
    assert one("discovery_breadth", TALK, asked(topic="pain", impact=True)) == 1


@pytest.mark.parametrize(
    ("answer", "figures"),
    [
        ("it takes five hours", 1),
        ("about 12%", 1),
        ("thirteen or so", 1),
        ("one of us knows", 0),
        ("a lot", 0),
    ],
)
def test_impact_counts_where_the_buyer_gives_a_figure(answer: str, figures: int) -> None:
    call = transcript(("rep", "what does it cost you"), ("buyer", answer), ("rep", "twenty I bet"))
    assert one("impact_figures", call, asked(impact=True)) == figures


def test_value_needs_a_link_for_figures_and_stories_to_count_as_this_buyers() -> None:
    loose = [evidence("outcome", quantified=True, link=None), evidence("story")]
    tied = [*loose, evidence("outcome", quantified=True, link="five hours")]
    before, after = features(TALK, loose), features(TALK, tied)
    assert (before["quantified_for_buyer"], before["fitting_stories"], before["value_proven"]) == (0, 0, 0)
    assert (after["quantified_for_buyer"], after["fitting_stories"], after["value_proven"]) == (1, 1, 1)
    assert after["linked_share"] == 0.5


def test_a_link_may_be_the_index_of_the_first_turn() -> None:
    assert one("linked_outcomes", TALK, evidence("outcome", link=0)) == 1
    assert one("linked_outcomes", TALK, evidence("outcome", link="")) == 0
    assert one("quantified_outcomes", TALK, evidence("outcome", quantified=False)) == 0


def test_outcome_share_is_by_words() -> None:
    found = [evidence("outcome", start=0, stop=2), evidence("feature", start=2, stop=5)]
    assert one("outcome_share", TALK, *found) == pytest.approx(0.4)


def test_what_is_recited_in_one_breath_has_been_asked_once() -> None:
    topics = ("impact", "decision", "stakeholder", "budget", "timeline")
    recited = [asked(topic=topic, impact=topic == "impact") for topic in topics]
    brushed_off = transcript(("rep", "what impact who decides what budget when"), ("buyer", "hm right"))
    result = features(brushed_off, recited)
    assert result["discovery_questions"] == 1
    assert result["discovery_breadth"] == 1
    assert result["discovery_complete"] == 0


def test_questions_that_get_their_answers_count_singly() -> None:
    full = transcript(
        ("rep", "what does it cost you and who decides"),
        ("buyer", "two days a week and the director decides together with me"),
    )
    assert one("discovery_questions", full, asked(impact=True), asked(topic="decision")) == 2


def test_talk_tied_to_the_buyer_counts_by_its_words() -> None:
    found = (evidence("outcome", 0, 0, 4, tied=0.5), evidence("feature", 0, 0, 10, tied=0.1))
    assert one("tied_words", TALK, *found) == pytest.approx(4 * 0.5 + 10 * 0.1)
    assert one("tied_share", TALK, *found) == pytest.approx(3 / 14)
    assert one("tied_share", TALK) is None


def test_older_results_tell_by_the_link_what_is_tied() -> None:
    found = (
        evidence("outcome", 0, 0, 4, link=0),
        evidence("outcome", 0, 0, 6, link=None),
        evidence("feature", 0, 0, 10),
    )
    assert one("tied_words", TALK, *found) == 4
    assert one("tied_share", TALK, *found) == pytest.approx(4 / 20)


def test_a_run_of_features_ends_where_the_rep_comes_back_to_the_buyer() -> None:
    listed = [
        evidence("feature", 0, 0, 10),
        evidence("feature", 2, 0, 8),
        evidence("feature", 2, 12, 17),
    ]
    assert one("untied_run", TALK, *listed) == 23
    assert one("untied_run", TALK, *listed, evidence("outcome", 2, 8, 12, link=None)) == 23
    assert one("untied_run", TALK, *listed, evidence("outcome", 2, 8, 12, link=1)) == 18
    assert one("untied_run", TALK, *listed, evidence("story", 0, 10, 20)) == 13
    assert one("untied_run", TALK) == 0
