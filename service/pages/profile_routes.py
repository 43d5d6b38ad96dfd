"""The page of a rep: how the last calls went, what moves, and moments worth hearing."""

import uuid
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from service.auth import people
from service.auth.permissions import MAY, Action, Relation, to_call
from service.pages import profile_figures as figures
from service.pages import profile_store as store
from service.pages.profiles import profiles
from service.pages.visits import Visit, Visiting
from service.privacy.store import record
from service.problems import NotFound

router = APIRouter(include_in_schema=False)
MOMENTS = 3
NOBODY = "There is no such rep, or they aren't yours to see."


@dataclass(frozen=True, slots=True)
class Moment:
    """Words behind a score: which, of what call, and where they can be heard."""

    dimension: str
    point: figures.Point
    quote: str
    starts: float | None
    heard: bool


@router.get("/reps/{rep_id}")
async def show(rep_id: uuid.UUID, visiting: Visiting) -> Response:
    """A rep's last calls: for the rep, who manages their team, and the coach they are assigned to."""
    session, who = visiting.session, visiting.who
    teams = await _teams(visiting, rep_id)
    rep = await people.person(session, rep_id)
    found = (await profiles(visiting, [rep_id]))[rep_id]
    best, weakest = figures.moments(found.figures, MOMENTS)
    titles = {one.dimension: one.title for one in found.figures}
    record(session, who, "profile viewed", about=rep_id, calls=[str(call.id) for call in found.calls])
    return visiting.page(
        "rep.html",
        rep=rep,
        teams=teams,
        own=rep_id == who.id,
        profile=found,
        fewest=figures.FEWEST,
        last=figures.LAST,
        best=[await _moment(visiting, titles[name], name, point) for name, point in best],
        weakest=[await _moment(visiting, titles[name], name, point) for name, point in weakest],
    )


async def _teams(visiting: Visit, rep_id: uuid.UUID) -> list[Any]:
    """The rep's teams in which the visitor may see their calls.

    Raises:
        NotFound: there are none.
    """
    who = visiting.who
    parts = (await people.parts(visiting.session, [rep_id])).get(rep_id, [])
    found = [
        team
        for team, roles in parts
        if "rep" in roles
        and who.within_scope(Action.CALL_VIEW)
        and to_call(who, team=team.id, rep=rep_id) & MAY[Action.CALL_VIEW]
    ]
    if not found:
        raise NotFound(NOBODY)
    return [(team, bool(to_call(who, team=team.id, rep=rep_id) - {Relation.OWN})) for team in found]


async def _moment(visiting: Visit, title: str, dimension: str, point: figures.Point) -> Moment | None:
    """The strongest words behind a score; None where it rests on none."""
    found = await store.evidence(visiting.session, point.call, dimension)
    if found is None:
        return None
    heard = await store.has_sound(visiting.session, point.call)
    return Moment(title, point, found["quote"], found["start_time"], heard)
