"""Routes of learning: what drafts come from, runs and their reports, and which version is in use."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from models.framework import load_framework
from models.heads import load_heads
from service.auth.permissions import Action, Relation, Who
from service.auth.told import told
from service.calls.details import framework_of
from service.edge import Db, PartsOf, Signed, check_tag, cursor, etag, newest_place, require
from service.learning import store, words
from service.learning.asking import ask
from service.learning.gathering import reviewed_since_last
from service.learning.in_use import Use, in_use
from service.learning.shapes import DimensionFound, LearningOut, RunIn, RunOut, RunsOut, UseIn, VersionOut
from service.learning.store import RunShown
from service.learning.tables import RunState
from service.privacy.store import record
from service.problems import NotFound
from service.settings import Settings

router = APIRouter(tags=["learning"])
RunId = Annotated[uuid.UUID, Path(description="The run.")]
Framework = Annotated[str | None, Query(max_length=200, description="The usual one unless said.")]
NO_REPORT = "This run has no report: it isn't done, or there was nothing to measure on."
UNDER_WAY = {
    RunState.WAITING: "It waits for a worker.",
    RunState.RUNNING: "It is under way.",
}
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def teams_of(who: Who) -> frozenset[uuid.UUID]:
    """The teams whose reviews somebody gives or looks after."""
    return who.managed() | who.coaching()


def standing(who: Who) -> frozenset[Relation]:
    """How a person stands to what was learned: it is nobody's, so any team of theirs will do."""
    ways = {Relation.MANAGES: who.managed(), Relation.COACHES: who.coaching()}
    return frozenset(relation for relation, teams in ways.items() if teams)


def titles(framework: str) -> dict[str, str]:
    """Titles of a framework's dimensions by id."""
    return {one.id: one.title for one in load_framework(framework).dimensions}


def run_out(shown: RunShown, now: Use, *, has_report: bool) -> RunOut:
    """A run as the API tells it."""
    row, names = shown.run, titles(shown.run.framework)
    says = row.reason or UNDER_WAY.get(RunState(row.state)) or ""
    if row.state == RunState.DONE:
        in_use_now = shown.version is not None and shown.version == now.version
        says = words.outcome(row.figures, shown.version, in_use=in_use_now, titles=names)
    figures = [
        DimensionFound(**{**one, "title": names.get(one["dimension"], one["dimension"])})
        for one in row.figures
    ]
    facts: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("id", "framework", "state", "reason", "created_at", "finished_at", "reviews", "calls")
    }
    return RunOut(
        **facts,
        reviewers=row.reviewers,
        data_hash=row.data_hash,
        against=row.against,
        by=shown.by,
        version=shown.version,
        figures=figures,
        has_report=has_report,
        says=says,
    )


async def _out(session: Db, found: list[RunShown]) -> list[RunOut]:
    reports = await store.with_report(session, [one.run.id for one in found])
    now = {name: await in_use(session, name) for name in {one.run.framework for one in found}}
    return [run_out(one, now[one.run.framework], has_report=one.run.id in reports) for one in found]


def _chosen(settings: Settings, framework: str | None) -> str:
    return framework_of(settings, framework, None)[0]


@router.get("/learning", summary="What drafts come from", responses=told(401, 403, 422))
async def learning(
    response: Response, session: Db, who: Signed, parts: PartsOf, framework: Framework = None
) -> LearningOut:
    """For managers and coaches with their teams' reviews counted, for administrators with everybody's.

    `ETag` is that of what is in use, for changing it.
    """
    require(who, Action.LEARNING_VIEW, standing(who))
    name = _chosen(parts.settings, framework)
    now = await in_use(session, name)
    last = await store.runs(session, name, limit=1, done=True)
    versions = {one.weights.version: one for one in await store.versions(session, name)}
    made_by = versions[now.version].weights.run_id if now.version else None
    counted = (await store.run(session, made_by)).run.teams if made_by else {}
    waiting = await store.waiting(session, name)
    shown = (await _out(session, last))[0] if last else None
    count = _count(counted, who)
    yours = not who.administrator
    says = [words.learned_from(count, now.version, yours=yours)]
    if shown is not None:
        mine = _count(last[0].run.teams, who)
        says.append(words.looked_at(mine, yours=yours))
        says.append(shown.says)
    response.headers["ETag"] = etag(now.number)
    return LearningOut(
        framework=name,
        version=now.version or load_heads(load_framework(name)).version,
        since=now.since,
        calls=count,
        new_calls=await reviewed_since_last(session, name, None if who.administrator else teams_of(who)),
        waiting=waiting.version if waiting else None,
        says=says,
        last_run=shown,
    )


