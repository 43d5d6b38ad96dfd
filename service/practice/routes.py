"""Routes of practice: scenarios, a rep's attempts at them, a coach's decision."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func

from service.auth.permissions import Action, Relation, Who, to_team
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call
from service.edge import Db, Parts, PartsOf, Signed, check_tag, etag, require
from service.practice import store
from service.practice.tables import Attempt, Decision, Scenario
from service.privacy.store import record
from service.problems import Forbidden, NotFound
from service.reviews import blind
from service.webhooks.store import emit

router = APIRouter(tags=["practice"])
Score = Annotated[int, Field(ge=1, le=5, strict=True)]
ScenarioId = Annotated[uuid.UUID, Path(description="The scenario.")]
AttemptId = Annotated[uuid.UUID, Path(description="The attempt.")]
_PROBLEMS = told(401, 403, 404, 409, 422)
_EDIT_PROBLEMS = told(401, 403, 404, 409, 412, 422, 428)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScenarioIn(_Shape):
    """What to practise. Without thresholds those of the framework hold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "The price is too high",
                    "skill": "objection",
                    "instructions": "The buyer likes it and says that it costs twice what they pay now.",
                    "framework": "default",
                    "thresholds": {"objection": 4},
                }
            ]
        },
    )

    title: Annotated[str, Field(min_length=1, max_length=200)]
    skill: Annotated[str, Field(min_length=1, max_length=100)]
    instructions: Annotated[str, Field(min_length=1, max_length=10_000)]
    framework: str = "default"
    thresholds: dict[str, Score] = {}
    most_attempts: Annotated[int, Field(ge=1, le=1000)] | None = None
    example_call_id: uuid.UUID | None = None


class ScenarioOut(ScenarioIn):
    """A scenario as it stands; an edit makes a new version, attempts keep the thresholds of theirs."""

    id: uuid.UUID
    team_id: uuid.UUID
    version: int
    created_at: dt.datetime
    retired_at: dt.datetime | None


class AttemptIn(_Shape):
    """A practice recording (uploaded with `practice` set) becomes an attempt.

    `self_scores` before the draft is seen; empty: none wanted; left out: later.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"call_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "self_scores": {"objection": 3}}]
        },
    )

    call_id: uuid.UUID
    self_scores: dict[str, Score] | None = None


class SelfScoresIn(_Shape):
    """What a rep gives themselves; empty to go on without."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"self_scores": {"objection": 3}}]}
    )

    self_scores: dict[str, Score]


class StandingOut(_Shape):
    """A threshold and what people have confirmed; `missing` is how far below it, None while nobody scored."""

    dimension: str
    threshold: int
    confirmed: int | None
    missing: int | None
    self_score: int | None


class DecisionIn(_Shape):
    """Passed, or not yet, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"passed": True, "reason": "You asked before you answered."}]},
    )

    passed: bool
    reason: Annotated[str, Field(min_length=1, max_length=4000)]


class DecisionOut(_Shape):
    """A coach's decision."""

    passed: bool
    reason: str
    coach_id: uuid.UUID
    at: dt.datetime

    @classmethod
    def of(cls, row: Decision) -> "DecisionOut":
        """From its row."""
        return cls(passed=row.passed, reason=row.reason, coach_id=row.coach_id, at=row.at)


class AttemptOut(_Shape):
    """An attempt; `standing` compares people's scores with thresholds, `decision` is a coach's or None.

    While `blind` (this reader has to score it before seeing scores) nobody's scores are in it.
    A draft score is nowhere in it: the machine passes and fails nobody.
    """

    id: uuid.UUID
    scenario_id: uuid.UUID
    rep_id: uuid.UUID
    call_id: uuid.UUID
    number: int
    scenario_version: int
    framework_version: str
    state: str
    blind: bool
    self_scores: dict[str, int] | None
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    standing: list[StandingOut]
    decision: DecisionOut | None


def _shape(row: Scenario, response: Response | None = None) -> ScenarioOut:
    if response is not None:
        response.headers["ETag"] = etag(row.version)
    return ScenarioOut(**{name: getattr(row, name) for name in ScenarioOut.model_fields})


