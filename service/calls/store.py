"""Queries about calls that every slice needs: which calls a person may see, and one call by its id."""

import uuid

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import ABOUT_ONESELF, MAY, Action, Relation, Who, may_with_call
from service.calls.tables import Call
from service.problems import Forbidden, NotFound

NO_CALL = "There is no such call, or it isn't for you."


def visible(who: Who, action: Action = Action.CALL_VIEW) -> ColumnElement[bool]:
    """The condition on `Call` under which the person may do this with a call: the same table, in SQL."""
    if not who.within_scope(action):
        return false()
    allowed = MAY[action]
    ways: list[ColumnElement[bool]] = []
    public = or_(~Call.practice, Call.submitted_at.is_not(None))
    if Relation.OWN in allowed:
        ways.append(Call.rep_id == who.id)
    elif action == Action.CALL_DELETE:
        ways.append(and_(Call.rep_id == who.id, ~public))
    if Relation.MANAGES in allowed and who.managed():
        ways.append(and_(Call.team_id.in_(who.managed()), public))
    if Relation.COACHES in allowed and who.coached and who.coaching():
        ways.append(and_(Call.rep_id.in_(who.coached), Call.team_id.in_(who.coaching()), public))
    if not ways:
        return false()
    if action in ABOUT_ONESELF:
        return and_(or_(*ways), Call.rep_id.is_distinct_from(who.id))
    return or_(*ways)


def private(call: Call) -> bool:
    """Whether a call is practice that its rep has not submitted."""
    return call.practice and call.submitted_at is None


def allowed(who: Who, action: Action, call: Call) -> bool:
    """Whether the table allows a person this with a call."""
    return may_with_call(who, action, team=call.team_id, rep=call.rep_id, private=private(call))


async def get(
    session: AsyncSession,
    who: Who,
    call_id: uuid.UUID,
    action: Action = Action.CALL_VIEW,
    *,
    lock: bool = False,
) -> Call:
    """A call with which a person may do this; `lock` keeps others off it until the transaction ends.

    Raises:
        NotFound: there is none, or the person may not even see it.
        Forbidden: they may see it, but not do this.
    """
    query = select(Call).where(Call.id == call_id)
    call = await session.scalar(query.with_for_update() if lock else query)
    if call is None:
        raise NotFound(NO_CALL)
    if allowed(who, action, call):
        return call
    if allowed(who, Action.CALL_VIEW, call):
        raise Forbidden("Your part doesn't include this with this call.")
    raise NotFound(NO_CALL)


def touch(call: Call) -> None:
    """A call was edited: its version, and so its ETag, is another from now on."""
    call.version += 1
    call.updated_at = func.clock_timestamp()
