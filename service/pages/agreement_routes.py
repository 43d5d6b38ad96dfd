"""The page on how far drafts and people agree."""

import uuid
from dataclasses import dataclass

from fastapi import APIRouter, Response

from service.agreement import routes as api
from service.agreement.shapes import AgreementOut, DimensionOut
from service.auth import people
from service.pages import html
from service.pages.visits import Visiting
from service.problems import Forbidden

router = APIRouter(include_in_schema=False)
LEFT, WIDTH = 4, 192  # of a bar, in units of its drawing; kappa from 0 to 1 lies on WIDTH


@dataclass(frozen=True, slots=True)
class Bar:
    """Where kappa, its interval and the floor lie on a bar; below 0 is drawn as 0."""

    low: float
    high: float
    kappa: float
    floor: float


def bar(dimension: DimensionOut, floor: float) -> Bar | None:
    """A dimension's bar; None without figures."""
    found = dimension.figures
    if found is None:
        return None
    return Bar(
        *(round(LEFT + max(0.0, one) * WIDTH, 1) for one in (found.low, found.high, found.kappa, floor))
    )


@router.get("/agreement")
async def first(visiting: Visiting) -> Response:
    """The first team's."""
    teams = visiting.who.managed() | visiting.who.coaching()
    if not teams:
        raise Forbidden("Agreement is for managers and coaches of a team.")
    found = await people.teams(visiting.session, list(teams))
    return html.back(f"/teams/{found[0].id}/agreement")


@router.get("/teams/{team_id}/agreement")
async def show(team_id: uuid.UUID, visiting: Visiting) -> Response:
    """Figures by dimension, whose drafts are withheld, and drift over time."""
    session, who = visiting.session, visiting.who
    found: AgreementOut = await api.agreement(team_id, session, who, visiting.parts)
    teams = await people.teams(session, list(who.managed() | who.coaching()))
    return visiting.page(
        "agreement.html",
        found=found,
        bars={one.dimension: bar(one, found.floor) for one in found.dimensions},
        teams={team.id: team.name for team in teams},
    )
