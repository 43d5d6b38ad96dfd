"""API tokens of one's own: made with what they may do and for how long, shown once, revoked."""

import uuid

from fastapi import APIRouter, Response

from service.auth import account_routes as api
from service.auth.permissions import Action
from service.auth.shapes import TokenMade, TokenWanted
from service.pages import html
from service.pages.visits import Visit, Visiting, shaped

router = APIRouter(prefix="/account/tokens", include_in_schema=False)
MAY = {
    Action.CALL_VIEW: "read calls",
    Action.CALL_UPLOAD: "upload calls",
    Action.CALL_EDIT: "edit calls and transcripts",
    Action.CALL_RUN: "run and stop analyses",
    Action.CALL_DELETE: "delete calls",
    Action.CALL_EXPORT: "export calls",
    Action.CALL_REVIEW: "score calls",
    Action.REVIEWS_EXPORT: "export scores for training",
    Action.CALL_COMMENT: "comment",
    Action.CALL_CONTEST: "contest scores",
    Action.CONTEST_DECIDE: "decide contests",
    Action.NOTE_WRITE: "write coaching notes",
    Action.CALIBRATE: "take part in calibration",
    Action.AGREEMENT_VIEW: "read how far drafts and people agree",
    Action.LEARNING_VIEW: "read what was learned from scores",
    Action.LEARNING_EDIT: "decide on what was learned",
    Action.CALL_HOLD: "keep calls whatever their age",
    Action.PRACTISE: "practise",
    Action.SCENARIO_VIEW: "read scenarios",
    Action.SCENARIO_EDIT: "edit scenarios",
    Action.ATTEMPT_DECIDE: "decide on practice",
    Action.TEAM_VIEW: "read teams",
    Action.WEBHOOK_EDIT: "edit webhooks",
    Action.AUDIT_OWN: "read the log about oneself",
    Action.PEOPLE_EDIT: "edit people and teams",
    Action.SETTINGS_EDIT: "edit settings",
    Action.ACCOUNT: "edit the account",
}
"""What a scope is for, in words; one that isn't here is shown by its own name."""
DAYS = {30: "a month", 90: "three months", 366: "a year"}


@router.get("")
async def show(visiting: Visiting) -> Response:
    """Tokens that work, and a form for another."""
    return await _page(visiting)


async def _page(visiting: Visit, made: TokenMade | None = None) -> Response:
    return visiting.page(
        "tokens.html",
        tokens=await api.tokens(visiting.session, visiting.who),
        scopes={action.value: MAY.get(action, action.value) for action in Action},
        days=DAYS,
        made=made,
    )


@router.post("")
async def make(visiting: Visiting) -> Response:
    """Makes a token and shows its secret, this once."""
    form = await visiting.request.form()
    fields = await visiting.fields()
    wanted = {"name": fields.get("name"), "days": fields.get("days"), "scopes": form.getlist("scopes")}
    body = shaped(TokenWanted, wanted)
    made = await api.make_token(body, Response(), visiting.session, visiting.who)
    return await _page(visiting, made)


@router.post("/{token_id}/revoke")
async def revoke(token_id: uuid.UUID, visiting: Visiting) -> Response:
    """Ends a token at once."""
    await api.revoke_token(token_id, visiting.session, visiting.who)
    return html.back("/account/tokens", "removed")
