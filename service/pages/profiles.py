"""Profiles put together: the figures of reps' last calls, as far as the visitor may see their scores."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import CallError
from models.framework import load_framework
from service.pages import profile_store as store
from service.pages.profile_figures import Figure, Point, figure
from service.pages.profile_store import Seen
from service.pages.visits import Visit
from service.reviews import blind


@dataclass(frozen=True, slots=True)
class Profile:
    """A rep's last calls, newest first, their scores by call and dimension, and a figure a dimension.

    `elsewhere` counts calls that were scored by another framework than the newest and don't compare.
    """

    calls: tuple[Seen, ...] = ()
    scores: Mapping[uuid.UUID, Mapping[str, Point]] | None = None
    figures: tuple[Figure, ...] = ()
    elsewhere: int = 0

    @property
    def withheld(self) -> int:
        """Calls whose scores the visitor must not see yet."""
        return sum(not call.open for call in self.calls)


async def profiles(visiting: Visit, reps: Sequence[uuid.UUID]) -> dict[uuid.UUID, Profile]:
    """The profile of each rep."""
    session, who = visiting.session, visiting.who
    open_to = await blind.open_to(session, who, visiting.parts.settings.blind_share)
    calls = await store.last_calls(session, who, reps, open_to)
    scores = await store.points(session, [call for found in calls.values() for call in found])
    return {rep: _profile(found, scores) for rep, found in calls.items()}


def _profile(calls: Sequence[Seen], scores: Mapping[uuid.UUID, Mapping[str, Point]]) -> Profile:
    if not calls:
        return Profile()
    same = [call for call in calls if call.framework == calls[0].framework]
    known = {call.id: scores[call.id] for call in same if call.id in scores}
    titles = _titles(same[0], known)
    oldest_first = [known[call.id] for call in reversed(same) if call.id in known]
    figures = tuple(
        figure(name, title, [points[name] for points in oldest_first if name in points])
        for name, title in titles.items()
    )
    return Profile(tuple(calls), known, figures, len(calls) - len(same))


def _titles(newest: Seen, scores: Mapping[uuid.UUID, Mapping[str, Point]]) -> dict[str, str]:
    """What each dimension is called, in the framework's order; those that it no longer has come last."""
    try:
        known = {one.id: one.title for one in load_framework(newest.framework, newest.context).dimensions}
    except CallError:
        known = {}
    odd = sorted({name for points in scores.values() for name in points} - known.keys())
    return {**known, **{name: name.replace("_", " ").capitalize() for name in odd}}
