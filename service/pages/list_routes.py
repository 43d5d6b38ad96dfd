"""The list of calls, and the page by which they come in."""

import datetime as dt
import uuid
import zoneinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from service.auth import people
from service.auth.permissions import Who
from service.calls import progress
from service.calls.listing import Filters, page
from service.calls.tables import State
from service.calls.upload_routes import MOST_FILES, SMALL, limited_form
from service.calls.who import who_asks
from service.edge import CSRF_HEADER, PartsOf, newest_place
from service.pages import finding, html, uploading
from service.pages.visits import Visit, Visiting
from service.reviews import standing

router = APIRouter(prefix="/calls", include_in_schema=False)
ROWS = 50
STATES = {
    State.QUARANTINED: "Needs consent",
    State.QUEUED: "Waiting",
    State.RUNNING: "Being analysed",
    State.DONE: "Ready",
    State.FAILED: "Failed",
    State.CANCELLED: "Stopped",
}
REVIEWED = {
    standing.Wanted.OPEN: "Not reviewed yet, or in part",
    standing.Wanted.REVIEWED: "Reviewed",
}
FIRST = {standing.Wanted.FIRST: "Yours to score first"}
"""Of reviewers only: nobody else is drawn for a blind read."""


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@router.get("")
async def calls(
    visiting: Visiting,
    text: Annotated[str, Query(max_length=200)] = "",
    state: str = "",
    rep: str = "",
    since: str = "",
    until: str = "",
    words: Annotated[str, Query(max_length=400)] = "",
    label: Annotated[str, Query(max_length=40)] = "",
    dimension: Annotated[str, Query(max_length=60)] = "",
    score: Annotated[str, Query(max_length=10)] = "",
    reviewed: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Calls that the visitor may see, newest first; with words to look for, the turns they were said in."""
    asked = {"text": text, "state": state, "rep": rep, "since": since, "until": until}
    asked |= {"reviewed": reviewed, "words": words, "label": label, "dimension": dimension, "score": score}
    wanted = finding.Wanted(words.replace("\x00", "").strip(), label, dimension.replace("\x00", ""), score)
    shared: dict[str, Any] = {
        "states": STATES,
        "reviews": REVIEWED | (FIRST if visiting.who.managed() or visiting.who.coaching() else {}),
        "reps": await _reps(visiting.session, visiting.who),
        "labels": finding.LABELS,
        "dimensions": finding.dimensions(visiting),
        "scores": finding.SCORES,
        "asked": asked,
        "filtered": any(asked.values()),
    }
    if wanted.words:
        hits, following = await finding.hits(
            visiting,
            wanted,
            rep=_id(rep),
            since=_day(since),
            until=_day(until),
            cursor=cursor,
            limit=ROWS,
        )
        return visiting.page("hits.html", hits=hits, next=following, **shared)
    return await _list(visiting, wanted, asked, cursor, shared)


async def _list(
    visiting: Visit, wanted: finding.Wanted, asked: dict[str, str], cursor: str | None, shared: dict[str, Any]
) -> Response:
    session, who = visiting.session, visiting.who
    filters = Filters(
        rep=_id(asked["rep"]),
        state=next((known for known in State if known == asked["state"]), None),
        since=_day(asked["since"]),
        until=_day(asked["until"]),
        text=asked["text"].replace("\x00", "").strip() or None,
    )
    conditions = await finding.conditions(visiting, wanted)
    share = visiting.parts.settings.blind_share
    stands = next((known for known in standing.Wanted if known == asked["reviewed"]), None)
    if stands is not None:
        conditions.append(await standing.condition(session, who, stands, share))
    found = await page(session, who, filters, newest_place(cursor), ROWS, *conditions)
    moving = [row.id for row in found.items if row.state in progress.MOVING]
    on_the_way = {one.call: one for one in await progress.of_calls(session, who, moving)}
    stand = await standing.of_calls(session, who, [row.id for row in found.items], share)
    return visiting.page("calls.html", found=found, moving=on_the_way, stand=stand, **shared)


async def _reps(session: AsyncSession, who: Who) -> dict[str, str]:
    """Everybody whose calls the visitor may filter for."""
    found: dict[str, str] = {}
    for team in who.teams:
        found |= await uploading.reps_for(session, who, team)
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))


@router.get("/upload")
async def upload_form(visiting: Visiting) -> Response:
    """Files, on what ground they may be analysed, whose they are; defaults as last time."""
    return await _upload(visiting)


async def _upload(visiting: Visit, outcomes: list[uploading.Outcome] | None = None) -> Response:
    teams = await people.teams(visiting.session, list(visiting.who.teams))
    reps = {str(team.id): await uploading.reps_for(visiting.session, visiting.who, team.id) for team in teams}
    return visiting.page(
        "upload.html",
        teams=teams,
        reps=reps,
        consent=uploading.CONSENT,
        last=uploading.remembered(visiting.request),
        outcomes=outcomes,
        largest=visiting.parts.settings.largest_upload,
        today=dt.datetime.now(zoneinfo.ZoneInfo(visiting.who.time_zone)).date(),
    )


@router.post("/upload")
async def upload(request: Request, parts: PartsOf) -> Response:
    """Takes files in without JavaScript; each is told what became of it."""
    # Who it is, is known before the body is read; the form's CSRF token is checked once it has come.
    async with parts.database.transaction() as session:
        await who_asks(Request({**request.scope, "method": "GET"}), session)
    most = min(SMALL, parts.settings.largest_upload)
    async with limited_form(request, most, files=MOST_FILES) as form:
        token = str(form.get("csrf_token", "")).encode("ascii", "replace")
        headers = [*request.scope["headers"], (CSRF_HEADER.lower().encode(), token)]
        async with parts.database.transaction() as session:
            who = await who_asks(Request({**request.scope, "headers": headers}), session)
        outcomes = await uploading.take_all(parts, who, form)
        said = uploading.said(form)
    if all(one.call and not one.known for one in outcomes):
        answer: Response = html.back("/calls")
    else:
        async with parts.database.transaction() as session:
            answer = await _upload(Visit(request, session, who, parts), outcomes)
    uploading.remember(answer, said)
    return answer
