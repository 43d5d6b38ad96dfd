"""Webhooks of a team: made, tried, stopped by its managers, with how the last messages fared."""

import uuid

from fastapi import APIRouter, Response

from service.auth import people
from service.auth.permissions import Action, Relation
from service.edge import require
from service.pages import html
from service.pages.visits import Visit, Visiting, shaped
from service.problems import NotFound, Problem, Unusable
from service.webhooks import routes as api
from service.webhooks.routes import WebhookIn, WebhookOut
from service.webhooks.store import EVENTS, TEST

router = APIRouter(prefix="/webhooks", include_in_schema=False)
WORDS = {
    "call.analysed": "a call is analysed",
    "call.failed": "an analysis fails",
    "score.reviewed": "a person gives a score",
    "score.contested": "a rep contests a score",
    "attempt.submitted": "practice is submitted",
    "attempt.decided": "practice is decided",
}
"""What messages tell of, by event."""
LATEST = 20
NO_WEBHOOK = "There is no such webhook, or it isn't for you."


@router.get("")
async def show(visiting: Visiting) -> Response:
    """The webhooks of the teams that the visitor manages, and a form for another."""
    require(visiting.who, Action.WEBHOOK_EDIT, _standing(visiting))
    return await _page(visiting)


def _standing(visiting: Visit) -> frozenset[Relation]:
    return frozenset({Relation.MANAGES} if visiting.who.managed() else ())


async def _page(
    visiting: Visit,
    *,
    made: WebhookOut | None = None,
    asked: dict[str, str] | None = None,
    chosen: list[str] | None = None,
    problem: Problem | None = None,
) -> Response:
    session, who = visiting.session, visiting.who
    teams = await people.teams(session, list(who.managed()))
    return visiting.page(
        "webhooks.html",
        status=problem.status if problem else 200,
        teams=[(team, await api.webhooks(team.id, session, who)) for team in teams],
        events={event: WORDS.get(event, event) for event in EVENTS},
        made=made,
        asked=asked or {},
        chosen=["call.analysed"] if chosen is None else chosen,
        problem=problem.detail if problem else None,
    )


@router.post("")
async def make(visiting: Visiting) -> Response:
    """Makes a webhook and shows its secret, this once; what can't be used stays in the form."""
    require(visiting.who, Action.WEBHOOK_EDIT, _standing(visiting))
    fields = await visiting.fields()
    chosen = [str(event) for event in (await visiting.request.form()).getlist("events")]
    try:
        body = _wanted(fields, chosen)
        team = _team(visiting, fields.get("team", ""))
        made = await api.make(team, body, visiting.session, visiting.who, visiting.parts)
    except Unusable as problem:
        return await _page(visiting, asked=fields, chosen=chosen, problem=problem)
    return await _page(visiting, made=made)


def _wanted(fields: dict[str, str], chosen: list[str]) -> WebhookIn:
    if not chosen:
        raise Unusable("Tick at least one thing that it is told of.")
    return shaped(WebhookIn, {"url": fields.get("url", "").strip(), "events": chosen})


def _team(visiting: Visit, given: str) -> uuid.UUID:
    """The team that a form names; the only one that the visitor manages where it names none."""
    managed = visiting.who.managed()
    if not given and len(managed) == 1:
        return next(iter(managed))
    found = next((team for team in managed if str(team) == given), None)
    if found is None:
        raise Unusable("team: choose one of the teams that you manage.")
    return found


@router.get("/{webhook_id}")
async def one(webhook_id: uuid.UUID, visiting: Visiting) -> Response:
    """A webhook with its latest messages and how each fared."""
    session, who = visiting.session, visiting.who
    messages = await api.deliveries(webhook_id, session, who, LATEST)
    found = [hook for team in who.managed() for hook in await api.webhooks(team, session, who)]
    hook = next((one for one in found if one.id == webhook_id), None)
    if hook is None:
        raise NotFound(NO_WEBHOOK)
    return visiting.page(
        "webhook.html",
        hook=hook,
        team=await people.team(session, hook.team_id),
        messages=messages,
        words=WORDS | {TEST: "a test"},
        most=LATEST,
    )


@router.post("/{webhook_id}/test")
async def test(webhook_id: uuid.UUID, visiting: Visiting) -> Response:
    """Sends a test message."""
    await api.test(webhook_id, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/webhooks/{webhook_id}", "tried")


@router.post("/{webhook_id}/stop")
async def stop(webhook_id: uuid.UUID, visiting: Visiting) -> Response:
    """Stops a webhook for good."""
    await api.stop(webhook_id, visiting.session, visiting.who)
    return html.back("/webhooks", "removed")
