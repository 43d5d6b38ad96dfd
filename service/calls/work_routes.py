"""Routes about the analysis of a call: progress, running it again, cancelling it, and its transcript."""

import asyncio
import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from service.auth.permissions import Action, Relation
from service.auth.told import told
from service.calls import edits, events, progress, revisions, stages, stored
from service.calls.changing import refuse_submitted
from service.calls.progress import Progress
from service.calls.store import NO_CALL, get, touch
from service.calls.tables import Call, StageState, State, TranscriptRevision
from service.edge import MOST_ROWS, Db, PartsOf, Signed, check_tag, etag, require
from service.privacy import store as audit
from service.problems import Conflict, NotFound, Unusable

router = APIRouter(tags=["work"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
_UNCHANGED = "Nothing would change; send turns, speakers or rep as they should be."
_QUARANTINED = "Nobody has said on what ground this call may be analysed; set its consent first."


class WordShown(BaseModel):
    """A word; seconds and probability are null where they are not known."""

    text: str
    start: float | None
    end: float | None
    probability: float | None


class TurnShown(BaseModel):
    """Words of one speaker."""

    speaker: str
    text: str
    words: list[WordShown]


class TranscriptShown(BaseModel):
    """A transcript as it stood. `made_by` is null for the machine's; `rep` where nobody said who that is."""

    revision: int
    newest: int
    made_by: uuid.UUID | None
    made_at: dt.datetime
    note: str
    language: str | None
    duration: float | None
    rep: str | None
    speakers: list[str]
    turns: list[TurnShown]


class TurnWritten(BaseModel):
    """A turn as it should read."""

    speaker: str = Field(min_length=1, max_length=edits.LONGEST_LABEL)
    text: str = Field(max_length=500_000)


class TranscriptEdit(BaseModel):
    """What to change: all turns as they should read, or names of speakers, or who the rep is, or several.

    `speakers` renames all at once: `{"left": "right", "right": "left"}` swaps two, and with them the roles.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"turns": [{"speaker": "left", "text": "How do you book patients?"}], "note": "misheard"},
                {"speakers": {"left": "right", "right": "left"}},
                {"rep": "right"},
            ]
        },
    )

    turns: list[TurnWritten] | None = None
    speakers: dict[str, str] = Field(default_factory=dict, max_length=50)
    rep: str | None = Field(None, max_length=edits.LONGEST_LABEL)
    note: str = Field("", max_length=500)


class RevisionShown(BaseModel):
    """One of the transcripts that a call had."""

    revision: int
    made_by: uuid.UUID | None
    made_at: dt.datetime
    note: str


@router.get("/calls/{call_id}/progress", summary="How far a call is", responses=told(401, 404, 422))
async def call_progress(call_id: CallId, session: Db, who: Signed) -> Progress:
    """Stage, share, minutes done and an estimate of the rest, by the speed measured on earlier calls."""
    found = await progress.of_calls(session, who, [call_id])
    if not found:
        raise NotFound(NO_CALL)
    return found[0]


@router.get(
    "/calls/{call_id}/events",
    summary="Follow a call's progress",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **told(401, 404, 422)},
)
async def call_events(call_id: CallId, session: Db, who: Signed, parts: PartsOf) -> EventSourceResponse:
    """Server-sent events: `progress` at first and whenever it changes, `end` when the call is done."""
    await get(session, who, call_id)
    return events.stream(parts, who, [call_id])


@router.get(
    "/events",
    summary="Follow several calls",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **told(401, 403, 422)},
)
async def list_events(
    who: Signed,
    parts: PartsOf,
    ids: Annotated[list[uuid.UUID], Query(min_length=1, max_length=MOST_ROWS, description="The calls.")],
) -> EventSourceResponse:
    """As for one call; of calls that aren't for you, nothing is told."""
    require(who, Action.CALL_VIEW, frozenset({Relation.OWN}))
    return events.stream(parts, who, ids)


@router.post(
    "/calls/{call_id}/stages/{name}",
    summary="Run a stage again",
    status_code=202,
    responses=told(401, 403, 404, 409, 422),
)
async def run_stage(
    call_id: CallId,
    name: Annotated[str, Path(description=f"One of {', '.join(stages.STAGES)}.")],
    session: Db,
    who: Signed,
) -> Progress:
    """The stage and those that depend on it; earlier scorings stay beside the new one."""
    if name not in stages.STAGES:
        raise Unusable(f"name: there is no such stage; choose of {', '.join(stages.STAGES)}.")
    call = await get(session, who, call_id, Action.CALL_RUN, lock=True)
    refuse_submitted(who, call)
    _refuse_quarantined(call)
    if call.sound_deleted_at is not None and name in stages.OF_SOUND:
        raise Conflict(stages.NO_SOUND)
    await stages.mark_stale(session, call, name, run=True)
    audit.record(session, who, "call.run", about=call.rep_id, call=call.id, stage=name)
    return await call_progress(call_id, session, who)


@router.post(
    "/calls/{call_id}/retry",
    summary="Try a call again",
    status_code=202,
    responses=told(401, 403, 404, 409, 422),
)
async def retry(call_id: CallId, session: Db, who: Signed) -> Progress:
    """Take up a call that failed or was cancelled where it stopped; finished stages are not repeated."""
    call = await get(session, who, call_id, Action.CALL_RUN, lock=True)
    _refuse_quarantined(call)
    if call.state not in (State.FAILED, State.CANCELLED):
        raise Conflict("This call neither failed nor was cancelled; run a stage again instead.")
    await stages.try_again(session, call)
    audit.record(session, who, "call.retried", about=call.rep_id, call=call.id)
    return await call_progress(call_id, session, who)


@router.post(
    "/calls/{call_id}/cancel",
    summary="Cancel a call's analysis",
    status_code=202,
    responses=told(401, 403, 404, 409, 422),
)
async def cancel(call_id: CallId, session: Db, who: Signed) -> Progress:
    """Works at any time; what is finished stays, and `/retry` takes up the rest."""
    call = await get(session, who, call_id, Action.CALL_RUN, lock=True)
    if call.state not in (*stages.ALIVE, State.CANCELLED):
        raise Conflict("Nothing of this call is being analysed.")
    if call.state != State.CANCELLED:
        await stages.cancel(session, call)
        audit.record(session, who, "call.cancelled", about=call.rep_id, call=call.id)
    return await call_progress(call_id, session, who)


@router.get("/calls/{call_id}/transcript", summary="Read a transcript", responses=told(401, 404, 409, 422))
async def transcript(
    call_id: CallId,
    response: Response,
    session: Db,
    who: Signed,
    revision: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="An earlier one.")] = None,
) -> TranscriptShown:
    """The newest one, or an earlier one as it stood. `ETag` is that of the newest, for edits."""
    call = await get(session, who, call_id)
    newest = await _newest(session, call)
    found = newest if revision is None else await revisions.by_number(session, call.id, revision)
    if found is None:
        raise NotFound(f"revision: the transcript has {newest.revision} of them.")
    audit.record(
        session, who, "call.transcript_viewed", about=call.rep_id, call=call.id, revision=found.revision
    )
    response.headers["ETag"] = etag(newest.revision)
    return _shown(found, newest.revision)


