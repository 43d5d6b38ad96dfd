"""Routes of scenarios: what a team practises, and against which thresholds."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import func

from service.auth.permissions import Action, Relation, Who, to_team
from service.auth.told import told
from service.calls import store as calls
from service.edge import Db, Parts, PartsOf, Signed, check_tag, etag, require
from service.practice import examples, store
from service.practice.shapes import ScenarioIn, ScenarioOut
from service.practice.tables import Scenario
from service.privacy.store import record
from service.problems import NotFound

router = APIRouter(tags=["practice"])
TeamId = Annotated[uuid.UUID, Path(description="The team.")]
ScenarioId = Annotated[uuid.UUID, Path(description="The scenario.")]
NO_TEAM = "There is no such team, or you aren't part of it."
_PROBLEMS = told(401, 403, 404, 409, 422)
_EDIT_PROBLEMS = told(401, 403, 404, 409, 412, 422, 428)


def _tagged(row: Scenario, response: Response) -> ScenarioOut:
    response.headers["ETag"] = etag(row.version)
    return ScenarioOut.of(row)


@router.get("/teams/{team_id}/scenarios", summary="A team's scenarios", responses=_PROBLEMS)
async def scenarios(
    team_id: TeamId,
    session: Db,
    who: Signed,
    retired: Annotated[bool, Query(description="Retired ones too.")] = False,
) -> list[ScenarioOut]:
    """By title."""
    if Relation.MEMBER not in to_team(who, team_id):
        raise NotFound(NO_TEAM)
    require(who, Action.SCENARIO_VIEW, to_team(who, team_id))
    return [ScenarioOut.of(row) for row in await store.scenarios(session, team_id, retired=retired)]


@router.post("/teams/{team_id}/scenarios", summary="Make a scenario", status_code=201, responses=_PROBLEMS)
async def make(
    team_id: TeamId, body: ScenarioIn, session: Db, who: Signed, parts: PartsOf, response: Response
) -> ScenarioOut:
    """Managers and coaches of the team can."""
    if Relation.MEMBER not in to_team(who, team_id):
        raise NotFound(NO_TEAM)
    require(who, Action.SCENARIO_EDIT, to_team(who, team_id))
    await _check_example(session, who, team_id, body.example_call_id)
    row = Scenario(team_id=team_id, made_by=who.id, **_values(parts, body))
    session.add(row)
    await session.flush()
    await session.refresh(row)
    record(session, who, "scenario made", scenario=str(row.id))
    return _tagged(row, response)


def _values(parts: Parts, body: ScenarioIn) -> dict[str, Any]:
    thresholds = store.checked_thresholds(parts.settings, body.framework, body.thresholds)
    return {**body.model_dump(), "thresholds": thresholds}


async def _check_example(session: Db, who: Who, team: uuid.UUID, call_id: uuid.UUID | None) -> None:
    """An example is for the whole team: its maker may hand the call out, and whoever speaks in it agrees."""
    if call_id is not None:
        call = await calls.get(session, who, call_id, Action.CALL_EXPORT)
        await examples.check(session, team, call)


@router.get("/scenarios/{scenario_id}", summary="One scenario", responses=_PROBLEMS)
async def scenario(scenario_id: ScenarioId, session: Db, who: Signed, response: Response) -> ScenarioOut:
    """With the ETag for an edit."""
    row = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, row.team_id))
    return _tagged(row, response)


@router.put("/scenarios/{scenario_id}", summary="Edit a scenario", responses=_EDIT_PROBLEMS)
async def edit(
    scenario_id: ScenarioId,
    body: ScenarioIn,
    request: Request,
    response: Response,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> ScenarioOut:
    """Makes a new version; attempts already made keep their thresholds."""
    row = await store.scenario(session, who, scenario_id, lock=True)
    require(who, Action.SCENARIO_EDIT, to_team(who, row.team_id))
    check_tag(request, row.version)
    if body.example_call_id != row.example_call_id:
        await _check_example(session, who, row.team_id, body.example_call_id)
    for name, value in _values(parts, body).items():
        setattr(row, name, value)
    row.version += 1
    record(session, who, "scenario edited", scenario=str(row.id), version=row.version)
    return _tagged(row, response)


@router.delete("/scenarios/{scenario_id}", summary="Retire a scenario", status_code=204, responses=_PROBLEMS)
async def retire(scenario_id: ScenarioId, session: Db, who: Signed) -> None:
    """No new attempts; what was made stays."""
    row = await store.scenario(session, who, scenario_id, lock=True)
    require(who, Action.SCENARIO_EDIT, to_team(who, row.team_id))
    row.retired_at = row.retired_at or func.clock_timestamp()
    record(session, who, "scenario retired", scenario=str(row.id))
