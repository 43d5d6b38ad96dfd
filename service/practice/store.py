"""All queries about scenarios and attempts."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import false, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from models.framework import Framework, load_framework
from service.auth.permissions import Action, Relation, Who, to_call, to_team
from service.calls.details import framework_of
from service.calls.store import allowed, private
from service.calls.tables import Call, State
from service.practice.tables import Attempt, Decision, Scenario
from service.problems import Conflict, NotFound, Unusable
from service.settings import Settings

NO_SCENARIO = "There is no such scenario, or it isn't for you."
NO_ATTEMPT = "There is no such attempt, or it isn't for you."


async def scenario(session: AsyncSession, who: Who, scenario: uuid.UUID, *, lock: bool = False) -> Scenario:
    """A scenario of one of the person's teams. Raises NotFound where there is none."""
    query = select(Scenario).where(Scenario.id == scenario)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None or Relation.MEMBER not in to_team(who, row.team_id):
        raise NotFound(NO_SCENARIO)
    return row


async def scenarios(session: AsyncSession, team: uuid.UUID, *, retired: bool) -> Sequence[Scenario]:
    """A team's scenarios by title."""
    query = select(Scenario).where(Scenario.team_id == team).order_by(func.lower(Scenario.title), Scenario.id)
    if not retired:
        query = query.where(Scenario.retired_at.is_(None))
    return (await session.scalars(query)).all()


def checked_thresholds(settings: Settings, framework: str, thresholds: Mapping[str, int]) -> dict[str, int]:
    """Thresholds by dimension, the framework's own where none is given.

    Raises:
        WrongDetail: there is no such framework; a file's path is none.
        Unusable: a dimension that the framework doesn't have.
    """
    framework_of(settings, framework, None)
    known = {dimension.id: dimension.threshold for dimension in load_framework(framework).dimensions}
    if odd := sorted(set(thresholds) - set(known)):
        raise Unusable(f"thresholds: {odd[0]} is no dimension of {framework}; it has {', '.join(known)}")
    return {**known, **thresholds} if not thresholds else dict(thresholds)


