"""Routes of export: one call as JSON, SRT, WebVTT or PDF; many as CSV."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from models.framework import load_framework
from service.auth.permissions import Action, Relation, Who
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call
from service.edge import Db, Parts, PartsOf, Signed, require
from service.export import report, store, subtitles
from service.export.tables_of_calls import header, line, scores
from service.practice.store import self_score_first
from service.privacy.store import record
from service.problems import Conflict, NotFound
from service.result import Result
from service.reviews import blind
from service.reviews import store as reviews

router = APIRouter(tags=["export"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
_PROBLEMS = told(401, 403, 404, 409, 422)


def _answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a route that answers with a file."""
    return {**_PROBLEMS, 200: {"content": {media_type: {}}, "description": "The file."}}


BLIND = "You were drawn to score this call without seeing its draft; score it first, then export it."
SELF_FIRST = "Score your own attempt first, or say that you won't; then export it."
NO_TIMES = "This transcript has no times, so there are no subtitles; export it as JSON instead."


async def _document(
    session: Db, who: Who, parts: Parts, call_id: uuid.UUID, form: str, *, with_scores: bool
) -> tuple[Call, Result]:
    """The call and its newest document; every export is in the log."""
    call = await calls.get(session, who, call_id, Action.CALL_EXPORT)
    found = await reviews.scoring(session, call.id)
    if found is None:
        raise NotFound(reviews.NOT_SCORED)
    if with_scores and await blind.pending(session, who, call, parts.settings.blind_share):
        raise Conflict(BLIND)
    if with_scores and await self_score_first(session, who, call):
        raise Conflict(SELF_FIRST)
    record(session, who, "exported", about=call.rep_id, call=call.id, form=form)
    return call, Result.model_validate(await reviews.document(session, call, found))


def _file(body: str | bytes, media_type: str, name: str) -> Response:
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get(
    "/calls/{call_id}/export.json",
    summary="A call's analysis as a file",
    responses=_answers("application/json"),
)
async def as_json(call_id: CallId, response: Response, session: Db, who: Signed, parts: PartsOf) -> Result:
    """The document that `ridealong analyze --json` prints (docs/result.md)."""
    response.headers["Content-Disposition"] = f'attachment; filename="{call_id}.json"'
    return (await _document(session, who, parts, call_id, "json", with_scores=True))[1]


@router.get(
    "/calls/{call_id}/export.srt",
    summary="The transcript as SubRip subtitles",
    responses=_answers("application/x-subrip"),
    response_class=Response,
)
async def as_srt(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> Response:
    """Speakers stand before their words."""
    _, document = await _document(session, who, parts, call_id, "srt", with_scores=False)
    if not any(subtitles.cues(document.transcript)):
        raise Conflict(NO_TIMES)
    return _file(subtitles.srt(document.transcript), "application/x-subrip", f"{call_id}.srt")


@router.get(
    "/calls/{call_id}/export.vtt",
    summary="The transcript as WebVTT subtitles",
    responses=_answers("text/vtt"),
    response_class=Response,
)
async def as_vtt(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> Response:
    """Speakers are voice tags."""
    _, document = await _document(session, who, parts, call_id, "vtt", with_scores=False)
    if not any(subtitles.cues(document.transcript)):
        raise Conflict(NO_TIMES)
    return _file(subtitles.vtt(document.transcript), "text/vtt", f"{call_id}.vtt")


@router.get(
    "/calls/{call_id}/export.pdf",
    summary="The scorecard as a PDF",
    responses=_answers("application/pdf"),
    response_class=Response,
)
async def as_pdf(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> Response:
    """People's scores, drafts marked as drafts, the quotes they rest on, and the transcript."""
    call, document = await _document(session, who, parts, call_id, "pdf", with_scores=True)
    given = {
        row.dimension: report.Given(row.value, name, f"{row.at:%Y-%m-%d}", row.reason)
        for row, name in await reviews.reviews(session, call.id)
    }
    facts = [
        ("Account", call.account),
        ("Type", call.call_type),
        ("Date", call.happened_on),
        ("Scored by", f"{document.scorecard.model_version}" if document.scorecard else None),
    ]
    heading = report.Heading(call.title, [(name, str(value)) for name, value in facts if value])
    return _file(report.pdf(heading, document, given), "application/pdf", f"{call_id}.pdf")


@router.get(
    "/export/calls.csv",
    summary="Calls and scores as CSV",
    responses=_answers("text/csv"),
    response_class=StreamingResponse,
)
async def as_csv(
    session: Db,
    who: Signed,
    parts: PartsOf,
    team: Annotated[uuid.UUID | None, Query(description="Only this team's.")] = None,
    rep: Annotated[uuid.UUID | None, Query(description="Only this rep's.")] = None,
) -> StreamingResponse:
    """Every call one may export, newest first; where one still reads blind the scores are left empty."""
    require(who, Action.CALL_EXPORT, frozenset({Relation.OWN}))
    for about in (None, *await store.reps(session, who, team=team, rep=rep)):
        record(session, who, "calls exported", about=about, team=str(team) if team else None)
    return StreamingResponse(
        _lines(parts, who, team, rep),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="calls.csv"'},
    )


async def _lines(parts: Parts, who: Who, team: uuid.UUID | None, rep: uuid.UUID | None) -> AsyncIterator[str]:
    dimensions = [dimension.id for dimension in load_framework(parts.settings.framework).dimensions]
    yield line(header(dimensions))
    async with parts.database.transaction() as session:
        found = store.rows(session, who, team=team, rep=rep, blind_share=parts.settings.blind_share)
        async for row in found:
            call = row.call
            minutes = None if call.seconds is None else round(call.seconds / 60, 1)
            facts = [
                str(call.id),
                call.title,
                row.team,
                row.rep,
                call.account,
                call.call_type,
                call.happened_on,
                call.practice,
                minutes,
                call.framework,
                row.scoring.model_version if row.scoring else None,
                not row.shown,
            ]
            yield line([*facts, *scores(dimensions, row.drafts, row.given)])
