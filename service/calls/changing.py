"""Editing what is said of a call: consent lets it go on or holds it, other parts make results out of date."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from service.auth.permissions import Who
from service.calls.details import Described, WrongDetail, framework_of, rep_of
from service.calls.ingest import NO_CONSENT
from service.calls.stages import STAGES, cancel, mark_stale, queue_analysis
from service.calls.store import touch
from service.calls.tables import Call, State
from service.privacy import store as audit
from service.problems import Conflict
from service.settings import Settings

FIRST_STAGE = {
    "language": "recognise",
    "rep_speaker": "annotate",
    "happened_on": "annotate",
    "framework": "score",
    "context": "score",
}
"""The first stage that depends on a part of the metadata; parts that aren't here touch no result."""
SUBMITTED = (
    "This attempt is submitted, so what it is scored by stays as it was; ask your manager to correct it, "
    "or make another attempt."
)


def refuse_submitted(who: Who, call: Call) -> None:
    """Go on unless a rep would have their own attempt scored anew after handing it in.

    Raises:
        Conflict: they would.
    """
    if call.practice and call.submitted_at is not None and call.rep_id == who.id:
        raise Conflict(SUBMITTED)


async def change(session: AsyncSession, settings: Settings, who: Who, call: Call, edit: Described) -> None:
    """Apply the parts of an edit that were given, None being "not known"; the audit entry names the fields.

    Raises:
        Conflict: the rep would have an attempt scored anew that they have submitted.
        Forbidden: the call would become somebody's for whom the person may not upload.
        WrongDetail: a value can't be used.
    """
    values = await _values(session, settings, who, call, edit)
    changed = {name for name, value in values.items() if getattr(call, name) != value}
    if not changed:
        return
    if changed & FIRST_STAGE.keys():
        refuse_submitted(who, call)
    for name in changed:
        setattr(call, name, values[name])
    touch(call)
    await _follow(session, call, changed)
    audit.record(session, who, "call.edited", about=call.rep_id, call=call.id, fields=sorted(changed))


async def _values(
    session: AsyncSession, settings: Settings, who: Who, call: Call, edit: Described
) -> dict[str, Any]:
    values: dict[str, Any] = edit.model_dump(exclude_unset=True)
    if "title" in values and values["title"] is None:
        raise WrongDetail("title", "can't be empty; give the call a name")
    if "rep" in values:
        rep = await rep_of(session, who, call.team_id, values.pop("rep"))
        if call.practice and rep != call.rep_id:
            raise WrongDetail("rep", "practice stays with whoever practised")
        values["rep_id"] = rep
    if values.keys() & {"framework", "context"}:
        framework = values.get("framework", call.framework)
        # A context belongs to its framework: another framework without one named has none.
        kept = call.context if framework == call.framework else None
        values["framework"], values["context"] = framework_of(
            settings, framework, values.get("context", kept)
        )
    return values


async def _follow(session: AsyncSession, call: Call, changed: set[str]) -> None:
    """What has to happen to the analysis after an edit."""
    if call.consent is None and "consent" in changed:
        call.state = State.QUARANTINED  # before anything is written: the table demands both at once
        await cancel(session, call)
        call.state, call.reason = State.QUARANTINED, NO_CONSENT
    stages = [FIRST_STAGE[name] for name in changed if name in FIRST_STAGE]
    if call.transcript is not None:  # nothing was recognised
        stages = ["annotate" if stage == "recognise" else stage for stage in stages]
    if stages:
        await mark_stale(session, call, min(stages, key=STAGES.index))
    if call.consent is not None and call.state == State.QUARANTINED:
        await queue_analysis(session, call)
