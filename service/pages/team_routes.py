"""The page of a team: who needs a look and why. By name; nobody is ranked."""

import datetime as dt
import uuid
import zoneinfo
from dataclasses import dataclass

from fastapi import APIRouter, Query, Response

from service.auth import people
from service.auth.permissions import MAY, Action, Who, to_call, to_team
from service.auth.tables import Person
from service.edge import require
from service.pages import html, team_reasons
from service.pages import profile_store as store
from service.pages.profile_figures import FEWEST
from service.pages.profiles import Profile, profiles
from service.pages.visits import Visit, Visiting
from service.privacy.store import record
from service.problems import NotFound
from service.reviews import blind

router = APIRouter(prefix="/teams", include_in_schema=False)
LOOKS = Action.CALL_REVIEW  # whoever reviews a team's calls may see where a look is needed


@dataclass(frozen=True, slots=True)
class Row:
    """A rep of the team with the reasons to look."""

    rep: Person
    profile: Profile
    reasons: list[str]


@router.get("")
async def mine(visiting: Visiting) -> Response:
    """The teams whose reps the visitor looks after; with one of them, its page."""
    who = visiting.who
    found = await people.teams(visiting.session, list(who.managed() | who.coaching()))
    if len(found) == 1:
        return html.back(f"/teams/{found[0].id}")
    return visiting.page("teams.html", teams=found)


@router.get("/{team_id}")
async def show(team_id: uuid.UUID, visiting: Visiting, look: str = Query("", max_length=10)) -> Response:
    """Reps by name: all of the team for its managers, their own for coaches."""
    session, who = visiting.session, visiting.who
    if team_id not in who.teams:
        raise NotFound(people.NO_TEAM)
    require(who, LOOKS, to_team(who, team_id))
    team = await people.team(session, team_id)
    rows = await _rows(visiting, await _reps(visiting, who, team_id))
    for row in rows:
        record(session, who, "team overview viewed", about=row.rep.id, team=str(team_id))
    return visiting.page(
        "team.html",
        team=team,
        rows=[row for row in rows if row.reasons] if look else rows,
        all=len(rows),
        look=bool(look),
        fewest=FEWEST,
        reasons=team_reasons,
    )


async def _reps(visiting: Visit, who: Who, team: uuid.UUID) -> list[Person]:
    """Reps of a team whose calls the visitor reviews, by name; not the visitor."""
    return [
        member
        for member, roles in await people.members(visiting.session, team)
        if "rep" in roles
        and member.id != who.id
        and member.disabled_at is None
        and to_call(who, team=team, rep=member.id) & MAY[LOOKS]
    ]


async def _rows(visiting: Visit, reps: list[Person]) -> list[Row]:
    session, who = visiting.session, visiting.who
    ids = [rep.id for rep in reps]
    found = await profiles(visiting, ids)
    open_to = await blind.open_to(session, who, visiting.parts.settings.blind_share)
    contested = await store.contested(session, [call for one in found.values() for call in one.calls])
    reviewed = await store.last_reviews(session, who, ids, open_to)
    zone = zoneinfo.ZoneInfo(who.time_zone)
    today = dt.datetime.now(zone).date()
    return [
        Row(
            rep,
            found[rep.id],
            team_reasons.reasons(
                found[rep.id].figures,
                contested=contested.get(rep.id, 0),
                last_call=found[rep.id].calls[0].day if found[rep.id].calls else None,
                last_review=reviewed[rep.id].astimezone(zone).date() if rep.id in reviewed else None,
                today=today,
            ),
        )
        for rep in reps
    ]
