"""All queries about webhooks, and how an event becomes messages: in the transaction it happens in."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import procrastinate
from sqlalchemy import any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.problems import NotFound
from service.webhooks.tables import Delivery, Webhook

EVENTS = (
    "call.analysed",
    "call.failed",
    "score.reviewed",
    "score.contested",
    "attempt.submitted",
    "attempt.decided",
)
"""What is told. A message holds ids and states; whoever wants words or scores asks the API, as somebody."""
TEST = "webhook.test"
"""What a webhook is told when somebody tries whether it listens."""


async def emit(
    session: AsyncSession, queue: procrastinate.App, team: uuid.UUID, event: str, **data: Any
) -> None:
    """Tell a team's webhooks of an event: rows and jobs are part of the session's transaction."""
    hooks = await session.scalars(
        select(Webhook).where(
            Webhook.team_id == team, Webhook.stopped_at.is_(None), literal(event) == any_(Webhook.events)
        )
    )
    for hook in hooks.all():
        await message(session, queue, hook, event, **data)


async def message(
    session: AsyncSession, queue: procrastinate.App, hook: Webhook, event: str, **data: Any
) -> Delivery:
    """A message to one webhook, on its way as soon as the session's transaction is committed."""
    body = {
        "type": event,
        "timestamp": dt.datetime.now(dt.UTC).isoformat(),
        "data": {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in data.items()},
    }
    row = Delivery(webhook_id=hook.id, event=event, body=body)
    session.add(row)
    await session.flush()
    await jobs.enqueue(session, queue, jobs.DELIVER, priority=jobs.BATCH, delivery_id=str(row.id))
    return row


async def webhooks(session: AsyncSession, team: uuid.UUID) -> Sequence[Webhook]:
    """A team's webhooks that aren't stopped, oldest first."""
    query = select(Webhook).where(Webhook.team_id == team, Webhook.stopped_at.is_(None))
    return (await session.scalars(query.order_by(Webhook.created_at, Webhook.id))).all()


async def webhook(session: AsyncSession, webhook: uuid.UUID) -> Webhook:
    """One webhook. Raises NotFound where there is none, or it is stopped."""
    row = await session.get(Webhook, webhook)
    if row is None or row.stopped_at is not None:
        raise NotFound("There is no such webhook, or it isn't for you.")
    return row


async def deliveries(session: AsyncSession, webhook: uuid.UUID, limit: int) -> Sequence[Delivery]:
    """A webhook's latest messages, newest first."""
    query = select(Delivery).where(Delivery.webhook_id == webhook)
    return (await session.scalars(query.order_by(Delivery.created_at.desc()).limit(limit))).all()


async def waiting(session: AsyncSession, delivery: uuid.UUID) -> tuple[Delivery, Webhook] | None:
    """A message that still has to be sent and where to, locked; None when that is settled."""
    row = await session.scalar(select(Delivery).where(Delivery.id == delivery).with_for_update())
    if row is None or row.done_at is not None or row.dead_at is not None:
        return None
    hook = await session.get(Webhook, row.webhook_id)
    if hook is None or hook.stopped_at is not None:
        row.dead_at = func.clock_timestamp()
        return None
    return row, hook
