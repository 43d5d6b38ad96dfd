"""What coaching adds to a call's page: a decision on practice, contests, notes for the rep, calibrations."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from models.errors import CallError
from models.framework import load_framework
from service.auth.permissions import Action
from service.calls.store import allowed
from service.calls.tables import Call
from service.coaching import calibration_routes, calibrations, note_routes
from service.pages.html import clock
from service.pages.visits import Visit
from service.practice import attempt_routes
from service.practice import store as practice
from service.result import Result
from service.reviews import routes as reviewing

MOMENTS = 60  # to choose the one from that decided an attempt
_QUOTE = 70  # characters of each in that list


async def panel(visiting: Visit, call: Call, analysed: Mapping[str, Any] | None) -> dict[str, Any]:
    """As far as the API tells this visitor."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    notes = await note_routes.of_call(call.id, session, who, parts)
    may_calibrate = analysed is not None and allowed(who, Action.CALIBRATE, call)
    could = await calibrations.could_take_part(session, call) if may_calibrate else {}
    contests = await reviewing.contests(call.id, session, who, parts) if analysed else []
    return {
        **await _attempt(visiting, call, analysed),
        "notes": notes,
        "mine": next((one for one in notes if one.by_id == who.id), None),
        "may_note": allowed(who, Action.NOTE_WRITE, call),
        "titles": titles(call),
        "contests": contests,
        "may_decide_contests": allowed(who, Action.CONTEST_DECIDE, call),
        "rounds": await calibration_routes.of_call(call.id, session, who) if may_calibrate else [],
        "awaited": await calibrations.awaiting(session, who, call.id) if may_calibrate else None,
        "could": could if len(could) >= calibrations.LEAST else {},
    }


def titles(call: Call) -> dict[str, str]:
    """Titles of a call's dimensions by id; none where its framework is gone."""
    try:
        return {one.id: one.title for one in load_framework(call.framework, call.context).dimensions}
    except CallError:
        return {}


async def _attempt(visiting: Visit, call: Call, analysed: Mapping[str, Any] | None) -> dict[str, Any]:
    """The attempt that a submitted practice recording is, for those who aren't its rep."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    row = await practice.attempt_of_call(session, call.id) if call.practice else None
    if row is None or row.submitted_at is None or call.rep_id == who.id:
        return {"attempt": None, "attempt_version": "", "may_decide": False, "moments": {}}
    answer = Response()
    attempt = await attempt_routes.attempt(row.id, answer, session, who, parts)
    hidden = analysed is None or analysed["blind"]
    return {
        "attempt": attempt,
        "attempt_version": answer.headers["ETag"].strip('"'),
        "may_decide": allowed(who, Action.ATTEMPT_DECIDE, call) and not hidden,
        "moments": {} if analysed is None or hidden else moments(analysed["document"]),
    }


def moments(document: Result) -> dict[str, str]:
    """Evidence that a decision may point at: its position, and its time with the first of its words."""
    return {
        str(at): f"{clock(item.start_time) or f'turn {item.turn + 1}'} {item.quote[:_QUOTE]}"
        for at, item in enumerate(document.evidence[:MOMENTS])
    }
