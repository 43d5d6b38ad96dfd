"""Drafts that are withheld because people and drafts agree too little: the one place that says which.

Every way on which a draft is sent or shown (analysis, pages, exports, search, lists) asks here.
"""

import uuid
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SQLCoreOperations

from service.agreement.tables import PeopleOnly

REASON = "People only: on blind reads the drafts of this dimension agreed too little with people's scores."


async def dimensions(session: AsyncSession, team: uuid.UUID) -> frozenset[str]:
    """The dimensions whose drafts a team isn't shown at present."""
    query = select(PeopleOnly.dimension).where(PeopleOnly.team_id == team, PeopleOnly.ended_at.is_(None))
    return frozenset(await session.scalars(query))


def holds(
    team: SQLCoreOperations[uuid.UUID], dimension: SQLCoreOperations[str] | ColumnElement[str]
) -> ColumnElement[bool]:
    """The same as a condition on columns of a team and a dimension."""
    return exists().where(
        PeopleOnly.team_id == team, PeopleOnly.dimension == dimension, PeopleOnly.ended_at.is_(None)
    )


def without(document: dict[str, Any], withheld: AbstractSet[str]) -> dict[str, Any]:
    """A result document whose scores of some dimensions are left out with the reason.

    The evidence stays: it is what people score by. What was made of it (value, interval, contributions,
    advice, the place among what to coach first) goes.
    """
    card = document.get("scorecard")
    if not card or not withheld:
        return document
    scores = [
        {**score, **_nothing()} if score["dimension"] in withheld else score for score in card["scores"]
    ]
    first = [name for name in card.get("coach_first", ()) if name not in withheld]
    return {**document, "scorecard": {**card, "scores": scores, "coach_first": first}}


def _nothing() -> dict[str, Any]:
    return {
        "value": None,
        "interval": None,
        "probabilities": [],
        "reason": REASON,
        "warnings": [],
        "advice": None,
        "contributions": [],
    }
