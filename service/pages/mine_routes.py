"""Pages of what is one's own: calls, scores, who looked, what scored them, contests, files, the notice."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.auth import people
from service.calls import routes as calls
from service.calls.listing import Filters, page
from service.calls.store import get
from service.calls.tables import Call
from service.coaching import frameworks
from service.edge import newest_place
from service.mine import store
from service.notice import routes as notices
from service.notice.routes import Read
from service.pages import html, talk
from service.pages.list_routes import STATES
from service.pages.mine_views import LOOKS, in_words, scores
from service.pages.practice_routes import dimensions_of
from service.pages.visits import Visit, Visiting, shaped
from service.practice import example_routes, examples
from service.practice.store import attempt_of_call, self_score_first
from service.privacy import routes as privacy
from service.privacy.looks import one_look
from service.problems import NotFound
from service.reviews import routes as reviewing
from service.reviews import store as reviews
from service.reviews.shapes import ContestIn

router = APIRouter(include_in_schema=False)
Cursor = Annotated[str | None, Query(max_length=500)]
ROWS = 30
NOT_MINE = "There is no such call of yours."


@router.get("/mine")
async def mine(visiting: Visiting, cursor: Cursor = None) -> Response:
    """One's own calls with what people scored, and the ways to everything else."""
    session, who = visiting.session, visiting.who
    found = await page(session, who, Filters(rep=who.id), newest_place(cursor), ROWS)
    return visiting.page(
        "mine.html",
        found=found,
        states=STATES,
        standings=await store.standings(session, [row.id for row in found.items]),
        titles=frameworks.titles(visiting.parts.settings.framework),
        notice=await notices.read(session, who, visiting.parts),
    )


@router.get("/mine/calls/{call_id}")
async def show(call_id: uuid.UUID, visiting: Visiting, cursor: Cursor = None) -> Response:
    """Scores of one's own call, who gave them, what scored it, who looked at it."""
    async with one_look(visiting.session, visiting.who, call_id):
        return await _show(call_id, visiting, cursor)


async def _show(call_id: uuid.UUID, visiting: Visit, cursor: str | None) -> Response:
    session, who = visiting.session, visiting.who
    call = await _own(visiting, call_id)
    view = await calls.call(call_id, Response(), session, who)
    scored = await reviews.scoring(session, call_id) is not None
    contests = await reviewing.contests(call_id, session, who, visiting.parts)
    deciders = {one.decided_by for one in contests if one.decided_by}
    return visiting.page(
        "mine-call.html",
        call=view,
        scores=await _scores(visiting, call, contests) if scored else [],
        deciders={one: (await people.person(session, one)).name for one in deciders},
        waits=await self_score_first(session, who, call) if scored else False,
        scorings=await reviewing.scorings(call_id, session, who),
        log=await privacy.of_call(call_id, session, who, visiting.parts, cursor, ROWS),
        in_words=in_words,
        looks=LOOKS,
        attempt=await attempt_of_call(session, call_id),
        shared=await example_routes.shared(call_id, session, who),
        needs=examples.needs_agreement(call),
        private=call.practice and call.submitted_at is None,
    )


async def _own(visiting: Visit, call_id: uuid.UUID) -> Call:
    call = await get(visiting.session, visiting.who, call_id)
    if call.rep_id != visiting.who.id:
        raise NotFound(NOT_MINE)
    return call


async def _scores(visiting: Visit, call: Call, contests: list[Any]) -> list[Any]:
    """As far as the API sends them."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    found = await reviewing.analysis(call.id, session, who, parts, None)
    given = await reviewing.reviews(call.id, session, who, parts, Response())
    known = dimensions_of(call.framework, call.context)
    titles = {name: one.title for name, one in known.items()}
    document = found.document
    cards: list[talk.Card] = []
    if document.scorecard is not None:
        names = {one.dimension for one in document.scorecard.scores}
        wanted = [one for one in known.values() if one.id in names]
        cards = talk.cards(document, wanted, talk.called(document, who.name))
    return scores(cards, given.reviews, contests, titles)


@router.post("/mine/calls/{call_id}/contest")
async def contest(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Contests a score that a person gave."""
    fields = await visiting.fields()
    said = {"dimension": fields.get("dimension", ""), "reason": fields.get("reason", "").strip()}
    body = shaped(ContestIn, said)
    await reviewing.contest(call_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/mine/calls/{call_id}#score-{body.dimension}", "contested")


@router.post("/mine/calls/{call_id}/share")
async def share(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Agrees that the team may hear the call as an example."""
    await example_routes.share(call_id, visiting.session, visiting.who)
    return html.back(f"/mine/calls/{call_id}#example", "saved")


@router.post("/mine/calls/{call_id}/unshare")
async def unshare(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes that back."""
    await example_routes.take_back(call_id, visiting.session, visiting.who)
    return html.back(f"/mine/calls/{call_id}#example", "saved")


@router.get("/mine/log")
async def log(visiting: Visiting, cursor: Cursor = None) -> Response:
    """Who did what with what is about oneself."""
    found = await privacy.about_me(visiting.session, visiting.who, cursor, ROWS)
    return visiting.page("mine-log.html", log=found, in_words=in_words, looks=LOOKS)


@router.get("/notice")
async def notice(visiting: Visiting) -> Response:
    """What is done with recordings, on what ground, how long."""
    found = await notices.read(visiting.session, visiting.who, visiting.parts)
    return visiting.page("notice.html", notice=found)


@router.post("/notice")
async def acknowledge(visiting: Visiting) -> Response:
    """Keeps that the visitor has read it."""
    body = shaped(Read, await visiting.fields())
    await notices.acknowledge(body, visiting.session, visiting.who, visiting.parts)
    return html.back("/notice", "saved")
