"""Routes of agreement: a team's figures, and what a reviewer is told of their own reviewing."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from service.agreement import store
from service.agreement.figures import ENOUGH_REVIEWS, Figures, Pair, drift
from service.agreement.shapes import (
    AcceptanceOut,
    AgreementOut,
    DimensionOut,
    FiguresOut,
    ReviewerOut,
    SpellOut,
)
from service.agreement.tables import PeopleOnly
from service.auth.permissions import Action, Relation, to_team
from service.auth.told import told
from service.coaching.frameworks import current, titles
from service.edge import Db, PartsOf, Signed, require
from service.privacy.store import record
from service.problems import NotFound
from service.settings import Settings

router = APIRouter(tags=["agreement"])


@router.get(
    "/teams/{team_id}/agreement",
    summary="Drafts against people, from blind reads",
    responses=told(401, 403, 404, 422),
)
async def agreement(
    team_id: Annotated[uuid.UUID, Path(description="The team.")], session: Db, who: Signed, parts: PartsOf
) -> AgreementOut:
    """For the team's managers and coaches. From now on a dimension under its floor is withheld."""
    relations = to_team(who, team_id)
    if Relation.MEMBER not in relations:
        raise NotFound("There is no such team, or you aren't part of it.")
    require(who, Action.AGREEMENT_VIEW, relations)
    settings = parts.settings
    found = await store.pairs(session, team_id)
    measured = await store.watch(session, settings, team_id, found)
    withheld = await store.withheld(session, team_id)
    record(session, who, "agreement viewed", team=str(team_id))
    manages = Relation.MANAGES in relations
    late = await store.told_later(session, team_id, who.id) if manages else []
    names = titles(settings.framework)
    return AgreementOut(
        team=team_id,
        floor=settings.agreement_floor,
        least=settings.agreement_pairs,
        dimensions=[
            _dimension(
                name,
                names.get(name, name.replace("_", " ").capitalize()),
                found.get(name, []),
                measured.get(name),
                withheld.get(name),
                settings,
            )
            for name in [*names, *sorted(found.keys() - names.keys())]
            if name in found or name in current(settings.framework)
        ],
        reviewers=[
            ReviewerOut(id=person, name=name, given=counts.given, accepted=counts.accepted)
            for person, name, counts in late
        ],
    )


def _dimension(
    name: str,
    title: str,
    pairs: Sequence[Pair],
    measured: Figures | None,
    withheld: PeopleOnly | None,
    settings: Settings,
) -> DimensionOut:
    enough = measured is not None and measured.pairs >= settings.agreement_pairs
    return DimensionOut(
        dimension=name,
        title=title,
        pairs=len(pairs),
        figures=FiguresOut.of(measured) if measured is not None and enough else None,
        people_only=withheld is not None,
        since=withheld.since if withheld else None,
        says=_says(measured if enough else None, len(pairs), withheld, settings),
        months=_spells(drift(pairs, lambda pair: f"{pair.at:%Y-%m}")) if enough else [],
        versions=_spells(drift(pairs, lambda pair: pair.version)) if enough else [],
    )


def _says(found: Figures | None, pairs: int, withheld: PeopleOnly | None, settings: Settings) -> str:
    if withheld is not None:
        return (
            f"People only: on {withheld.pairs} blind reads kappa was {withheld.kappa:.2f} "
            f"({withheld.low:.2f} to {withheld.high:.2f}), below the floor of {settings.agreement_floor:.2f}."
            " Its drafts are withheld until kappa on blind reads reaches the floor."
        )
    if found is None:
        return f"Not enough blind reads: {pairs} of {settings.agreement_pairs}."
    if found.low >= settings.agreement_floor:
        return "Drafts and people agree well enough for drafts to be shown."
    return "Drafts are shown; more blind reads will tell whether they agree well enough."


def _spells(found: Sequence[tuple[str, int, Figures | None]]) -> list[SpellOut]:
    return [
        SpellOut(
            name=name,
            pairs=count,
            kappa=round(figures.kappa, 4) if figures else None,
            bias=round(figures.bias, 4) if figures else None,
        )
        for name, count, figures in found
    ]


@router.get(
    "/me/acceptance", summary="Whether one accepts nearly every draft, by team", responses=told(401, 403)
)
async def acceptance(session: Db, who: Signed) -> list[AcceptanceOut]:
    """Empty where there is nothing to say. Whoever is told here is told before their manager is."""
    require(who, Action.ACCOUNT)
    found = []
    for team in sorted(who.managed() | who.coaching()):
        counts = await store.told_first(session, team, who.id)
        if counts:
            mine, theirs = counts
            share = theirs.share if theirs.given >= ENOUGH_REVIEWS else None
            found.append(AcceptanceOut(team=team, given=mine.given, accepted=mine.accepted, colleagues=share))
    return found
