"""All queries about agreement: blind pairs, times in which drafts are withheld, who accepts how much."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.agreement.figures import Accepted, Figures, Pair, accepts_everything, figures, people_only
from service.agreement.tables import AcceptanceNote, PeopleOnly
from service.auth.tables import Membership, Person
from service.calls.tables import Call, Scoring
from service.privacy.store import record
from service.reviews.tables import Review
from service.settings import Settings

WINDOW = 300  # of the newest pairs of a dimension: so that a better model is not held to its predecessor's
LOOK_BACK = dt.timedelta(days=90)
GRACE = dt.timedelta(days=7)
GRACE_REVIEWS = 20


async def pairs(session: AsyncSession, team: uuid.UUID) -> dict[str, list[Pair]]:
    """The newest blind pairs of a team by dimension; pairs without a score on either side aren't any."""
    ranked = (
        select(
            Review.dimension,
            Review.call_id,
            Review.value,
            Review.draft,
            Review.at,
            (Scoring.framework_version + " / " + Scoring.model_version).label("version"),
            func.row_number().over(partition_by=Review.dimension, order_by=Review.at.desc()).label("place"),
        )
        .join(Call, Call.id == Review.call_id)
        .join(Scoring, Scoring.id == Review.scoring_id)
        .where(Call.team_id == team, Review.blind, Review.value.is_not(None), Review.draft.is_not(None))
        .subquery()
    )
    found: dict[str, list[Pair]] = {}
    for row in await session.execute(select(ranked).where(ranked.c.place <= WINDOW)):
        pair = Pair(row.call_id, row.value, row.draft, row.at, row.version)
        found.setdefault(row.dimension, []).append(pair)
    return found


async def withheld(session: AsyncSession, team: uuid.UUID) -> dict[str, PeopleOnly]:
    """The dimensions whose drafts are withheld now, with the figures that began it."""
    query = select(PeopleOnly).where(PeopleOnly.team_id == team, PeopleOnly.ended_at.is_(None))
    return {row.dimension: row for row in await session.scalars(query)}


async def watch(
    session: AsyncSession, settings: Settings, team: uuid.UUID, found: Mapping[str, Sequence[Pair]]
) -> dict[str, Figures | None]:
    """Withhold or give back drafts as the pairs say; the figures by dimension. Every turn is in the log."""
    before = await withheld(session, team)
    result: dict[str, Figures | None] = {}
    for dimension in found.keys() | before.keys():
        result[dimension] = measured = figures(found.get(dimension, ()))
        now = people_only(
            measured,
            floor=settings.agreement_floor,
            least=settings.agreement_pairs,
            already=dimension in before,
        )
        if now and dimension not in before and measured is not None:
            await _begin(session, team, dimension, measured)
        elif not now and dimension in before:
            row = before[dimension]
            await session.execute(
                update(PeopleOnly)
                .where(PeopleOnly.id == row.id, PeopleOnly.ended_at.is_(None))
                .values(ended_at=func.clock_timestamp())
            )
            record(session, None, "drafts shown again", team=str(team), dimension=dimension)
    return result


async def _begin(session: AsyncSession, team: uuid.UUID, dimension: str, measured: Figures) -> None:
    row = insert(PeopleOnly).values(
        id=uuid.uuid4(),
        team_id=team,
        dimension=dimension,
        kappa=measured.kappa,
        low=measured.low,
        high=measured.high,
        pairs=measured.pairs,
    )
    # Two blind reads may come at once; both see the same floor.
    await session.execute(row.on_conflict_do_nothing())
    record(
        session,
        None,
        "drafts withheld",
        team=str(team),
        dimension=dimension,
        kappa=round(measured.kappa, 3),
        pairs=measured.pairs,
    )


async def acceptance(session: AsyncSession, team: uuid.UUID) -> dict[uuid.UUID, tuple[str, Accepted]]:
    """How often each reviewer of a team left drafts as they were, of late; only of drafts they were shown."""
    reviewers = select(Membership.person_id).where(
        Membership.team_id == team, Membership.role.in_(("manager", "coach"))
    )
    hidden = (
        select(PeopleOnly.id)
        .where(
            PeopleOnly.team_id == team,
            PeopleOnly.dimension == Review.dimension,
            PeopleOnly.since <= Review.at,
            or_(PeopleOnly.ended_at.is_(None), PeopleOnly.ended_at > Review.at),
        )
        .exists()
    )
    query = (
        select(
            Review.reviewer_id,
            Person.name,
            func.count(),
            func.count().filter(Review.value == Review.draft),
        )
        .join(Person, Person.id == Review.reviewer_id)
        .join(Call, and_(Call.id == Review.call_id, Call.team_id == team))
        .where(
            Review.reviewer_id.in_(reviewers),
            Review.at > dt.datetime.now(dt.UTC) - LOOK_BACK,
            ~Review.blind,
            Review.draft.is_not(None),
            ~hidden,
        )
        .group_by(Review.reviewer_id, Person.name)
    )
    return {one: (name, Accepted(given, same)) for one, name, given, same in await session.execute(query)}


def others(found: Mapping[uuid.UUID, tuple[str, Accepted]], one: uuid.UUID) -> Accepted:
    """All reviewers but one, taken together."""
    rest = [counts for person, (_, counts) in found.items() if person != one]
    return Accepted(sum(counts.given for counts in rest), sum(counts.accepted for counts in rest))


async def told_first(
    session: AsyncSession, team: uuid.UUID, person: uuid.UUID
) -> tuple[Accepted, Accepted] | None:
    """Somebody's own acceptance and their colleagues', where it should make them think; noted as told.

    Once it no longer holds, the note is gone, and another would be shown to them first again.
    """
    found = await acceptance(session, team)
    _, mine = found.get(person, ("", Accepted(0, 0)))
    theirs = others(found, person)
    if not accepts_everything(mine, theirs):
        await session.execute(
            delete(AcceptanceNote).where(AcceptanceNote.team_id == team, AcceptanceNote.person_id == person)
        )
        return None
    row = insert(AcceptanceNote).values(team_id=team, person_id=person)
    await session.execute(row.on_conflict_do_nothing())
    return mine, theirs


async def told_later(
    session: AsyncSession, team: uuid.UUID, manager: uuid.UUID
) -> list[tuple[uuid.UUID, str, Accepted]]:
    """Reviewers who were told a week or `GRACE_REVIEWS` reviews ago and go on; by name."""
    notes = await session.scalars(select(AcceptanceNote).where(AcceptanceNote.team_id == team))
    told = {note.person_id: note.told_at for note in notes}
    found = await acceptance(session, team) if told else {}
    late = []
    for person, at in told.items():
        name, mine = found.get(person, ("", Accepted(0, 0)))
        if person == manager or not accepts_everything(mine, others(found, person)):
            continue
        since = await session.scalar(select(func.count()).where(Review.reviewer_id == person, Review.at > at))
        if at <= dt.datetime.now(dt.UTC) - GRACE or (since or 0) >= GRACE_REVIEWS:
            late.append((person, name, mine))
    return sorted(late, key=lambda one: one[1].lower())
