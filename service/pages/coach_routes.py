"""Pages of a coach: the queue, and what is done on a call's page: decide, note, open a calibration."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from service.agreement import routes as agreement
from service.auth import people
from service.coaching import calibration_routes, note_routes, queue_routes
from service.coaching.calibration_shapes import CalibrationIn
from service.coaching.note_routes import NoteIn
from service.coaching.queue import Kind
from service.pages import html
from service.pages.visits import Visiting, as_edit, shaped
from service.practice import attempt_routes
from service.practice.shapes import DecisionIn as PracticeDecision
from service.problems import Forbidden, Unusable
from service.reviews import routes as reviewing
from service.reviews.shapes import DecisionIn as ContestDecision

router = APIRouter(include_in_schema=False)
SCORES = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "none": None}
KINDS = {
    Kind.PRACTICE: "Practice",
    Kind.CONTEST: "Contested",
    Kind.CALIBRATION: "Calibration",
    Kind.BLIND: "Blind reads",
    Kind.BELOW_THRESHOLD: "Below threshold",
    Kind.LOW_CONFIDENCE: "Unsure drafts",
}
ONE_OF = {
    **KINDS,
    Kind.BLIND: "Blind read",
    Kind.LOW_CONFIDENCE: "Unsure draft",
}
WHERE = {
    Kind.PRACTICE: "#decision",
    Kind.CONTEST: "#contests",
    Kind.BLIND: "#scores",
    Kind.BELOW_THRESHOLD: "#scores",
    Kind.LOW_CONFIDENCE: "#scores",
}
"""The part of a call's page that something in the queue is about."""


@router.get("/queue")
async def queue(
    visiting: Visiting,
    kind: Annotated[str, Query(max_length=30)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """What waits for the visitor, what is due first on top; a note if they accept every draft."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    if not who.managed() and not who.coaching():
        raise Forbidden("The queue is for managers and coaches; your own calls are under Calls.")
    wanted = next((known for known in Kind if known == kind), None)
    found = await queue_routes.queue(session, who, parts, wanted, cursor, 50)
    teams = await people.teams(session, list(who.managed() | who.coaching()))
    return visiting.page(
        "queue.html",
        found=found,
        kinds=KINDS,
        one_of=ONE_OF,
        kind=wanted,
        where=WHERE,
        acceptance=await agreement.acceptance(session, who),
        teams={team.id: team.name for team in teams},
        days=parts.settings.queue_days,
    )


@router.post("/calls/{call_id}/decision")
async def decide(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """Passed, or not yet."""
    fields = await visiting.fields()
    body = shaped(
        PracticeDecision,
        {
            "passed": {"yes": True, "no": False}.get(fields.get("passed", "")),
            "reason": fields.get("reason", ""),
            "evidence": fields.get("evidence") or None,
        },
    )
    await attempt_routes.decide(
        _id(fields.get("attempt")),
        body,
        as_edit(visiting.request, fields.get("version")),
        Response(),
        visiting.session,
        visiting.who,
        visiting.parts,
    )
    return html.back(f"/calls/{call_id}#decision", "saved")


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise Unusable("The form lacks what it is about; reload the page and try again.") from None


@router.post("/calls/{call_id}/contests/{contest_id}")
async def decide_contest(call_id: uuid.UUID, contest_id: uuid.UUID, visiting: Visiting) -> Response:
    """The score that counts from now on, and why."""
    fields = await visiting.fields()
    value = fields.get("value", "")
    if value not in SCORES:
        raise Unusable("value: choose a score from 1 to 5, or that it wasn't observed.")
    body = shaped(ContestDecision, {"value": SCORES[value], "decision": fields.get("decision", "")})
    await reviewing.decide(contest_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calls/{call_id}#contests", "saved")


@router.post("/calls/{call_id}/notes")
async def write(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """A first note of the visitor's for the rep."""
    body = shaped(NoteIn, _note(await visiting.fields()))
    await note_routes.write(call_id, body, visiting.session, visiting.who, Response())
    return html.back(f"/calls/{call_id}#notes", "saved")


@router.post("/calls/{call_id}/notes/{note_id}")
async def edit(call_id: uuid.UUID, note_id: uuid.UUID, visiting: Visiting) -> Response:
    """Another version of the visitor's note."""
    fields = await visiting.fields()
    request: Request = as_edit(visiting.request, fields.get("version"))
    body = shaped(NoteIn, _note(fields))
    await note_routes.edit(note_id, body, request, visiting.session, visiting.who, Response())
    return html.back(f"/calls/{call_id}#notes", "saved")


def _note(fields: dict[str, str]) -> dict[str, Any]:
    names = ("went_well", "differently", "practise", "skill", "next_on")
    given: dict[str, Any] = {name: fields.get(name, "").strip() for name in names}
    return {**given, "skill": given["skill"] or None, "next_on": given["next_on"] or None}


@router.post("/calls/{call_id}/calibrations")
async def begin(call_id: uuid.UUID, visiting: Visiting) -> Response:
    """A calibration with the people whose boxes are ticked."""
    form = await visiting.request.form()
    body = shaped(
        CalibrationIn, {"people": form.getlist("people"), "question": str(form.get("question", ""))}
    )
    made = await calibration_routes.begin(call_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calibrations/{made.id}")
