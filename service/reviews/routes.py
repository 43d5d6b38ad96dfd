"""Routes of scorings, reviews, contests and comments."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.agreement import people_only
from service.agreement import store as agreement
from service.auth.permissions import Action, Who, to_team
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call, Scoring
from service.edge import Db, Parts, PartsOf, Signed, check_tag, etag, require
from service.practice import store as practice
from service.privacy.store import kept, record
from service.problems import Conflict, NotFound
from service.reviews import blind, contest_routes, store
from service.reviews.shapes import (
    AnalysisOut,
    CommentIn,
    CommentOut,
    ContestIn,
    ContestOut,
    DecisionIn,
    ReviewIn,
    ReviewOut,
    ReviewsOut,
    ScoringOut,
    without_scores,
)
from service.reviews.store import Given
from service.webhooks.store import emit

router = APIRouter(tags=["reviews"])
router.include_router(contest_routes.router)
CallId = Annotated[uuid.UUID, Path(description="The call.")]
_PROBLEMS = told(401, 403, 404, 422)
_EDIT_PROBLEMS = told(401, 403, 404, 409, 412, 422, 428)


@router.get(
    "/calls/{call_id}/analysis", summary="The newest analysis of a call, or an older one", responses=_PROBLEMS
)
async def analysis(
    call_id: CallId,
    session: Db,
    who: Signed,
    parts: PartsOf,
    number: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Of the scoring; default the newest.")
    ] = None,
) -> AnalysisOut:
    """Transcript, evidence, features and draft scores.

    A reviewer drawn for a blind read gets no scores before their own are in, and a rep none of an attempt
    that they have not scored themselves (or said that they won't).
    """
    call = await calls.get(session, who, call_id)
    found = await store.scoring(session, call.id, number)
    if found is None:
        raise NotFound(store.NOT_SCORED)
    hidden = await blind.pending(session, who, call, parts.settings.blind_share)
    first = await practice.self_score_first(session, who, call)
    record(
        session,
        who,
        "analysis viewed",
        about=call.rep_id,
        call=call.id,
        scoring=found.number,
        scores=not (hidden or first),
    )
    document = await store.document(session, call, found)
    if hidden or first:
        document = without_scores(document)
    return AnalysisOut.model_validate(
        {"scoring": _scoring(found), "blind": hidden, "self_score_first": first, "document": document}
    )


def _scoring(row: Scoring) -> ScoringOut:
    return ScoringOut(**{name: getattr(row, name) for name in ScoringOut.model_fields})


@router.get("/calls/{call_id}/scorings", summary="What has scored a call, newest first", responses=_PROBLEMS)
async def scorings(call_id: CallId, session: Db, who: Signed) -> list[ScoringOut]:
    """Old scorings are never rewritten; `analysis?number=` shows them."""
    call = await calls.get(session, who, call_id)
    return [_scoring(row) for row in await store.scorings(session, call.id)]


@router.get("/calls/{call_id}/reviews", summary="What people say of a call's scores", responses=_PROBLEMS)
async def reviews(
    call_id: CallId, session: Db, who: Signed, parts: PartsOf, response: Response
) -> ReviewsOut:
    """All reviews, oldest first, and what counts now. The ETag goes with a new review."""
    call = await calls.get(session, who, call_id)
    record(session, who, "reviews viewed", about=call.rep_id, call=call.id)
    return await _reviews(session, who, parts, response, call)


async def _reviews(session: Db, who: Who, parts: Parts, response: Response, call: Call) -> ReviewsOut:
    given = await store.reviews(session, call.id)
    response.headers["ETag"] = etag(len(given))
    if await blind.pending(session, who, call, parts.settings.blind_share):
        return ReviewsOut(blind=True, reviews=[], confirmed={})
    withheld = await people_only.dimensions(session, call.team_id)
    return ReviewsOut(
        blind=False,
        reviews=[ReviewOut.of(row, name, withheld=row.dimension in withheld) for row, name in given],
        confirmed={name: row.value for name, row in store.confirmed(given).items()},
    )


@router.post(
    "/calls/{call_id}/reviews", summary="Accept or override drafts", status_code=201, responses=_EDIT_PROBLEMS
)
async def review(
    call_id: CallId,
    body: ReviewIn,
    request: Request,
    response: Response,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> ReviewsOut:
    """Reviews are only ever added. If-Match takes the ETag of the reviews that were read.

    A first review of somebody drawn for a blind read has to hold every dimension.
    """
    call = await calls.get(session, who, call_id, Action.CALL_REVIEW, lock=True)
    before = await store.reviews(session, call.id)
    check_tag(request, len(before))
    if await blind.in_round(session, who, call.id):
        raise Conflict("You are in an open calibration round of this call; give your scores there first.")
    hidden = await blind.pending(session, who, call, parts.settings.blind_share)
    given = [Given(item.dimension, item.value, item.reason) for item in body.scores]
    rows = await store.add_reviews(session, who, call, body.scoring, given, blind=hidden)
    for row in rows:
        record(
            session,
            who,
            "score reviewed",
            about=call.rep_id,
            call=call.id,
            dimension=row.dimension,
            draft=row.draft,
            value=row.value,
            blind=row.blind,
        )
    if hidden:
        found = await agreement.pairs(session, call.team_id)
        await agreement.watch(session, parts.settings, call.team_id, found)
    names = sorted(row.dimension for row in rows)
    await emit(session, parts.queue, call.team_id, "score.reviewed", call=call.id, dimensions=names)
    return await _reviews(session, who, parts, response, call)


@router.get("/calls/{call_id}/contests", summary="Contested scores of a call", responses=_PROBLEMS)
async def contests(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> list[ContestOut]:
    """Oldest first; none are sent to a reviewer who still reads the call blind."""
    call = await calls.get(session, who, call_id)
    if await blind.pending(session, who, call, parts.settings.blind_share):
        return []
    return [ContestOut.of(row) for row in await store.contests(session, call.id)]


@router.post(
    "/calls/{call_id}/contests",
    summary="Contest a score of one's own",
    status_code=201,
    responses=_EDIT_PROBLEMS,
)
async def contest(call_id: CallId, body: ContestIn, session: Db, who: Signed, parts: PartsOf) -> ContestOut:
    """Only the rep of the call can, and only a score that a person has confirmed; another person decides."""
    call = await calls.get(session, who, call_id, Action.CALL_CONTEST, lock=True)
    row = await store.contest(session, who, call, body.dimension, body.reason)
    record(session, who, "score contested", about=call.rep_id, call=call.id, dimension=row.dimension)
    await emit(
        session, parts.queue, call.team_id, "score.contested", call=call.id, dimensions=[row.dimension]
    )
    return ContestOut.of(row)


@router.post("/contests/{contest_id}/decision", summary="Decide a contested score", responses=_EDIT_PROBLEMS)
async def decide(
    contest_id: Annotated[uuid.UUID, Path(description="The contest.")],
    body: DecisionIn,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> ContestOut:
    """Whoever decides isn't the rep nor gave the score; theirs counts from now on."""
    row = await store.contest_of(session, contest_id)
    call = await calls.get(session, who, row.call_id, Action.CONTEST_DECIDE, lock=True)
    await store.decide(session, who, row, body.decision)
    if await blind.pending(session, who, call, parts.settings.blind_share):
        raise Conflict("You were drawn to read this call blind; score all of it first, then decide.")
    given = [Given(row.dimension, body.value, body.decision)]
    await store.add_reviews(session, who, call, None, given, blind=False)
    record(
        session,
        who,
        "contest decided",
        about=call.rep_id,
        call=call.id,
        dimension=row.dimension,
        value=body.value,
    )
    await session.flush()
    await session.refresh(row)
    return ContestOut.of(row)


@router.get("/calls/{call_id}/comments", summary="Comments on a call", responses=_PROBLEMS)
async def comments(call_id: CallId, session: Db, who: Signed) -> list[CommentOut]:
    """In the order of the call; those on the whole of it first."""
    call = await calls.get(session, who, call_id)
    return [CommentOut.of(row, name) for row, name in await store.comments(session, call.id)]


@router.post("/calls/{call_id}/comments", summary="Comment on a moment", status_code=201, responses=_PROBLEMS)
async def comment(call_id: CallId, body: CommentIn, session: Db, who: Signed) -> CommentOut:
    """`seconds` from the start of the call, or null for the whole of it."""
    call = await calls.get(session, who, call_id, Action.CALL_COMMENT)
    row = await store.comment(session, who, call.id, body.words, body.seconds)
    record(session, who, "comment made", about=call.rep_id, call=call.id)
    return CommentOut.of(row, who.name)


@router.delete(
    "/calls/{call_id}/comments/{comment_id}",
    summary="Take back a comment of one's own",
    status_code=204,
    responses=_PROBLEMS,
)
async def remove_comment(call_id: CallId, comment_id: uuid.UUID, session: Db, who: Signed) -> None:
    """The audit log keeps that there was one."""
    call = await calls.get(session, who, call_id, Action.CALL_COMMENT)
    await store.remove_comment(session, who, call.id, comment_id)
    record(session, who, "comment removed", about=call.rep_id, call=call.id)


@router.get(
    "/teams/{team_id}/reviews.jsonl",
    summary="A team's reviews, for training",
    response_class=StreamingResponse,
    responses={
        **_PROBLEMS,
        200: {"content": {"application/x-ndjson": {}}, "description": "One review a line."},
    },
)
async def export(
    team_id: Annotated[uuid.UUID, Path(description="The team.")], session: Db, who: Signed, parts: PartsOf
) -> StreamingResponse:
    """As `ridealong train scorer --reviews` takes them: features and scores; no words, no names.

    Calls that one still has to score blind are left out.
    """
    require(who, Action.REVIEWS_EXPORT, to_team(who, team_id))
    shown = await blind.open_to(session, who, parts.settings.blind_share)
    for rep in (None, *await store.reviewed_reps(session, team_id, shown)):
        record(session, who, "reviews exported", about=rep, team=str(team_id))
    return StreamingResponse(_lines(parts, who, team_id), media_type="application/x-ndjson")


async def _lines(parts: Parts, who: Who, team: uuid.UUID) -> AsyncIterator[str]:
    async with parts.database.transaction() as session:
        shown = await blind.open_to(session, who, parts.settings.blind_share)
        async for row in store.exported(session, team, shown):
            yield json.dumps(row) + "\n"
        async for row in kept(session, team):
            yield json.dumps(row) + "\n"
