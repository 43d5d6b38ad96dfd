"""Examples of scenarios: which call may be heard by a whole team, and by whose word.

An example is somebody's voice before all of their colleagues. What nobody real says may be one, and a role
play that was made for it; any other call, a rep's practice among them, only while its rep agrees.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Action, Who
from service.calls.store import NO_CALL, private, visible
from service.calls.tables import Call, State
from service.practice.tables import Scenario, Shared
from service.problems import Conflict, NotFound, Unusable

NO_EXAMPLE = "This scenario has no example that may be heard; ask your coach for one."
NOT_SHARED = (
    "example_call_id: this call is neither made up nor a role play made for it, and its rep hasn't agreed "
    "that the team hears it; ask the rep to agree, or take another call."
)


def needs_agreement(call: Call) -> bool:
    """Whether only its rep can make a call an example."""
    return call.consent != "synthetic" and (call.consent != "role_play" or call.practice)


async def agreement(session: AsyncSession, call: Call) -> Shared | None:
    """The word of the call's rep; that of somebody whose call it was before doesn't count."""
    row = await session.get(Shared, call.id)
    return row if row is not None and row.rep_id == call.rep_id else None


async def shareable(session: AsyncSession, call: Call) -> bool:
    """Whether a call may be heard by its whole team now."""
    if private(call) or call.consent is None:
        return False
    return not needs_agreement(call) or await agreement(session, call) is not None


async def check(session: AsyncSession, team: uuid.UUID, call: Call) -> None:
    """Go on only if a call may be the example of a team's scenario.

    Raises:
        Unusable: it is another team's, or its rep hasn't agreed.
    """
    if call.team_id != team:
        raise Unusable("example_call_id: this call is another team's; take one of the scenario's team.")
    if not await shareable(session, call):
        raise Unusable(NOT_SHARED)


async def of_scenario(session: AsyncSession, task: Scenario) -> Call | None:
    """The example of a scenario as long as it may be heard; looked at anew every time it is asked for."""
    call = await session.get(Call, task.example_call_id) if task.example_call_id else None
    if call is None or call.team_id != task.team_id or not await shareable(session, call):
        return None
    return call


async def example(session: AsyncSession, task: Scenario) -> Call:
    """The same, where there has to be one. Raises NotFound otherwise."""
    call = await of_scenario(session, task)
    if call is None:
        raise NotFound(NO_EXAMPLE)
    return call


async def share(session: AsyncSession, who: Who, call: Call) -> Shared:
    """Keep a rep's agreement.

    Raises:
        NotFound: it isn't a call of theirs.
        Conflict: it is practice that isn't submitted, which nobody else knows of.
    """
    if call.rep_id != who.id:
        raise NotFound(NO_CALL)
    if private(call):
        raise Conflict("Submit this attempt first; until then nobody else knows of it.")
    found = await session.get(Shared, call.id)
    if found is not None and found.rep_id != who.id:
        await session.delete(found)
        await session.flush()
        found = None
    if found is None:
        found = Shared(call_id=call.id, rep_id=who.id)
        session.add(found)
        await session.flush()
        await session.refresh(found)
    return found


async def take_back(session: AsyncSession, call: Call) -> None:
    """Forget a rep's agreement; from now on nobody hears the call as an example."""
    await session.execute(delete(Shared).where(Shared.call_id == call.id))


async def candidates(session: AsyncSession, who: Who, team: uuid.UUID, most: int = 100) -> Sequence[Call]:
    """Calls of a team that a person could make an example now, newest first."""
    made_for_it = or_(Call.consent == "synthetic", and_(Call.consent == "role_play", ~Call.practice))
    agreed = exists().where(Shared.call_id == Call.id, Shared.rep_id == Call.rep_id).correlate(Call)
    query = (
        select(Call)
        .where(Call.team_id == team, Call.state == State.DONE, visible(who, Action.CALL_EXPORT))
        .where(or_(~Call.practice, Call.submitted_at.is_not(None)))
        .where(or_(made_for_it, and_(Call.consent.is_not(None), agreed)))
        .order_by(Call.created_at.desc())
        .limit(most)
    )
    return (await session.scalars(query)).all()