def _count(teams: Mapping[str, int], who: Who) -> int:
    """Reviewed calls of the teams that are somebody's to know of."""
    if who.administrator:
        return sum(teams.values())
    return sum(teams.get(str(team), 0) for team in teams_of(who))


@router.get("/learning/runs", summary="Runs of learning", responses=told(401, 403, 422))
async def runs(
    session: Db,
    who: Signed,
    cursor_at: Annotated[str | None, Query(alias="cursor", description="Where a list goes on.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> RunsOut:
    """Newest first, with what each found and why a dimension is new or not."""
    require(who, Action.LEARNING_EDIT)
    found = await store.runs(session, after=newest_place(cursor_at), limit=limit + 1)
    last = found[limit - 1].run if len(found) > limit else None
    return RunsOut(
        runs=await _out(session, found[:limit]), next=cursor(last.created_at, last.id) if last else None
    )


@router.post(
    "/learning/runs", summary="Learn from reviews now", status_code=202, responses=told(401, 403, 422)
)
async def start(body: RunIn, session: Db, who: Signed, parts: PartsOf) -> RunOut:
    """A worker takes it up; while a run waits or is under way, asking again answers with that one."""
    require(who, Action.LEARNING_EDIT)
    name = _chosen(parts.settings, body.framework)
    made = await ask(session, parts.queue, name, who.id)
    record(session, who, "learning asked for", framework=name, run=str(made.id))
    return (await _out(session, [await store.run(session, made.id)]))[0]


@router.get("/learning/runs/{run_id}", summary="One run", responses=told(401, 403, 404, 422))
async def run(run_id: RunId, session: Db, who: Signed) -> RunOut:
    """How far it is, or what it found."""
    require(who, Action.LEARNING_EDIT)
    return (await _out(session, [await store.run(session, run_id)]))[0]


@router.get(
    "/learning/runs/{run_id}/report",
    summary="A run's report as a page",
    response_class=Response,
    responses={**told(401, 403, 404, 422), 200: {"content": {"text/html": {}}, "description": "The page."}},
)
async def report(run_id: RunId, session: Db, who: Signed) -> Response:
    """The measured drafts with plots; it loads nothing, runs nothing, and names nobody."""
    require(who, Action.LEARNING_VIEW, standing(who))
    text = await store.report(session, run_id)
    if text is None:
        raise NotFound(NO_REPORT)
    headers = {"Content-Security-Policy": REPORT_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/learning/versions", summary="Versions of the weights", responses=told(401, 403, 422))
async def versions(
    response: Response, session: Db, who: Signed, parts: PartsOf, framework: Framework = None
) -> list[VersionOut]:
    """Newest first, what came with Ridealong last. `ETag` is for putting another one in use."""
    require(who, Action.LEARNING_EDIT)
    name = _chosen(parts.settings, framework)
    now = await in_use(session, name)
    response.headers["ETag"] = etag(now.number)
    found = [
        VersionOut(
            version=one.weights.version,
            made_at=one.weights.made_at,
            learned=one.weights.learned,
            run=one.weights.run_id,
            in_use=one.weights.id == now.weights_id,
            since=one.since,
            by=one.by,
        )
        for one in await store.versions(session, name)
    ]
    shipped = now.version is None
    return [
        *found,
        VersionOut(
            version=store.SHIPPED,
            made_at=None,
            learned=[],
            run=None,
            in_use=shipped,
            since=now.since if shipped else None,
            by=None,
        ),
    ]


@router.put(
    "/learning/in-use", summary="Put a version in use", responses=told(401, 403, 404, 409, 412, 422, 428)
)
async def put_in_use(
    body: UseIn, request: Request, response: Response, session: Db, who: Signed, parts: PartsOf
) -> list[VersionOut]:
    """Calls are drafted by it from now on, by every worker; drafts that are there stay. Needs `If-Match`."""
    require(who, Action.LEARNING_EDIT)
    name = _chosen(parts.settings, body.framework)
    await store.lock_use(session)
    check_tag(request, (await in_use(session, name)).number)
    await store.put_in_use(session, name, body.version, who)
    return await versions(response, session, who, parts, name)
