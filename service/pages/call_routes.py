"""The page of a call: sound, transcript, score cards, comments, and what people do with them."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Response
from fastapi.responses import JSONResponse

from models.errors import CallError
from models.framework import Dimension, load_framework
from service.auth.permissions import Action
from service.calls import progress, revisions, stored, waveforms, work_routes
from service.calls import routes as api
from service.calls.details import Described
from service.calls.store import allowed, get
from service.calls.tables import Call, State
from service.calls.views import CallView
from service.learning.comparing import compared
from service.pages import coach_panel, html, talk
from service.pages.uploading import reps_for
from service.pages.visits import Visit, Visiting, as_edit, shaped
from service.privacy import keeping_routes
from service.privacy.looks import one_look
from service.problems import NotFound, Unusable
from service.reviews import routes as reviewing
from service.reviews import store as reviews
from service.reviews.shapes import CommentIn, ReviewIn

router = APIRouter(prefix="/calls/{call_id}", include_in_schema=False)
SCORES = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "none": None}
SHOWS = (
    Action.CALL_EDIT,
    Action.CALL_RUN,
    Action.CALL_DELETE,
    Action.CALL_HOLD,
    Action.CALL_REVIEW,
    Action.CALL_COMMENT,
)


@router.get("")
async def show(
    call_id: uuid.UUID,
    visiting: Visiting,
    kind: Annotated[list[str] | None, Query()] = None,
    correct: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> Response:
    """Everything about a call that the visitor may see now; `correct` opens a turn's words for correction."""
    async with one_look(visiting.session, visiting.who, call_id):
        return await _show(call_id, visiting, kind, correct)


async def _show(call_id: uuid.UUID, visiting: Visit, kind: list[str] | None, correct: int | None) -> Response:
    session, who = visiting.session, visiting.who
    call = await get(session, who, call_id)
    view = await api.call(call_id, Response(), session, who)
    scored = bool(await reviews.scorings(session, call_id))
    newest = await revisions.outline(session, call_id) if scored else None
    analysed = await _analysed(visiting, view, set(kind) if kind else None, newest) if scored else None
    edits = allowed(who, Action.CALL_EDIT, call)
    return visiting.page(
        "call.html",
        call=view,
        may={action.name: allowed(who, action, call) for action in SHOWS},
        progress=await work_routes.call_progress(call_id, session, who),
        analysed=analysed,
        speakers=_speakers(newest, call) if newest and edits else None,
        reps={
            **({str(view.rep.id): view.rep.name} if view.rep else {}),
            **await reps_for(session, who, call.team_id),
        },
        comments=await reviewing.comments(call_id, session, who),
        hold=await keeping_routes.hold(call_id, session, who),
        coaching=await coach_panel.panel(visiting, call, analysed),
        moving=call.state in progress.MOVING,
        correct=correct,
        quarantined=call.state == State.QUARANTINED,
    )


