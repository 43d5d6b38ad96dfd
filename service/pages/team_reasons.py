"""Why a rep's work needs a look: reasons in words, from figures and days. Pure functions.

A reason is a reason to look, not a judgment; nobody is ranked, and none is given of fewer calls than a figure
takes.
"""

import datetime as dt
from collections.abc import Sequence

from service.pages.profile_figures import Figure

BELOW = 3.0
"""A middle below this is a reason to look: 3 is what the rubric calls sound."""
NO_CALL_DAYS = 21
NO_REVIEW_DAYS = 30


def reasons(
    figures: Sequence[Figure],
    *,
    contested: int,
    last_call: dt.date | None,
    last_review: dt.date | None,
    today: dt.date,
) -> list[str]:
    """Reasons to look, one sentence each; none where nothing stands out."""
    found = []
    if contested:
        found.append(f"{contested} contested score{'s' if contested > 1 else ''} to decide.")
    for one in figures:
        basis = f" ({one.drafts} of {one.count} are drafts)" if one.drafts else ""
        if one.middle is not None and one.middle < BELOW:
            found.append(f"{one.title}: {one.middle:g} in the middle of {one.count} calls{basis}.")
        if one.trend == "falling":
            found.append(f"{one.title} is falling{basis}.")
    if last_call is None:
        return [*found, "No analysed call yet."]
    quiet = (today - last_call).days
    if quiet > NO_CALL_DAYS:
        found.append(f"No call for {quiet} days.")
    if last_review is None:
        found.append("Nobody has scored a call yet; all there is are drafts.")
    elif (today - last_review).days > NO_REVIEW_DAYS:
        found.append(f"Nobody has scored a call for {(today - last_review).days} days.")
    return found
