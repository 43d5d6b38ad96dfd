"""The page on learning: what drafts come from, what the last runs found, and scoring a team's calls anew."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.administration import routes as settings_api
from service.administration.routes import SettingsEdit
from service.auth import people
from service.auth.permissions import Action, may
from service.calls import work_routes
from service.edge import require
from service.learning import rescoring_routes, run_routes
from service.learning.run_routes import standing
from service.learning.shapes import RescoringIn, RunIn, UseIn
from service.pages import html
from service.pages.visits import Visit, Visiting, as_edit, shaped

router = APIRouter(include_in_schema=False)
OWN_SETTINGS = ("learning_days", "learning_least", "learning_auto")
RUNS = 10


@router.get("/learning")
async def show(visiting: Visiting) -> Response:
    """For managers and coaches what was learned from their teams, for administrators everything to decide."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    tag = Response()
    found = await run_routes.learning(tag, session, who, parts)
    managed = await people.teams(session, list(who.managed())) if who.managed() else []
    rescorings = {
        team.id: (await rescoring_routes.of_team(team.id, session, who, parts, limit=3)).rescorings
        for team in managed
        if may(who, Action.CALL_RUN, frozenset({*standing(who)}))
    }
    return visiting.page(
        "learning.html",
        found=found,
        number=tag.headers["ETag"].strip('"'),
        administers=await _administers(visiting),
        managed={team.id: team.name for team in managed},
        rescorings=rescorings,
    )


async def _administers(visiting: Visit) -> dict[str, Any] | None:
    """Versions, runs and settings, for administrators alone."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    if not who.administrator:
        return None
    tag = Response()
    settings = await settings_api.settings(visiting.request, tag, session, who)
    return {
        "versions": await run_routes.versions(Response(), session, who, parts),
        "runs": (await run_routes.runs(session, who, None, RUNS)).runs,
        "settings": {one.name: one for one in settings if one.name in OWN_SETTINGS},
        "settings_version": tag.headers["ETag"].strip('"'),
    }


@router.post("/learning/runs")
async def start(visiting: Visiting) -> Response:
    """Have a worker learn from the reviews there are."""
    await run_routes.start(RunIn(framework=None), visiting.session, visiting.who, visiting.parts)
    return html.back("/learning#runs", "learning")


@router.post("/learning/in-use")
async def put_in_use(visiting: Visiting) -> Response:
    """Draft by another version from now on."""
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version_read", None))
    body = shaped(UseIn, {"version": fields.get("version", "")})
    await run_routes.put_in_use(body, request, Response(), visiting.session, visiting.who, visiting.parts)
    return html.back("/learning", "in_use")


@router.post("/learning/settings")
async def edit_settings(visiting: Visiting) -> Response:
    """When the service learns by itself, and whether what is better is used at once."""
    require(visiting.who, Action.SETTINGS_EDIT)
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version", None))
    wanted: dict[str, Any] = {
        "learning_days": fields.get("learning_days") or None,
        "learning_least": fields.get("learning_least") or None,
        "learning_auto": "learning_auto" in fields,
    }
    shown = await settings_api.settings(request, Response(), visiting.session, visiting.who)
    free = {one.name for one in shown if one.source != "environment"}
    body = shaped(SettingsEdit, {name: value for name, value in wanted.items() if name in free})
    await settings_api.edit_settings(
        body, request, Response(), visiting.session, visiting.who, visiting.parts
    )
    return html.back("/learning", "saved")


@router.get("/learning/runs/{run_id}/report")
async def report(run_id: uuid.UUID, visiting: Visiting) -> Response:
    """A run's report, on a page of its own that may run nothing."""
    return await run_routes.report(run_id, visiting.session, visiting.who)


@router.post("/learning/teams/{team_id}/rescorings")
async def rescore(team_id: uuid.UUID, visiting: Visiting) -> Response:
    """Have a team's calls scored anew, and see what changes by it."""
    fields = await visiting.fields()
    body = shaped(RescoringIn, {"days": fields.get("days", "")})
    made = await rescoring_routes.start(team_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/learning/rescorings/{made.id}", "rescoring")


@router.post("/learning/calls/{call_id}")
async def rescore_call(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Have one call scored anew by what is in use."""
    await work_routes.run_stage(call_id, "score", visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "started")


@router.get("/learning/rescorings/{rescoring_id}")
async def rescored(
    rescoring_id: uuid.UUID,
    visiting: Visiting,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Calls whose draft is another one now, before and after."""
    found = await rescoring_routes.show(rescoring_id, visiting.session, visiting.who, visiting.parts, cursor)
    return visiting.page("rescoring.html", found=found)
