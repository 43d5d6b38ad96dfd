"""A story is one span, from its first clause to its last."""

from tests.annotators.calls import call, found, quote

STORY = (
    "One of our customers is a mill in Ohio, they had the same trouble with the dust. They put ours in last "
    "March, and by June they'd had no stoppages, and the foreman told me he'd stopped carrying a radio."
)


def test_a_story_is_one_span_without_what_stands_around_it() -> None:
    lines = (
        "buyer: Has anybody like us used it?",
        f"rep: Sure. {STORY} What would you want to see first?",
        "buyer: Hm.",
    )
    (story,) = found("story", *lines)
    said = quote(call(*lines), story)
    assert "mill in Ohio" in said
    assert "stoppages" in said
    assert "What would" not in said


def test_a_result_within_a_story_is_this_buyer_s_only_where_the_trouble_is_theirs() -> None:
    told = (f"rep: {STORY}", "buyer: Hm.")
    same = found("outcome", "buyer: We have stoppages every week, and the dust is bad.", *told)
    other = found("outcome", "buyer: We mostly need a cheaper lease for the vans.", *told)
    assert [item.attributes["link"] for item in same] == [0]
    assert [item.attributes["link"] for item in other] == [None]