async def _analysed(
    visiting: Visit, view: CallView, kinds: set[str] | None, newest: revisions.Outline | None
) -> dict[str, Any]:
    """Transcript, evidence and scores, as far as the API sends them to this visitor."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    found = await reviewing.analysis(view.id, session, who, parts, None)
    answer = Response()
    given = await reviewing.reviews(view.id, session, who, parts, answer)
    document = found.document
    names = talk.called(document, view.rep.name if view.rep else None)
    there = talk.kinds_found(document)
    shown = frozenset(kinds & there.keys()) if kinds else frozenset(there)
    dimensions = await _dimensions(visiting, view, found.scoring.id)
    lines = talk.lines(document, names, shown)
    corrected = newest is not None and newest.revision != found.scoring.revision
    if newest is not None and corrected:
        now = await revisions.by_number(session, view.id, newest.revision)
        turns = stored.transcript_in(now.body).turns if now else ()
        lines = talk.as_corrected(lines, [turn.text for turn in turns])
    return {
        "corrected": corrected,
        "scoring": found.scoring,
        "weights": await compared(session, await get(session, who, view.id)),
        "blind": found.blind,
        "self_score_first": found.self_score_first,
        "document": document,
        "kinds": there,
        "shown": shown,
        "lines": lines,
        "course": talk.course(document, names),
        "cards": talk.cards(document, dimensions, names),
        "reviews": given,
        "newest": {one.dimension: one for one in given.reviews},
        "version": answer.headers["ETag"].strip('"'),
    }


async def _dimensions(visiting: Visit, view: CallView, scoring: uuid.UUID) -> list[Dimension]:
    """What the call is scored on; only what its scoring holds, should the framework have changed since."""
    names = await reviews.drafts(visiting.session, scoring)
    try:
        known = load_framework(view.framework, view.context).dimensions
    except CallError:
        known = ()
    kept = [one for one in known if one.id in names]
    missing = [
        Dimension(name, name.replace("_", " ").capitalize(), "", "", 3, (), ())
        for name in sorted(names.keys() - {one.id for one in kept})
    ]
    return [*kept, *missing]


def _speakers(newest: revisions.Outline, call: Call) -> dict[str, Any]:
    """Labels of the newest transcript, who of them is the rep, and its revision."""
    return {
        "labels": list(newest.labels),
        "rep": stored.rep_of(newest.body, call.rep_speaker),
        "revision": newest.revision,
    }


@router.get("/waveform.json")
async def waveform(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """How loud the recording is from beginning to end, a list for each side; 202 while a worker draws it."""
    session = visiting.session
    call = await get(session, visiting.who, call_id)
    if call.recording_id is None:
        raise NotFound("There is no recording of this call to draw.")
    made = await waveforms.kept(session, call.recording_id)
    if made is None:
        if call.state not in progress.MOVING:  # else the recording is about to be decoded anyway
            await waveforms.ask(session, visiting.parts, call.recording_id)
        return JSONResponse({"peaks": None}, 202, {"Retry-After": "2", "Cache-Control": "no-store"})
    if not made["peaks"]:
        raise NotFound("The recording can't be drawn; it may still be heard.")
    labels = {one["label"]: one["name"] for one in await reviews.speakers(session, call_id)}
    names = ("left", "right") if len(made["peaks"]) == 2 else ("",)
    sides = [talk.side(labels.get(name, "rep")) for name in names]
    return JSONResponse({**made, "sides": sides}, headers={"Cache-Control": "private, max-age=3600"})


@router.post("/reviews")
async def review(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes the visitor's scores: one dimension, or all of them in a blind read."""
    fields = await visiting.fields()
    names = [fields["dimension"]] if "dimension" in fields else fields.get("dimensions", "").split()
    scores = []
    for name in names:
        value = fields.get(f"value-{name}")
        if value not in SCORES:
            raise Unusable(f"{name}: choose a score from 1 to 5, or that it wasn't observed.")
        reason = fields.get(f"reason-{name}", "")
        scores.append({"dimension": name, "value": SCORES[value], "reason": reason})
    body = shaped(ReviewIn, {"scoring": fields.get("scoring"), "scores": scores})
    request = as_edit(visiting.request, fields.get("version"))
    await reviewing.review(call_id, body, request, Response(), visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calls/{call_id}#scores")


@router.post("/comments")
async def comment(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """A comment at a moment, given as 12:34 or in seconds, or on the whole call."""
    fields = await visiting.fields()
    body = shaped(CommentIn, {"words": fields.get("words", ""), "seconds": seconds_of(fields.get("at", ""))})
    await reviewing.comment(call_id, body, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}#comments")


def seconds_of(text: str) -> float | None:
    """A moment as people write it: 83, 1:23, 1:02:03; None for none.

    Raises:
        Unusable: it isn't one.
    """
    if not text.strip():
        return None
    try:
        numbers = [float(part) for part in text.strip().split(":")]
    except ValueError:
        raise Unusable("at: give the moment as 12:34, or leave it empty for the whole call.") from None
    total = 0.0
    for number in numbers:
        total = total * 60 + number
    return total


@router.post("/comments/{comment_id}/remove")
async def uncomment(call_id: uuid.UUID, comment_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes back a comment of the visitor's own."""
    await reviewing.remove_comment(call_id, comment_id, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}#comments")


@router.post("/speakers")
async def speakers(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Renames speakers, swaps two, or says who the rep is; marks and scores are made anew."""
    fields = await visiting.fields()
    call = await get(visiting.session, visiting.who, call_id, Action.CALL_EDIT)
    newest = await revisions.outline(visiting.session, call.id)
    if newest is None:
        raise NotFound("There is no transcript yet; wait until the call is recognised.")
    known = _speakers(newest, call)
    labels = known["labels"]
    if "swap" in fields and len(labels) == 2:
        names = {labels[0]: labels[1], labels[1]: labels[0]}
        rep = None
    else:
        given = {label: fields.get(f"name-{at}", label).strip() for at, label in enumerate(labels)}
        names = {label: name for label, name in given.items() if name and name != label}
        chosen = dict(zip(map(str, range(len(labels))), labels, strict=True)).get(fields.get("rep", ""))
        rep = given[chosen] or chosen if chosen and chosen != known["rep"] else None
    body = shaped(work_routes.TranscriptEdit, {"speakers": names, "rep": rep, "note": "speakers"})
    request = as_edit(visiting.request, fields.get("revision"))
    await work_routes.correct(call_id, body, request, Response(), visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "saved")


@router.post("/details")
async def details(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Changes what is said of the call; consent lets a quarantined one be analysed."""
    fields = await visiting.fields()
    request = as_edit(visiting.request, fields.pop("version", None))
    call = await get(visiting.session, visiting.who, call_id)
    if fields.get("rep") == str(call.rep_id or ""):
        del fields["rep"]  # a rep who has left stays the call's
    body = shaped(Described, fields)
    await api.edit(call_id, body, request, Response(), visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calls/{call_id}", "saved")


@router.post("/retry")
async def retry(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Takes a failed or cancelled call up again."""
    await work_routes.retry(call_id, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "started")


@router.post("/cancel")
async def cancel(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Stops the analysis."""
    await work_routes.cancel(call_id, visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}", "stopped")


@router.post("/delete")
async def delete(call_id: uuid.UUID, visiting: Visiting, after: BackgroundTasks) -> Response:
    """Deletes the call with everything of it."""
    await api.delete(call_id, visiting.session, visiting.who, visiting.parts, after)
    answer = html.back("/calls", "deleted")
    answer.background = after
    return answer