@router.get(
    "/calls/{call_id}/transcript/revisions", summary="A transcript's history", responses=told(401, 404, 422)
)
async def history(call_id: CallId, session: Db, who: Signed) -> list[RevisionShown]:
    """Who changed it and when, newest first."""
    call = await get(session, who, call_id)
    return [
        RevisionShown(revision=one.revision, made_by=one.made_by, made_at=one.made_at, note=one.note)
        for one in await revisions.all_of(session, call.id)
    ]


@router.put(
    "/calls/{call_id}/transcript",
    summary="Correct a transcript",
    responses=told(401, 403, 404, 409, 412, 422, 428),
)
async def correct(
    call_id: CallId, body: TranscriptEdit, request: Request, response: Response, session: Db, who: Signed
) -> TranscriptShown:
    """Makes a new revision, and has evidence and scores made again of it. Needs `If-Match`.

    Words that stay keep their times; the revisions before stay readable.
    """
    call = await get(session, who, call_id, Action.CALL_EDIT, lock=True)
    refuse_submitted(who, call)
    newest = await _newest(session, call)
    making = await stages.states(session, call.id)
    if making["recognise"] != StageState.DONE or making["diarise"] != StageState.DONE:
        raise Conflict("The transcript is being made anew; wait until that is done, or cancel it.")
    check_tag(request, newest.revision)
    if body.turns is None and not body.speakers and body.rep is None:
        raise Unusable(_UNCHANGED)
    made = await asyncio.to_thread(_edited, newest.body, call.rep_speaker, body)
    if made == newest.body:
        raise Unusable(_UNCHANGED)
    added = await revisions.add(session, call.id, made, by=who.id, note=edits.storable(body.note))
    touch(call)
    await stages.mark_stale(session, call, "annotate")
    audit.record(
        session, who, "call.transcript_edited", about=call.rep_id, call=call.id, revision=added.revision
    )
    response.headers["ETag"] = etag(added.revision)
    return _shown(added, added.revision)


def _edited(body: dict[str, Any], said_rep: str | None, edit: TranscriptEdit) -> dict[str, Any]:
    before = stored.transcript_in(body)
    after = before
    if edit.turns is not None:
        after = edits.edited(before, [edits.Said(turn.speaker, turn.text) for turn in edit.turns])
    if edit.speakers:
        after = edits.relabelled(after, edit.speakers)
    rep = edits.rep_after(before, after, stored.rep_of(body, said_rep), edit.rep)
    made = stored.transcript_out(after)
    return {**made, "rep": rep, "rep_said": said_rep} if rep is not None or "rep" in body else made


async def _newest(session: Db, call: Call) -> TranscriptRevision:
    found = await revisions.newest(session, call.id)
    if found is None:
        raise Conflict("There is no transcript yet; wait until the call is recognised and diarised.")
    return found


def _refuse_quarantined(call: Call) -> None:
    if call.state == State.QUARANTINED:
        raise Conflict(_QUARANTINED)


def _shown(found: TranscriptRevision, newest: int) -> TranscriptShown:
    transcript = stored.transcript_in(found.body)
    return TranscriptShown(
        revision=found.revision,
        newest=newest,
        made_by=found.made_by,
        made_at=found.made_at,
        note=found.note,
        language=transcript.language,
        duration=transcript.duration,
        rep=found.body.get("rep"),
        speakers=list(transcript.speakers),
        turns=[
            TurnShown(
                speaker=turn.speaker,
                text=turn.text,
                words=[
                    WordShown(text=word.text, start=word.start, end=word.end, probability=word.probability)
                    for word in turn.words
                ],
            )
            for turn in transcript.turns
        ],
    )
