"""Words of a call corrected on its page, a turn at a time."""

import uuid

from fastapi import APIRouter, Response

from service.auth.permissions import Action
from service.calls import revisions, stored, work_routes
from service.calls.store import get
from service.pages import html
from service.pages.visits import Visiting, as_edit, shaped
from service.problems import Changed, NotFound

router = APIRouter(prefix="/calls/{call_id}/turns", include_in_schema=False)


@router.post("/{number}")
async def correct(call_id: uuid.UUID, number: int, visiting: Visiting) -> Response:
    """Takes a turn's words as they should read; evidence and drafts are made again of the new transcript."""
    fields = await visiting.fields()
    call = await get(visiting.session, visiting.who, call_id, Action.CALL_EDIT)
    newest = await revisions.newest(visiting.session, call.id)
    turns = stored.transcript_in(newest.body).turns if newest else ()
    if not 0 <= number < len(turns):
        raise NotFound("There is no such turn; open the call again.")
    if fields.get("turns") != str(len(turns)):
        raise Changed("Turns were added or taken out since you read the call; open it again.")
    written = [{"speaker": turn.speaker, "text": turn.text} for turn in turns]
    written[number]["text"] = fields.get("words", "")
    body = shaped(work_routes.TranscriptEdit, {"turns": written, "note": f"turn {number + 1}"})
    request = as_edit(visiting.request, fields.get("revision"))
    await work_routes.correct(call_id, body, request, Response(), visiting.session, visiting.who)
    return html.back(f"/calls/{call_id}#turn-{number}", "saved")
