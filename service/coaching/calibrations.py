"""All queries about calibration rounds: several people score a call alone, then compare."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Action, Relation, Who, to_call
from service.auth.tables import Assignment, Membership, Person
from service.calls.store import allowed
from service.calls.tables import Call
from service.coaching.tables import (
    Calibration,
    CalibrationPart,
    CalibrationScore,
    CalibrationSettled,
    CalibrationWord,
)
from service.problems import Conflict, Forbidden, NotFound, Unusable
from service.reviews import store as reviews
from service.reviews.store import Given
from service.reviews.tables import Review

NO_ROUND = "There is no such calibration, or it isn't for you."
LEAST = 2


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody's part in a round."""

    id: uuid.UUID
    name: str
    scored: bool


async def could_take_part(session: AsyncSession, call: Call) -> dict[uuid.UUID, str]:
    """Everybody who may review a call, by name: managers of its team and coaches of its rep, not the rep."""
    coaches = select(Assignment.coach_id).where(Assignment.rep_id == call.rep_id)
    query = (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == call.team_id,
            Person.disabled_at.is_(None),
            Person.id.is_distinct_from(call.rep_id),
            or_(
                Membership.role == "manager",
                (Membership.role == "coach") & Person.id.in_(coaches),
            ),
        )
        .distinct()
        .order_by(Person.name)
    )
    return {row.id: row.name for row in await session.execute(query)}


async def begin(
    session: AsyncSession, who: Who, call: Call, taking: Sequence[uuid.UUID], question: str
) -> Calibration:
    """Open a round on the newest scoring of a call.

    Raises:
        Conflict: the call isn't scored, or a round on it is open.
        Unusable: fewer than two people, or one who may not review this call.
    """
    scored = await reviews.scoring(session, call.id)
    if scored is None:
        raise Conflict(reviews.NOT_SCORED)
    waiting = exists().where(Calibration.call_id == call.id, Calibration.closed_at.is_(None))
    if await session.scalar(select(waiting)):
        raise Conflict("A calibration of this call is open; close that one first.")
    if len(set(taking)) < LEAST:
        raise Unusable("people: a calibration takes two people at least.")
    known = await could_take_part(session, call)
    if odd := [one for one in taking if one not in known]:
        raise Unusable(
            f"people: {odd[0]} may not review this call; choose managers of its team and coaches of its rep."
        )
    row = Calibration(call_id=call.id, scoring_id=scored.id, opened_by=who.id, question=question.strip())
    session.add(row)
    await session.flush()
    for one in set(taking):
        session.add(CalibrationPart(calibration_id=row.id, person_id=one))
    await session.flush()
    return row


async def one(
    session: AsyncSession, who: Who, calibration: uuid.UUID, *, lock: bool = False
) -> tuple[Calibration, Call]:
    """A round for whoever opened it, takes part or manages the team, as long as they may review the call.

    Raises:
        NotFound: there is none, or they are none of these.
    """
    query = select(Calibration).where(Calibration.id == calibration).execution_options(populate_existing=True)
    row = await session.scalar(query.with_for_update() if lock else query)
    call = await session.get(Call, row.call_id) if row else None
    if row is None or call is None or not allowed(who, Action.CALIBRATE, call):
        raise NotFound(NO_ROUND)
    if row.opened_by != who.id and not _manages(who, call) and not await _part(session, who, row):
        raise NotFound(NO_ROUND)
    return row, call


def _manages(who: Who, call: Call) -> bool:
    return Relation.MANAGES in to_call(who, team=call.team_id, rep=call.rep_id)


async def _part(session: AsyncSession, who: Who, row: Calibration) -> CalibrationPart | None:
    return await session.get(CalibrationPart, (row.id, who.id), populate_existing=True)


async def of_call(session: AsyncSession, who: Who, call: Call) -> Sequence[Calibration]:
    """The rounds on a call that a person may see, newest first."""
    if not allowed(who, Action.CALIBRATE, call):
        return []
    mine: ColumnElement[bool] = or_(
        Calibration.opened_by == who.id,
        exists().where(CalibrationPart.calibration_id == Calibration.id, CalibrationPart.person_id == who.id),
    )
    query = select(Calibration).where(Calibration.call_id == call.id)
    if not _manages(who, call):
        query = query.where(mine)
    return (await session.scalars(query.order_by(Calibration.opened_at.desc()))).all()


async def awaiting(session: AsyncSession, who: Who, call: uuid.UUID) -> uuid.UUID | None:
    """The open round on a call that waits for a person's scores."""
    query = (
        select(Calibration.id)
        .join(CalibrationPart, CalibrationPart.calibration_id == Calibration.id)
        .where(
            Calibration.call_id == call,
            Calibration.closed_at.is_(None),
            CalibrationPart.person_id == who.id,
            CalibrationPart.scored_at.is_(None),
        )
    )
    return await session.scalar(query)


async def taking(session: AsyncSession, calibration: uuid.UUID) -> list[Taking]:
    """Who takes part, by name, and whether their scores are in."""
    query = (
        select(Person.id, Person.name, CalibrationPart.scored_at)
        .join(Person, Person.id == CalibrationPart.person_id)
        .where(CalibrationPart.calibration_id == calibration)
        .order_by(Person.name, Person.id)
    )
    return [Taking(one, name, at is not None) for one, name, at in await session.execute(query)]