async def begin(
    session: AsyncSession, who: Who, task: Scenario, call: Call, self_scores: Mapping[str, int] | None
) -> Attempt:
    """A call becomes the rep's next attempt at a scenario.

    Raises:
        Conflict: the scenario is retired, no attempts are left, or the call is part of an attempt already.
        Unusable: the call isn't unsubmitted practice of theirs in the scenario's team, or is scored by
            another framework.
    """
    number = await next_number(session, who, task)
    if not private(call) or call.rep_id != who.id or call.team_id != task.team_id:
        raise Unusable(
            "An attempt is a practice recording of your own that isn't submitted; upload it as practice."
        )
    if await attempt_of_call(session, call.id) is not None:
        raise Conflict("This recording is an attempt already.")
    if call.framework != task.framework:
        raise Unusable(
            f"This recording is scored by the framework {call.framework}, the scenario by {task.framework}; "
            "edit the recording's framework first."
        )
    framework = load_framework(task.framework)
    row = Attempt(
        scenario_id=task.id,
        rep_id=who.id,
        call_id=call.id,
        number=number,
        scenario_version=task.version,
        framework_version=framework.version,
        thresholds=dict(task.thresholds),
        self_scores=None if self_scores is None else _self_scores(framework, self_scores),
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def next_number(session: AsyncSession, who: Who, task: Scenario) -> int:
    """The number of a person's next attempt at a scenario.

    Raises:
        Conflict: there is none, because it is retired or all attempts are used.
    """
    if task.retired_at is not None:
        raise Conflict("This scenario is retired; pick another.")
    # Not their count: one whose recording was deleted is gone, and its number isn't given again.
    last = await session.scalar(
        select(func.max(Attempt.number)).where(Attempt.scenario_id == task.id, Attempt.rep_id == who.id)
    )
    number = int(last or 0) + 1
    if task.most_attempts is not None and number > task.most_attempts:
        raise Conflict(f"All {task.most_attempts} attempts at this scenario are used; talk to your coach.")
    return number


def _self_scores(framework: Framework, given: Mapping[str, int]) -> dict[str, int]:
    known = [dimension.id for dimension in framework.dimensions]
    if odd := sorted(set(given) - set(known)):
        raise Unusable(f"self_scores: {odd[0]} is no dimension of {framework.id}; it has {', '.join(known)}")
    return dict(given)


async def attempt_of_call(session: AsyncSession, call: uuid.UUID) -> Attempt | None:
    """The attempt that a call is; None for other calls."""
    return await session.scalar(select(Attempt).where(Attempt.call_id == call))


async def attempt(
    session: AsyncSession,
    who: Who,
    attempt: uuid.UUID,
    action: Action = Action.CALL_VIEW,
    *,
    lock: bool = False,
) -> tuple[Attempt, Call]:
    """An attempt and its call, if the person may do this with it. Raises NotFound otherwise."""
    query = select(Attempt, Call).join(Call, Call.id == Attempt.call_id).where(Attempt.id == attempt)
    found = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if found is None or not allowed(who, action, found[1]):
        raise NotFound(NO_ATTEMPT)
    return found[0], found[1]


async def attempts(session: AsyncSession, who: Who, scenario: uuid.UUID) -> Sequence[tuple[Attempt, Call]]:
    """Attempts at a scenario that a person may know of: their own, and what others have submitted to them."""
    query = (
        select(Attempt, Call)
        .join(Call, Call.id == Attempt.call_id)
        .where(
            Attempt.scenario_id == scenario,
            or_(Attempt.rep_id == who.id, Attempt.submitted_at.is_not(None)),
        )
        .order_by(Attempt.rep_id, Attempt.number)
    )
    found = await session.execute(query)
    return [(row, call) for row, call in found if allowed(who, Action.CALL_VIEW, call)]


async def own_attempts(
    session: AsyncSession,
    who: Who,
    scenario: uuid.UUID | None,
    after: tuple[dt.datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[tuple[Attempt, Call]]:
    """A person's own attempts, newest first, from after a place on."""
    query = (
        select(Attempt, Call)
        .join(Call, Call.id == Attempt.call_id)
        .where(Attempt.rep_id == who.id)
        .order_by(Attempt.created_at.desc(), Attempt.id.desc())
        .limit(limit)
    )
    if scenario is not None:
        query = query.where(Attempt.scenario_id == scenario)
    if after is not None:
        query = query.where(tuple_(Attempt.created_at, Attempt.id) < tuple_(*after))
    return [(row, call) for row, call in await session.execute(query)]


async def loose(session: AsyncSession, who: Who) -> Sequence[Call]:
    """A person's practice recordings that are no attempt yet, newest first."""
    taken = select(Attempt.id).where(Attempt.call_id == Call.id)
    query = select(Call).where(Call.rep_id == who.id, Call.practice, Call.submitted_at.is_(None))
    return (
        await session.scalars(query.where(~taken.exists()).order_by(Call.created_at.desc()).limit(20))
    ).all()


async def self_score_first(session: AsyncSession, who: Who, call: Call) -> bool:
    """Whether a rep has to score their own practice, or say that they won't, before they see its draft.

    A recording that is no attempt yet has none either: else its draft would be known before it becomes one.
    """
    if not call.practice or Relation.OWN not in to_call(who, team=call.team_id, rep=call.rep_id):
        return False
    row = await attempt_of_call(session, call.id)
    return row is None or row.self_scores is None


def score_oneself(row: Attempt, framework: str, given: Mapping[str, int]) -> None:
    """Keep what a rep gives their own attempt; empty says that they choose not to.

    Raises:
        Conflict: they did before, and may have seen the draft since.
    """
    if row.self_scores is not None:
        raise Conflict("You have scored this attempt already; the draft may have been seen since.")
    row.self_scores = _self_scores(load_framework(framework), given)


async def submit(session: AsyncSession, row: Attempt, call: Call) -> None:
    """Hand an attempt to the coach.

    Raises:
        Conflict: it is submitted, or its analysis isn't finished.
    """
    if row.submitted_at is not None:
        raise Conflict("This attempt is submitted.")
    if call.state != State.DONE:
        raise Conflict("The analysis isn't finished; wait for it, or mend what it says, then submit.")
    now = await session.scalar(select(func.clock_timestamp()))
    assert now is not None  # noqa: S101 - for mypy
    row.submitted_at = call.submitted_at = now


async def passes(session: AsyncSession, who: Who) -> dict[uuid.UUID, tuple[int, bool]]:
    """By scenario: how many attempts a person made, and whether a coach has passed one of them."""
    own = select(Attempt.id).where(Attempt.rep_id == who.id)
    newest = (
        select(Decision.attempt_id, Decision.passed)
        .where(Decision.attempt_id.in_(own))
        .ext(distinct_on(Decision.attempt_id))
        .order_by(Decision.attempt_id, Decision.at.desc())
        .subquery()
    )
    query = (
        select(Attempt.scenario_id, func.count(), func.coalesce(func.bool_or(newest.c.passed), false()))
        .outerjoin(newest, newest.c.attempt_id == Attempt.id)
        .where(Attempt.rep_id == who.id)
        .group_by(Attempt.scenario_id)
    )
    return {task: (count, passed) for task, count, passed in await session.execute(query)}
