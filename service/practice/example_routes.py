"""Routes of examples: what a scenario's good call says, its sound, and the word of the rep in it."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from service.auth.permissions import Action, to_team
from service.auth.told import told
from service.calls import revisions, sound_routes, stored
from service.calls import store as calls
from service.edge import Db, PartsOf, Signed, require
from service.practice import examples, store
from service.practice.scenario_routes import ScenarioId
from service.practice.shapes import ExampleOut, ExampleTurn, SharedOut
from service.privacy.store import record
from service.problems import NotFound

router = APIRouter(tags=["practice"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
_PROBLEMS = told(401, 403, 404, 422)
_SOUND: dict[int | str, dict[str, Any]] = {**_PROBLEMS, **sound_routes.SOUND}


@router.get("/scenarios/{scenario_id}/example", summary="A scenario's example", responses=_PROBLEMS)
async def example(scenario_id: ScenarioId, session: Db, who: Signed) -> ExampleOut:
    """What is said in it, for everybody in the team; no scores. 404 once its rep takes their word back."""
    task = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, task.team_id))
    call = await examples.example(session, task)
    record(session, who, "example viewed", about=call.rep_id, call=call.id, scenario=str(task.id))
    found = await revisions.newest(session, call.id)
    turns = []
    if found is not None:
        rep = stored.rep_of(found.body, call.rep_speaker)
        for turn in stored.transcript_in(found.body).turns:
            start = turn.words[0].start if turn.words else None
            speaker = turn.speaker if rep is None else "rep" if turn.speaker == rep else "buyer"
            turns.append(ExampleTurn(speaker=speaker, start=start, text=turn.text))
    return ExampleOut(
        title=call.title, seconds=call.seconds, has_sound=call.recording_id is not None, turns=turns
    )


@router.get(
    "/scenarios/{scenario_id}/example/audio",
    summary="Listen to a scenario's example",
    response_class=StreamingResponse,
    responses=_SOUND,
)
async def audio(
    scenario_id: ScenarioId,
    request: Request,
    session: Db,
    who: Signed,
    parts: PartsOf,
    range_: Annotated[str | None, Header(alias="Range", description="Such as bytes=0-65535.")] = None,
    if_range: Annotated[str | None, Header(description="The ETag that the range is of.")] = None,
) -> Response:
    """The recording of the example, whole or the range that the Range header asks for."""
    task = await store.scenario(session, who, scenario_id)
    require(who, Action.SCENARIO_VIEW, to_team(who, task.team_id))
    call = await examples.example(session, task)
    return await sound_routes.of_call(session, who, parts, call, request.method, range_, if_range)


@router.get("/calls/{call_id}/shared", summary="Whether a call may be an example", responses=_PROBLEMS)
async def shared(call_id: CallId, session: Db, who: Signed) -> SharedOut:
    """What its rep said, for the rep."""
    call = await calls.get(session, who, call_id, Action.PRACTISE)
    found = await examples.agreement(session, call)
    return SharedOut(shared=found is not None, at=found.at if found else None)


@router.put(
    "/calls/{call_id}/shared",
    summary="Agree that a call of one's own may be an example",
    responses=told(401, 403, 404, 409, 422),
)
async def share(call_id: CallId, session: Db, who: Signed) -> SharedOut:
    """The team may then hear it and read it, without scores, where a scenario names it."""
    call = await calls.get(session, who, call_id, Action.PRACTISE, lock=True)
    found = await examples.share(session, who, call)
    record(session, who, "example agreed", about=call.rep_id, call=call.id)
    return SharedOut(shared=True, at=found.at)


@router.delete(
    "/calls/{call_id}/shared", summary="Take that agreement back", status_code=204, responses=_PROBLEMS
)
async def take_back(call_id: CallId, session: Db, who: Signed) -> None:
    """From now on nobody hears it as an example."""
    call = await calls.get(session, who, call_id, Action.PRACTISE, lock=True)
    if await examples.agreement(session, call) is None:
        raise NotFound("You haven't agreed that this call is an example.")
    await examples.take_back(session, call)
    record(session, who, "example taken back", about=call.rep_id, call=call.id)