async def give(session: AsyncSession, who: Who, row: Calibration, given: Sequence[Given]) -> bool:
    """Keep somebody's scores; whether that closed the round, as theirs were the last.

    Raises:
        Forbidden: they don't take part.
        Conflict: theirs are in, or the round is closed.
        Unusable: not every dimension once.
    """
    part = await _part(session, who, row)
    if part is None:
        raise Forbidden("You don't take part in this calibration.")
    if part.scored_at is not None:
        raise Conflict("Your scores are in; in a calibration they stay as they were given.")
    if row.closed_at is not None:
        raise Conflict("This calibration is closed.")
    known = await reviews.drafts(session, row.scoring_id)
    names = [item.dimension for item in given]
    if sorted(names) != sorted(known):
        raise Unusable(f"scores: give each of {', '.join(known)} once.")
    for item in given:
        session.add(
            CalibrationScore(
                calibration_id=row.id,
                person_id=who.id,
                dimension=item.dimension,
                value=item.value,
                reason=item.reason.strip(),
            )
        )
    await session.flush()
    await session.execute(
        update(CalibrationPart)
        .where(CalibrationPart.calibration_id == row.id, CalibrationPart.person_id == who.id)
        .values(scored_at=func.clock_timestamp())
    )
    if all(one.scored for one in await taking(session, row.id)):
        await close(session, row)
        return True
    return False


async def close(session: AsyncSession, row: Calibration) -> None:
    """End the scoring. Raises Conflict where it has ended."""
    if row.closed_at is not None:
        raise Conflict("This calibration is closed.")
    row.closed_at = await session.scalar(select(func.clock_timestamp()))
    await session.flush()


async def scores(session: AsyncSession, calibration: uuid.UUID) -> dict[str, dict[uuid.UUID, Given]]:
    """What everybody gave, by dimension and person."""
    query = select(CalibrationScore).where(CalibrationScore.calibration_id == calibration)
    found: dict[str, dict[uuid.UUID, Given]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.dimension, {})[row.person_id] = Given(row.dimension, row.value, row.reason)
    return found


async def discuss(session: AsyncSession, who: Who, row: Calibration, words: str) -> CalibrationWord:
    """Something said about the spread. Raises Conflict while people still score."""
    if row.closed_at is None:
        raise Conflict("People still score; the discussion begins once the calibration is closed.")
    word = CalibrationWord(calibration_id=row.id, by_id=who.id, words=words.strip())
    session.add(word)
    await session.flush()
    return word


async def discussion(session: AsyncSession, calibration: uuid.UUID) -> Sequence[tuple[CalibrationWord, str]]:
    """What was said, oldest first, with names."""
    query = (
        select(CalibrationWord, Person.name)
        .join(Person, Person.id == CalibrationWord.by_id)
        .where(CalibrationWord.calibration_id == calibration)
        .order_by(CalibrationWord.at, CalibrationWord.id)
    )
    return [(word, name) for word, name in await session.execute(query)]


async def settle(
    session: AsyncSession, who: Who, row: Calibration, call: Call, given: Sequence[Given]
) -> list[Review]:
    """Keep what a round settled on, as reviews by whoever settles it: they count from now on.

    Raises:
        Forbidden: somebody else opened it, and this person doesn't manage the team.
        Conflict: people still score, or it is settled.
        Unusable: a dimension without a value, or without a reason although people differ.
    """
    if row.opened_by != who.id and not _manages(who, call):
        raise Forbidden("Whoever opened a calibration settles it, or a manager of the team.")
    if row.closed_at is None:
        raise Conflict("People still score; close the calibration first.")
    if row.settled_at is not None:
        raise Conflict("This calibration is settled.")
    _check_reasons(given, await scores(session, row.id))
    made = await reviews.add_reviews(session, who, call, None, given, blind=False)
    for review in made:
        session.add(
            CalibrationSettled(calibration_id=row.id, dimension=review.dimension, review_id=review.id)
        )
    row.settled_at = await session.scalar(select(func.clock_timestamp()))
    await session.flush()
    return made


def _check_reasons(given: Sequence[Given], spread: Mapping[str, Mapping[uuid.UUID, Given]]) -> None:
    names = {item.dimension for item in given}
    if missing := sorted(spread.keys() - names):
        raise Unusable(f"scores: settle all dimensions; {', '.join(missing)} is missing.")
    for item in given:
        values = {one.value for one in spread.get(item.dimension, {}).values()} | {item.value}
        if len(values) > 1 and not item.reason.strip():
            raise Unusable(f"{item.dimension}: people differ here; say why it settles on this value.")


async def settled(session: AsyncSession, calibration: uuid.UUID) -> dict[str, Review]:
    """The reviews a round was settled by, by dimension."""
    query = (
        select(Review)
        .join(CalibrationSettled, CalibrationSettled.review_id == Review.id)
        .where(CalibrationSettled.calibration_id == calibration)
    )
    return {row.dimension: row for row in await session.scalars(query)}


async def names(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """People's names."""
    query = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return {row.id: row.name for row in await session.execute(query)}
