"""Routes of webhooks: made, listed, tried and stopped by managers of the team."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func

from service.addresses import target_of
from service.auth.permissions import Action, Relation, to_team
from service.auth.told import told
from service.edge import Db, PartsOf, Signed, require
from service.privacy.store import record
from service.problems import NotFound
from service.webhooks import store
from service.webhooks.delivery import new_secret
from service.webhooks.tables import Delivery, Webhook

router = APIRouter(tags=["webhooks"])
Event = Literal[
    "call.analysed",
    "call.failed",
    "score.reviewed",
    "score.contested",
    "attempt.submitted",
    "attempt.decided",
]
TeamId = Annotated[uuid.UUID, Path(description="The team.")]
WebhookId = Annotated[uuid.UUID, Path(description="The webhook.")]
_PROBLEMS = told(401, 403, 404, 422)


class WebhookIn(BaseModel):
    """Where messages go, and about what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://crm.example.org/hooks/ridealong", "events": ["call.analysed"]}]
        },
    )

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    events: Annotated[list[Event], Field(min_length=1, max_length=len(store.EVENTS))]


class WebhookOut(BaseModel):
    """A webhook. `secret` checks signatures (Standard Webhooks); it is told once, when it is made."""

    id: uuid.UUID
    team_id: uuid.UUID
    url: str
    events: list[str]
    created_at: dt.datetime
    secret: str | None = None


class DeliveryOut(BaseModel):
    """A message: `done_at` when it arrived, `dead_at` when it was given up."""

    id: uuid.UUID
    event: str
    attempts: int
    status: int | None
    error: str | None
    created_at: dt.datetime
    done_at: dt.datetime | None
    dead_at: dt.datetime | None


def _shape(row: Webhook, secret: str | None = None) -> WebhookOut:
    return WebhookOut(
        id=row.id,
        team_id=row.team_id,
        url=row.url,
        events=row.events,
        created_at=row.created_at,
        secret=secret,
    )


def _delivery(row: Delivery) -> DeliveryOut:
    return DeliveryOut(**{name: getattr(row, name) for name in DeliveryOut.model_fields})


async def _own(session: Db, who: Signed, webhook: uuid.UUID) -> Webhook:
    """A webhook of a team that the person manages; to others there is none."""
    row = await store.webhook(session, webhook)
    if Relation.MANAGES not in to_team(who, row.team_id):
        raise NotFound("There is no such webhook, or it isn't for you.")
    require(who, Action.WEBHOOK_EDIT, to_team(who, row.team_id))
    return row


@router.get("/teams/{team_id}/webhooks", summary="A team's webhooks", responses=_PROBLEMS)
async def webhooks(team_id: TeamId, session: Db, who: Signed) -> list[WebhookOut]:
    """Oldest first."""
    require(who, Action.WEBHOOK_EDIT, to_team(who, team_id))
    return [_shape(row) for row in await store.webhooks(session, team_id)]


@router.post("/teams/{team_id}/webhooks", summary="Make a webhook", status_code=201, responses=_PROBLEMS)
async def make(team_id: TeamId, body: WebhookIn, session: Db, who: Signed, parts: PartsOf) -> WebhookOut:
    """Messages go to public addresses only, are signed, and are tried again for a day and a half."""
    require(who, Action.WEBHOOK_EDIT, to_team(who, team_id))
    await target_of(body.url, parts.reachable)
    row = Webhook(
        team_id=team_id, url=body.url, secret=new_secret(), events=sorted(set(body.events)), made_by=who.id
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    record(session, who, "webhook made", team=str(team_id), webhook=str(row.id))
    return _shape(row, row.secret)


@router.get("/webhooks/{webhook_id}/deliveries", summary="A webhook's latest messages", responses=_PROBLEMS)
async def deliveries(
    webhook_id: WebhookId, session: Db, who: Signed, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[DeliveryOut]:
    """Newest first, with how each fared."""
    row = await _own(session, who, webhook_id)
    return [_delivery(one) for one in await store.deliveries(session, row.id, limit)]


@router.post(
    "/webhooks/{webhook_id}/test", summary="Send a test message", status_code=202, responses=_PROBLEMS
)
async def test(webhook_id: WebhookId, session: Db, who: Signed, parts: PartsOf) -> DeliveryOut:
    """A `webhook.test`, whatever the webhook is told of: signed, and tried again, like every message."""
    row = await _own(session, who, webhook_id)
    made = await store.message(session, parts.queue, row, store.TEST)
    await session.refresh(made)
    record(session, who, "webhook tried", team=str(row.team_id), webhook=str(row.id))
    return _delivery(made)


@router.delete("/webhooks/{webhook_id}", summary="Stop a webhook", status_code=204, responses=_PROBLEMS)
async def stop(webhook_id: WebhookId, session: Db, who: Signed) -> None:
    """Nothing more is sent, not even what waits."""
    row = await _own(session, who, webhook_id)
    row.stopped_at = func.clock_timestamp()
    record(session, who, "webhook stopped", team=str(row.team_id), webhook=str(row.id))
