"""What is said about learning in plain words, for people who don't know what kappa is."""

from collections.abc import Mapping, Sequence
from typing import Any


def learned_from(count: int, version: str | None, *, yours: bool) -> str:
    """What drafts come from. `count` are the reviewed calls that the version in use was made of."""
    if version is None:
        return "Drafts are made as Ridealong came; nothing learned from reviews here is in use."
    whose = "your team's" if yours else "the organisation's"
    return (
        f"The drafts in use have learned from {count} of {whose} reviewed calls; "
        "every fifth of them was kept apart to measure on."
    )


def outcome(
    figures: Sequence[Mapping[str, Any]], version: str | None, *, in_use: bool, titles: Mapping[str, str]
) -> str:
    """What a run came to, in a sentence."""
    new = [titles.get(one["dimension"], one["dimension"]) for one in figures if one["new"]]
    if not new or version is None:
        return "It found nothing that is surely better than what is in use; drafts stay as they are."
    names = new[0] if len(new) == 1 else f"{', '.join(new[:-1])} and {new[-1]}"
    goes_on = "It is in use." if in_use else "An administrator decides whether it is used."
    return f"It made a version that agrees better on {names}. {goes_on}"


def looked_at(count: int, *, yours: bool) -> str:
    """What the last run had before it."""
    whose = "your team's" if yours else "the organisation's"
    return f"The last run looked at {count} of {whose} reviewed calls."