async def _attempt(session: Db, who: Who, parts: Parts, row: Attempt, call: Call) -> AttemptOut:
    decision = await store.decision(session, row.id)
    hidden = await blind.pending(session, who, call, parts.settings.blind_share)
    standing = [StandingOut(**one) for one in await store.standing(session, row)]
    if hidden:
        unseen = {"confirmed": None, "missing": None, "self_score": None}
        standing = [one.model_copy(update=unseen) for one in standing]
    same = {
        "id",
        "scenario_id",
        "rep_id",
        "call_id",
        "number",
        "scenario_version",
        "framework_version",
        "created_at",
        "submitted_at",
    }
    return AttemptOut(
        **{name: getattr(row, name) for name in same},
        state=call.state,
        blind=hidden,
        self_scores=None if hidden else row.self_scores,
        standing=standing,
        decision=DecisionOut.of(decision) if decision else None,
    )


@router.get("/teams/{team_id}/scenarios", summary="A team's scenarios", responses=_PROBLEMS)
async def scenarios(
    team_id: Annotated[uuid.UUID, Path(description="The team.")],
    session: Db,
    who: Signed,
    retired: Annotated[bool, Query(description="Retired ones too.")] = False,
) -> list[ScenarioOut]:
    """By title."""
    if Relation.MEMBER not in to_team(who, team_id):
        raise NotFound("There is no such team, or you aren't part of it.")
    require(who, Action.SCENARIO_VIEW, to_team(who, team_id))
    return [_shape(row) for row in await store.scenarios(session, team_id, retired=retired)]


@router.post("/teams/{team_id}/scenarios", summary="Make a scenario", status_code=201, responses=_PROBLEMS)
async def make(
    team_id: Annotated[uuid.UUID, Path(description="The team.")],
    body: ScenarioIn,
    session: Db,
    who: Signed,
    parts: PartsOf,
    response: Response,
) -> ScenarioOut:
    """Managers and coaches of the team can."""
    if Relation.MEMBER not in to_team(who, team_id):
        raise NotFound("There is no such team, or you aren't part of it.")
    require(who, Action.SCENARIO_EDIT, to_team(who, team_id))
    await _check_example(session, who, body.example_call_id)
    row = Scenario(team_id=team_id, made_by=who.id, **_values(parts, body))
    session.add(row)
    await session.flush()
    await session.refresh(row)
    record(session, who, "scenario made", scenario=str(row.id))
    return _shape(row, response)


def _values(parts: Parts, body: ScenarioIn) -> dict[str, Any]:
    thresholds = store.checked_thresholds(parts.settings, body.framework, body.thresholds)
    return {**body.model_dump(), "thresholds": thresholds}


async def _check_example(session: Db, who: Signed, call_id: uuid.UUID | None) -> None:
    """An example is shown to the whole team: whoever gives it must be allowed to hand the call out."""
    if call_id is not None:
        await calls.get(session, who, call_id, Action.CALL_EXPORT)


@router.get("/scenarios/{scenario_id}", summary="One scenario", responses=_PROBLEMS)
async def scenario(scenario_id: ScenarioId, session: Db, who: Signed, response: Response) -> ScenarioOut:
    """With the ETag for an edit."""
    row = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, row.team_id))
    return _shape(row, response)


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
    await _check_example(session, who, body.example_call_id)
    for name, value in _values(parts, body).items():
        setattr(row, name, value)
    row.version += 1
    record(session, who, "scenario edited", scenario=str(row.id), version=row.version)
    return _shape(row, response)


@router.delete("/scenarios/{scenario_id}", summary="Retire a scenario", status_code=204, responses=_PROBLEMS)
async def retire(scenario_id: ScenarioId, session: Db, who: Signed) -> None:
    """No new attempts; what was made stays."""
    row = await store.scenario(session, who, scenario_id, lock=True)
    require(who, Action.SCENARIO_EDIT, to_team(who, row.team_id))
    row.retired_at = row.retired_at or func.clock_timestamp()
    record(session, who, "scenario retired", scenario=str(row.id))


