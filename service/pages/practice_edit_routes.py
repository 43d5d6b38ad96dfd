"""Pages on which managers and coaches make, change and retire scenarios."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from models.framework import shipped
from service.auth import people
from service.auth.permissions import Action, to_team
from service.edge import require
from service.pages import html
from service.pages.practice_routes import dimensions_of
from service.pages.visits import Visit, Visiting, as_edit, shaped
from service.practice import examples, scenario_routes, store
from service.practice.shapes import ScenarioIn, ScenarioOut
from service.problems import NotFound

router = APIRouter(prefix="/practice", include_in_schema=False)


@router.get("/new")
async def new(
    visiting: Visiting, team: uuid.UUID, framework: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """A form for a new scenario of a team."""
    if team not in visiting.who.teams:
        raise NotFound(scenario_routes.NO_TEAM)
    require(visiting.who, Action.SCENARIO_EDIT, to_team(visiting.who, team))
    chosen = framework if framework in frameworks(visiting) else visiting.parts.settings.framework
    return await _form(visiting, team, chosen, None)


def frameworks(visiting: Visit) -> tuple[str, ...]:
    """What a scenario can be scored by."""
    return tuple(dict.fromkeys((visiting.parts.settings.framework, *shipped())))


async def _form(visiting: Visit, team: uuid.UUID, framework: str, task: ScenarioOut | None) -> Response:
    session, who = visiting.session, visiting.who
    calls = await examples.candidates(session, who, team)
    options = {str(call.id): f"{call.title} ({html.day(call.created_at.date())})" for call in calls}
    if task and task.example_call_id and str(task.example_call_id) not in options:
        options[str(task.example_call_id)] = "The one that is set"
    others = await store.scenarios(session, team, retired=False)
    [found] = await people.teams(session, [team])
    return visiting.page(
        "scenario-edit.html",
        team=found,
        task=task,
        framework=framework,
        frameworks=frameworks(visiting),
        dimensions=list(dimensions_of(framework).values()),
        skills=sorted({one.skill for one in others}),
        examples=options,
    )


@router.post("/new")
async def make(visiting: Visiting) -> Response:
    """Makes a scenario."""
    fields = await visiting.fields()
    team = _id(fields.pop("team", ""))
    body = shaped(ScenarioIn, _values(fields))
    made = await scenario_routes.make(team, body, visiting.session, visiting.who, visiting.parts, Response())
    return html.back(f"/practice/scenarios/{made.id}", "added")


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(scenario_routes.NO_TEAM) from None


def _values(fields: dict[str, str]) -> dict[str, Any]:
    """The fields of a form as the API takes a scenario: an empty choice is none."""
    thresholds = {
        name.removeprefix("threshold-"): int(value)
        for name, value in fields.items()
        if name.startswith("threshold-") and value.isascii() and value.isdigit()
    }
    most = fields.get("most_attempts", "").strip()
    return {
        "title": " ".join(fields.get("title", "").split()),
        "skill": " ".join(fields.get("skill", "").split()),
        "instructions": fields.get("instructions", "").strip(),
        "framework": fields.get("framework", "default"),
        "thresholds": thresholds,
        "most_attempts": most or None,
        "example_call_id": fields.get("example_call_id") or None,
    }


@router.get("/scenarios/{scenario_id}/edit")
async def edit_form(scenario_id: uuid.UUID, visiting: Visiting) -> Response:
    """The form, filled with the scenario as it stands."""
    task = await scenario_routes.scenario(scenario_id, visiting.session, visiting.who, Response())
    require(visiting.who, Action.SCENARIO_EDIT, to_team(visiting.who, task.team_id))
    return await _form(visiting, task.team_id, task.framework, task)


@router.post("/scenarios/{scenario_id}/edit")
async def edit(scenario_id: uuid.UUID, visiting: Visiting) -> Response:
    """Changes a scenario; attempts that were made keep their thresholds."""
    fields = await visiting.fields()
    body = shaped(ScenarioIn, _values(fields))
    request = as_edit(visiting.request, fields.get("version"))
    await scenario_routes.edit(
        scenario_id, body, request, Response(), visiting.session, visiting.who, visiting.parts
    )
    return html.back(f"/practice/scenarios/{scenario_id}", "saved")


@router.post("/scenarios/{scenario_id}/retire")
async def retire(scenario_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes a scenario out of the list."""
    await scenario_routes.retire(scenario_id, visiting.session, visiting.who)
    return html.back("/practice", "retired")
