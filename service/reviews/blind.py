"""Blind reads: some reviewers of some calls score before the draft is sent to them.

Which ones is drawn from a stored seed, so that it can't be steered by opening a call twice, and is kept once
somebody has opened the call. Until a reviewer drawn for a blind read has scored every dimension, nothing that
tells a score leaves the API for them: not the draft, not the evidence a draft names, not what others gave.
"""

import hashlib
import secrets
import uuid
from dataclasses import replace

from sqlalchemy import ColumnElement, Float, and_, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import store as people
from service.auth.permissions import Action, Who
from service.calls.store import allowed, visible
from service.calls.tables import Call
from service.practice.tables import Attempt
from service.reviews.tables import BlindPick, Review

SEED = "blind_seed"
SHARE = "blind_share"
_WHOLE = float(2**32)


def draw(seed: str, call: uuid.UUID, reviewer: uuid.UUID) -> float:
    """Where a pair falls, 0..1: below the share means a blind read."""
    digest = hashlib.sha256(f"{seed}:{call}:{reviewer}".encode()).hexdigest()
    return int(digest[:8], 16) / _WHOLE


async def seed(session: AsyncSession) -> str:
    """The stored seed, made the first time it is asked for."""
    return await people.setting(session, SEED, secrets.token_hex(16))


async def share(session: AsyncSession, default: float) -> float:
    """The share in force: what an administrator stored, else the setting of the service."""
    return float(await people.setting(session, SHARE, str(default)))


async def picked(session: AsyncSession, who: Who, call: Call, default: float) -> bool:
    """Whether a person reads a call blind; drawn, and kept, the first time. Only reviewers ever do."""
    if not allowed(_unlimited(who), Action.CALL_REVIEW, call):
        return False
    kept = await session.get(BlindPick, (call.id, who.id))
    if kept is None:
        blind = draw(await seed(session), call.id, who.id) < await share(session, default)
        # Two requests of one person may come at once; both draw the same.
        row = insert(BlindPick).values(call_id=call.id, reviewer_id=who.id, blind=blind)
        await session.execute(row.on_conflict_do_nothing())
        return blind
    return kept.blind


async def pending(session: AsyncSession, who: Who, call: Call, default: float) -> bool:
    """Whether scores of a call must not be sent to a person yet."""
    if not await picked(session, who, call, default):
        return False
    given = select(exists().where(Review.call_id == call.id, Review.reviewer_id == who.id))
    return not await session.scalar(given)


async def open_to(session: AsyncSession, who: Who, default: float) -> ColumnElement[bool]:
    """The condition on `Call` under which its scores may be sent to a person: `pending` in SQL.

    It supposes that the person may see the call, and holds off a rep's own attempt till they scored it, too.
    """
    mine = exists().where(Review.call_id == Call.id, Review.reviewer_id == who.id).correlate(Call)
    kept = (
        select(BlindPick.blind)
        .where(BlindPick.call_id == Call.id, BlindPick.reviewer_id == who.id)
        .scalar_subquery()
    )
    joined = func.concat(literal(await seed(session)), ":", Call.id, ":", literal(str(who.id)))
    digest = func.sha256(func.convert_to(joined, "UTF8"))
    drawn = sum((cast(func.get_byte(digest, i), Float) * 256.0 ** (3 - i) for i in range(4)), literal(0.0))
    blind = func.coalesce(kept, drawn / _WHOLE < await share(session, default))
    reviewer = and_(visible(_unlimited(who), Action.CALL_REVIEW), Call.rep_id.is_distinct_from(who.id))
    unscored = exists().where(
        Attempt.call_id == Call.id, Attempt.rep_id == who.id, Attempt.self_scores.is_(None)
    )
    return and_(or_(~reviewer, ~blind, mine), ~unscored)


def _unlimited(who: Who) -> Who:
    """The person behind a token: one made for reading must not read what its reviewer may not."""
    return replace(who, scopes=None)
