"""Marks are lines a person can write; a slip in one is named, never swallowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.annotators.calls import call
from training.marks import MarkError, locate, parse_marks

CALL = call(
    "rep: So, how do you close the books on a Friday? Walk me through that.",
    "buyer: It's by hand. I'd want to know the price first, it's twice what we pay.",
    "rep: I'll send you the quote by Friday, the sixth of March.",
)
SCORES = "score discovery=3 value=2 objection=- next_step=4 presence=1\n"


def test_a_file_of_marks_is_read() -> None:
    scores, marks = parse_marks(
        SCORES
        + "0|question|how do ... Friday|open d situation probing\n"
        + "0|question|walk me through that|open; d; current_solution\n"
        + "1|objection|it's twice ... we pay|price; dropped\n"
        + "2|next_step|I'll send you the quote by Friday|owner=rep; when=by Friday; date=2026-03-06; agreed; "
        + "action=send the quote\n"
        + "2|feature|the quote|\n",
        CALL,
    )
    assert scores == {"discovery": 3, "value": 2, "objection": None, "next_step": 4, "presence": 1}
    first, second, doubt, step, feature = marks
    assert (first.turn, first.start, first.stop) == (0, 1, 10)
    assert first.attributes == {
        "form": "open", "discovery": True, "topic": "situation", "probing": True, "impact": False,
    }  # fmt: skip
    assert (second.start, second.stop) == (10, 14)
    assert doubt.attributes == {"kind": "price", "status": "dropped"}
    assert step.attributes == {
        "action": "send the quote", "owner": "rep", "when": "by Friday", "date": "2026-03-06", "agreed": True,
        "vague": False,
    }  # fmt: skip
    assert feature.attributes == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("question", "not turn"),
        ("9|question|how do you|open", "no such turn"),
        ("0|gossip|how do you|", "no such label"),
        ("0|question|how are you|open", "not in the turn"),
        ("0|question|how do you|maybe", "open, closed"),
        ("0|question|how do you|open d", "situation"),
        ("1|objection|by hand|money; dropped", "price"),
        ("2|next_step|I'll send|owner=me", "rep, buyer, both"),
        ("2|next_step|I'll send|owner=rep; date=Friday", "Friday"),
        ("score discovery=3", "a score for each"),
        ("score discovery=3 value=2 objection=- next_step=4 presence=6", "1 to 5"),
    ],
)
def test_a_slip_is_named_with_its_line(line: str, said: str) -> None:
    with pytest.raises(MarkError, match=said) as error:
        parse_marks(SCORES + line, CALL)
    assert "line 2" in str(error.value)


def test_a_file_without_scores_is_refused() -> None:
    with pytest.raises(MarkError, match="scores are missing"):
        parse_marks("0|question|how do you|open\n", CALL)


@given(
    st.lists(
        st.sampled_from(["we", "pay,", "it's", "$40", "a", "month", "–", "no.", "Uh-huh", "what?"]),
        min_size=1,
    ),
    st.data(),
)
def test_a_quote_of_words_is_found_where_such_words_are(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    stop = data.draw(st.integers(start + 1, len(words)))
    found = locate(words, " ".join(words[start:stop]))
    if any(character.isalnum() for word in words[start:stop] for character in word):
        assert found is not None
        plain = [word.strip(",.–?").lower() for word in words[found[0] : found[1]]]
        wanted = [word.strip(",.–?").lower() for word in words[start:stop]]
        assert [word for word in plain if word] == [word for word in wanted if word]
    else:
        assert found is None
