"""Routes of attempts: a rep's own, until a coach decides."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from service.auth.permissions import Action, Relation, Who, to_team
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call
from service.edge import MOST_ROWS, Db, PartsOf, Signed, check_tag, cursor, etag, newest_place, require
from service.practice import deciding, store
from service.practice.scenario_routes import ScenarioId
from service.practice.shapes import (
    AttemptIn,
    AttemptOut,
    AttemptPage,
    DecisionIn,
    DecisionOut,
    MomentOut,
    SelfScoresIn,
    StandingOut,
)
from service.practice.tables import Attempt, Scenario
from service.privacy.store import record
from service.problems import Forbidden
from service.reviews import blind
from service.webhooks.store import emit

router = APIRouter(tags=["practice"])
AttemptId = Annotated[uuid.UUID, Path(description="The attempt.")]
_PROBLEMS = told(401, 403, 404, 409, 422)
_SAME = (
    "id",
    "scenario_id",
    "rep_id",
    "call_id",
    "number",
    "scenario_version",
    "framework_version",
    "created_at",
    "submitted_at",
)


async def _shown(session: Db, who: Who, parts: PartsOf, row: Attempt, call: Call) -> AttemptOut:
    hidden = await blind.pending(session, who, call, parts.settings.blind_share)
    standing = [StandingOut(**one) for one in await deciding.standing(session, row)]
    if hidden:
        unseen = {"scored": False, "confirmed": None, "missing": None, "self_score": None}
        standing = [one.model_copy(update=unseen) for one in standing]
    task = await session.get_one(Scenario, row.scenario_id)
    return AttemptOut(
        **{name: getattr(row, name) for name in _SAME},
        scenario=task.title,
        state=call.state,
        blind=hidden,
        self_scores=None if hidden else row.self_scores,
        standing=standing,
        decision=None if hidden else await _decision(session, row),
    )


async def _decision(session: Db, row: Attempt) -> DecisionOut | None:
    found = await deciding.decision(session, row.id)
    if found is None:
        return None
    made, coach = found
    words = await deciding.moment(session, made)
    moment = words and MomentOut(
        speaker=words["speaker"], turn=words["turn"], start=words["start_time"], quote=words["quote"]
    )
    return DecisionOut.of(made, coach, moment or None)


@router.get("/me/attempts", summary="One's own attempts", responses=told(401, 403, 422))
async def mine(
    session: Db,
    who: Signed,
    parts: PartsOf,
    scenario: Annotated[uuid.UUID | None, Query(description="Only those at this scenario.")] = None,
    cursor_: Annotated[
        str | None, Query(alias="cursor", max_length=500, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most attempts on a page.")] = 20,
) -> AttemptPage:
    """Newest first, at all scenarios or at one; those that aren't submitted are nobody else's to see."""
    require(who, Action.PRACTISE, frozenset({Relation.OWN}))
    rows = await store.own_attempts(session, who, scenario, newest_place(cursor_), limit + 1)
    last = rows[limit - 1][0] if len(rows) > limit else None
    return AttemptPage(
        items=[await _shown(session, who, parts, row, call) for row, call in rows[:limit]],
        next=cursor(last.created_at.isoformat(), last.id) if last else None,
    )


@router.get("/scenarios/{scenario_id}/attempts", summary="Attempts at a scenario", responses=_PROBLEMS)
async def attempts(scenario_id: ScenarioId, session: Db, who: Signed, parts: PartsOf) -> list[AttemptOut]:
    """One's own, and what reps one looks after have submitted; of the rest not even a count."""
    task = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, task.team_id))
    found = await store.attempts(session, who, task.id)
    for row, call in found:
        record(session, who, "attempt viewed", about=row.rep_id, call=call.id, attempt=str(row.id))
    return [await _shown(session, who, parts, row, call) for row, call in found]


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
    return await _shown(session, who, parts, row, call)


@router.get("/attempts/{attempt_id}", summary="One attempt", responses=_PROBLEMS)
async def attempt(
    attempt_id: AttemptId, response: Response, session: Db, who: Signed, parts: PartsOf
) -> AttemptOut:
    """The rep's own, or a submitted one of a rep one looks after; the ETag is for a decision."""
    row, call = await store.attempt(session, who, attempt_id)
    record(session, who, "attempt viewed", about=row.rep_id, call=call.id, attempt=str(row.id))
    response.headers["ETag"] = etag(await deciding.count(session, row.id))
    return await _shown(session, who, parts, row, call)


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
    return await _shown(session, who, parts, row, call)


@router.post("/attempts/{attempt_id}/submit", summary="Submit an attempt to the coach", responses=_PROBLEMS)
async def submit(attempt_id: AttemptId, session: Db, who: Signed, parts: PartsOf) -> AttemptOut:
    """From now on managers and coaches see it, and the rep can't edit what it is scored by."""
    row, call = await store.attempt(session, who, attempt_id, Action.PRACTISE, lock=True)
    await store.submit(session, row, call)
    record(session, who, "attempt submitted", about=row.rep_id, call=call.id, attempt=str(row.id))
    await emit(session, parts.queue, call.team_id, "attempt.submitted", attempt=row.id, call=call.id)
    return await _shown(session, who, parts, row, call)


@router.post(
    "/attempts/{attempt_id}/decisions",
    summary="Pass an attempt, or not yet",
    status_code=201,
    responses=told(401, 403, 404, 409, 412, 422, 428),
)
async def decide(
    attempt_id: AttemptId,
    body: DecisionIn,
    request: Request,
    response: Response,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> AttemptOut:
    """A coach of the rep decides, after people have scored every dimension with a threshold.

    Once there is a decision another needs `If-Match` with the attempt's ETag, so that no coach undoes
    another's unawares.
    """
    row, call = await store.attempt(session, who, attempt_id, lock=True)
    if not calls.allowed(who, Action.ATTEMPT_DECIDE, call):
        raise Forbidden("Only a coach whom this rep is assigned to decides.")
    before = await deciding.count(session, row.id)
    if before or "if-match" in request.headers:
        check_tag(request, before)
    made = await deciding.decide(
        session, who, row, passed=body.passed, reason=body.reason, evidence=body.evidence
    )
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
    response.headers["ETag"] = etag(before + 1)
    return await _shown(session, who, parts, row, call)