@router.get("/scenarios/{scenario_id}/attempts", summary="Attempts at a scenario", responses=_PROBLEMS)
async def attempts(scenario_id: ScenarioId, session: Db, who: Signed, parts: PartsOf) -> list[AttemptOut]:
    """One's own, and what reps one looks after have submitted; of the rest not even a count."""
    task = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, task.team_id))
    found = await store.attempts(session, who, task.id)
    for row, call in found:
        record(session, who, "attempt viewed", about=row.rep_id, call=call.id, attempt=str(row.id))
    return [await _attempt(session, who, parts, row, call) for row, call in found]


@router.post(
    "/scenarios/{scenario_id}/attempts", summary="Begin an attempt", status_code=201, responses=_PROBLEMS
)
async def begin(
    scenario_id: ScenarioId, body: AttemptIn, session: Db, who: Signed, parts: PartsOf
) -> AttemptOut:
    """With a practice recording of one's own; private until it is submitted."""
    task = await store.scenario(session, who, scenario_id, lock=True)
    call = await calls.get(session, who, body.call_id, Action.PRACTISE, lock=True)
    row = await store.begin(session, who, task, call, body.self_scores)
    record(session, who, "attempt begun", about=who.id, call=call.id, attempt=str(row.id))
    return await _attempt(session, who, parts, row, call)


@router.get("/attempts/{attempt_id}", summary="One attempt", responses=_PROBLEMS)
async def attempt(attempt_id: AttemptId, session: Db, who: Signed, parts: PartsOf) -> AttemptOut:
    """The rep's own, or a submitted one of a rep one looks after."""
    row, call = await store.attempt(session, who, attempt_id)
    record(session, who, "attempt viewed", about=row.rep_id, call=call.id, attempt=str(row.id))
    return await _attempt(session, who, parts, row, call)


@router.put(
    "/attempts/{attempt_id}/self-scores",
    summary="Score oneself before the draft is shown",
    responses=_PROBLEMS,
)
async def score_oneself(
    attempt_id: AttemptId, body: SelfScoresIn, session: Db, who: Signed, parts: PartsOf
) -> AttemptOut:
    """Once; empty to see the draft without."""
    row, call = await store.attempt(session, who, attempt_id, Action.PRACTISE, lock=True)
    store.score_oneself(row, call.framework, body.self_scores)
    record(session, who, "attempt self-scored", about=row.rep_id, call=call.id, attempt=str(row.id))
    return await _attempt(session, who, parts, row, call)


@router.post("/attempts/{attempt_id}/submit", summary="Submit an attempt to the coach", responses=_PROBLEMS)
async def submit(attempt_id: AttemptId, session: Db, who: Signed, parts: PartsOf) -> AttemptOut:
    """From now on managers and coaches see it."""
    row, call = await store.attempt(session, who, attempt_id, Action.PRACTISE, lock=True)
    await store.submit(session, row, call)
    record(session, who, "attempt submitted", about=row.rep_id, call=call.id, attempt=str(row.id))
    await emit(session, parts.queue, call.team_id, "attempt.submitted", attempt=row.id, call=call.id)
    return await _attempt(session, who, parts, row, call)


@router.post(
    "/attempts/{attempt_id}/decisions",
    summary="Pass an attempt, or not yet",
    status_code=201,
    responses=_PROBLEMS,
)
async def decide(
    attempt_id: AttemptId, body: DecisionIn, session: Db, who: Signed, parts: PartsOf
) -> AttemptOut:
    """A coach of the rep decides, after people have scored every dimension with a threshold."""
    row, call = await store.attempt(session, who, attempt_id, lock=True)
    if not calls.allowed(who, Action.ATTEMPT_DECIDE, call):
        raise Forbidden("Only a coach whom this rep is assigned to decides.")
    made = await store.decide(session, who, row, passed=body.passed, reason=body.reason)
    record(
        session,
        who,
        "attempt decided",
        about=row.rep_id,
        call=call.id,
        attempt=str(row.id),
        passed=made.passed,
    )
    await emit(session, parts.queue, call.team_id, "attempt.decided", attempt=row.id, call=call.id)
    return await _attempt(session, who, parts, row, call)
