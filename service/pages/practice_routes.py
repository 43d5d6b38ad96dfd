"""Pages of practice: what there is to practise, one scenario, and how an attempt comes in."""

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response

from models.errors import CallError
from models.framework import Dimension, load_framework
from service.auth import people
from service.auth.permissions import Action, may, to_team
from service.calls.details import described
from service.calls.receiving import file_name
from service.calls.tables import Source
from service.calls.taking import Item, take_one
from service.calls.upload_routes import SMALL, limited_form, on_disk
from service.calls.who import who_asks
from service.edge import CSRF_HEADER, PartsOf
from service.notice import routes as notices
from service.pages import html
from service.pages.practice_views import STATES, reach, state_of, title_of
from service.pages.visits import Visit, Visiting, shaped
from service.practice import attempt_routes, example_routes, scenario_routes, store
from service.practice.shapes import AttemptIn, ExampleOut, ScenarioOut
from service.problems import NotFound, Unusable

router = APIRouter(prefix="/practice", include_in_schema=False)
RECENT = 8


def dimensions_of(framework: str, context: str | None = None) -> dict[str, Dimension]:
    """A framework's dimensions by id; none where it is no longer there."""
    try:
        return {one.id: one for one in load_framework(framework, context).dimensions}
    except CallError:
        return {}


def asks(task: ScenarioOut) -> list[dict[str, Any]]:
    """What a scenario asks: each threshold with the rubric's words for it, in the framework's order."""
    known = dimensions_of(task.framework)
    order = [*known, *(name for name in task.thresholds if name not in known)]
    return [
        {
            "dimension": name,
            "title": known[name].title if name in known else title_of(name),
            "threshold": task.thresholds[name],
            "reach": reach(known.get(name), task.thresholds[name]),
        }
        for name in order
        if name in task.thresholds
    ]


@router.get("")
async def practice(visiting: Visiting) -> Response:
    """Scenarios of the visitor's teams by skill, and their own last attempts."""
    session, who = visiting.session, visiting.who
    teams = []
    for team in await people.teams(session, list(who.teams)):
        tasks = await scenario_routes.scenarios(team.id, session, who)
        skills: dict[str, list[ScenarioOut]] = {}
        for task in sorted(tasks, key=lambda one: one.skill.lower()):
            skills.setdefault(task.skill, []).append(task)
        edits = may(who, Action.SCENARIO_EDIT, to_team(who, team.id))
        teams.append({"team": team, "skills": skills, "edits": edits})
    last = await attempt_routes.mine(session, who, visiting.parts, None, None, RECENT)
    return visiting.page(
        "practice.html",
        teams=teams,
        asks=asks,
        done=await store.passes(session, who),
        attempts=[(one, state_of(one)) for one in last.items],
        states=STATES,
        loose=await store.loose(session, who),
        rep=any("rep" in parts for parts in who.teams.values()),
        notice=await notices.read(session, who, visiting.parts),
    )


@router.get("/scenarios/{scenario_id}")
async def scenario(scenario_id: uuid.UUID, visiting: Visiting) -> Response:
    """What to do, a good example, the ways to record, and attempts made."""
    return await _scenario(visiting, scenario_id)


async def _scenario(visiting: Visit, scenario_id: uuid.UUID, problem: str | None = None) -> Response:
    session, who = visiting.session, visiting.who
    task = await scenario_routes.scenario(scenario_id, session, who, Response())
    own = await attempt_routes.mine(session, who, visiting.parts, task.id, None, 100)
    everybodys = (
        await attempt_routes.attempts(task.id, session, who, visiting.parts) if _looks(visiting, task) else []
    )
    names = {one.rep_id: (await people.person(session, one.rep_id)).name for one in everybodys}
    return visiting.page(
        "scenario.html",
        status=Unusable.status if problem else 200,
        problem=problem,
        task=task,
        asks=asks(task),
        example=await _example(visiting, task),
        rep="rep" in who.teams[task.team_id],
        edits=may(who, Action.SCENARIO_EDIT, to_team(who, task.team_id)),
        attempts=[(one, state_of(one)) for one in own.items],
        others=[(one, names[one.rep_id], state_of(one)) for one in everybodys if one.rep_id != who.id],
        states=STATES,
        used=task.most_attempts is not None and len(own.items) >= task.most_attempts,
        loose=[call for call in await store.loose(session, who) if call.team_id == task.team_id],
        largest=visiting.parts.settings.largest_upload,
    )


def _looks(visiting: Visit, task: ScenarioOut) -> bool:
    """Whether the visitor looks after reps who practise this."""
    return bool(visiting.who.teams[task.team_id] - {"rep"})


async def _example(visiting: Visit, task: ScenarioOut) -> ExampleOut | None:
    if task.example_call_id is None:
        return None
    try:
        return await example_routes.example(task.id, visiting.session, visiting.who)
    except NotFound:  # its rep has taken their word back, or it is gone
        return None


@router.post("/scenarios/{scenario_id}/attempts")
async def begin(scenario_id: uuid.UUID, visiting: Visiting) -> Response:
    """Makes an attempt of a practice recording that has come in."""
    fields = await visiting.fields()
    body = shaped(AttemptIn, {"call_id": fields.get("call")})
    made = await attempt_routes.begin(scenario_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/practice/attempts/{made.id}")


@router.post("/scenarios/{scenario_id}/upload")
async def upload(scenario_id: uuid.UUID, request: Request, parts: PartsOf) -> Response:
    """Takes a recording in without JavaScript and makes an attempt of it."""
    # Who it is, is known before the body is read; the form's CSRF token is checked once it has come.
    async with parts.database.transaction() as session:
        who = await who_asks(Request({**request.scope, "method": "GET"}), session)
        await store.scenario(session, who, scenario_id)
    async with limited_form(request, min(SMALL, parts.settings.largest_upload), files=1) as form:
        token = str(form.get("csrf_token", "")).encode("ascii", "replace")
        headers = [*request.scope["headers"], (CSRF_HEADER.lower().encode(), token)]
        checked = Request({**request.scope, "headers": headers})
        async with parts.database.transaction() as session:
            who = await who_asks(checked, session)
            task = await store.scenario(session, who, scenario_id)
            visiting = Visit(request, session, who, parts)
            file = form.get("file")
            if isinstance(file, str) or file is None or not file.filename:
                return await _scenario(visiting, scenario_id, "Choose a recording first, or a transcript.")
            await store.next_number(session, who, task)
            said = {"team": str(task.team_id), "framework": task.framework, "practice": "true"}
            given = described({**said, "title": task.title})
        async with on_disk(parts, file) as path:
            item = Item(path, file_name(file.filename), given)
            _, taken = await take_one(parts, who, item, source=Source.UPLOAD)
    async with parts.database.transaction() as session:
        body = AttemptIn(call_id=taken["call"]["id"])
        made = await attempt_routes.begin(scenario_id, body, session, who, parts)
    return html.back(f"/practice/attempts/{made.id}")
