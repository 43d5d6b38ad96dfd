"""Blind reads: some reviewers of some calls score before the draft is sent to them.

Which ones is drawn from a stored seed, so that it can't be steered by opening a call twice, and is kept once
somebody has opened the call. Until a reviewer drawn for a blind read has scored every dimension, nothing that
tells a score leaves the API for them: not the draft, not the evidence a draft names, not what others gave.
The same holds for whoever takes part in an open calibration round and hasn't scored; their scores there also
stand for a blind read they were drawn for.
"""

import hashlib
import math
import secrets
import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Exists, and_, exists, func, join, literal, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.administration import store as administration
from service.auth import store as people
from service.auth.permissions import Action, Who
from service.calls.store import allowed, visible
from service.calls.tables import Call
from service.coaching.tables import Calibration, CalibrationPart
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
    """The share in force: the environment's, else what an administrator stored, else `default`."""
    return float(await administration.value(session, SHARE, default))


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
    if await in_round(session, who, call.id):
        return True
    if not await picked(session, who, call, default):
        return False
    return not await session.scalar(select(or_(*_given(who, call.id))))


async def in_round(session: AsyncSession, who: Who, call: uuid.UUID) -> bool:
    """Whether an open calibration round of a call waits for a person's scores."""
    return bool(await session.scalar(select(_awaited(who, call))))


def _awaited(who: Who, call: Any) -> Exists:
    return _part(who, call).where(Calibration.closed_at.is_(None), CalibrationPart.scored_at.is_(None))


def _part(who: Who, call: Any) -> Exists:
    """A person's part in a round of a call; joined, so that it may stand in a lateral query."""
    both = join(Calibration, CalibrationPart, CalibrationPart.calibration_id == Calibration.id)
    return exists().select_from(both).where(Calibration.call_id == call, CalibrationPart.person_id == who.id)


def awaited(who: Who) -> Exists:
    """The condition on `Call` under which an open calibration round waits for a person's scores."""
    return _awaited(who, Call.id).correlate(Call)


def _given(who: Who, call: Any) -> tuple[Exists, Exists]:
    """Whether a person has scored a call: by a review, or in a round."""
    reviewed = exists().where(Review.call_id == call, Review.reviewer_id == who.id)
    return reviewed, _part(who, call).where(CalibrationPart.scored_at.is_not(None))


async def open_to(session: AsyncSession, who: Who, default: float) -> ColumnElement[bool]:
    """The condition on `Call` under which its scores may be sent to a person: `pending` in SQL.

    It supposes that the person may see the call, and holds off a rep's own attempt till they scored it, too.
    """
    scored = exists().where(Attempt.call_id == Call.id, Attempt.self_scores.is_not(None)).correlate(Call)
    own = or_(~Call.practice, Call.rep_id != who.id, scored)
    return and_(~await due(session, who, default), ~awaited(who), own)


async def due(session: AsyncSession, who: Who, default: float) -> ColumnElement[bool]:
    """The condition on `Call` under which a person was drawn to read it blind and hasn't yet."""
    mine = or_(*(given.correlate(Call) for given in _given(who, Call.id)))
    kept = (
        select(BlindPick.blind)
        .where(BlindPick.call_id == Call.id, BlindPick.reviewer_id == who.id)
        .scalar_subquery()
    )
    joined = func.concat(literal(await seed(session)), ":", Call.id, ":", literal(str(who.id)))
    digest = func.sha256(func.convert_to(joined, "UTF8"))
    # Four bytes as they are: a whole number below another is the same as their bytes before the other's.
    below = math.ceil(await share(session, default) * _WHOLE)
    drawn = true() if below >= _WHOLE else func.substr(digest, 1, 4) < literal(below.to_bytes(4))
    blind = func.coalesce(kept, drawn)
    reviewer = and_(visible(_unlimited(who), Action.CALL_REVIEW), Call.rep_id.is_distinct_from(who.id))
    return and_(reviewer, blind, ~mine)


def _unlimited(who: Who) -> Who:
    """The person behind a token: one made for reading must not read what its reviewer may not."""
    return replace(who, scopes=None)
