"""Who has a part in it: roles and names, first mentions, and who has none."""

from tests.annotators.calls import call, found, quote

LINES = (
    "rep: Thanks for making the time, Anna. Who else would look at this?",
    "buyer: It's me and our finance director, Priya. She signs anything over ten thousand.",
    "rep: And who uses it day to day?",
    "buyer: The night nurses. Priya only sees the invoice.",
)


def test_role_and_name_of_the_first_mention() -> None:
    people = found("stakeholder", *LINES)
    first = next(item for item in people if item.attributes["name"] == "Priya")
    assert first.turn == 1
    assert "finance director" in str(first.attributes["role"])
    assert "Priya" in quote(call(*LINES), first)
    assert len([item for item in people if "Priya" in quote(call(*LINES), item)]) == 1


def test_whoever_is_on_the_call_is_none() -> None:
    assert not [item for item in found("stakeholder", *LINES) if item.attributes["name"] == "Anna"]


def test_nobody_while_roles_are_unknown() -> None:
    assert not found("stakeholder", "A: Our finance director signs it.", "B: I see.")
