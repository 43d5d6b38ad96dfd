"""API tokens of one's own: made with what they may do and for how long, shown once, revoked."""

import uuid
from collections.abc import Sequence
from typing import TypedDict

from fastapi import APIRouter, Response

from service.auth import account_routes as api
from service.auth.shapes import TokenMade, TokenWanted
from service.pages import html, token_scopes
from service.pages.visits import Visit, Visiting, shaped
from service.problems import Unusable

router = APIRouter(prefix="/account/tokens", include_in_schema=False)
NOTHING = "Tick at least one thing that the token may do."
DAYS = {30: "a month", 90: "three months", 366: "a year"}


class Wanted(TypedDict):
    """What the form sends, as it came."""

    name: str
    days: str
    scopes: Sequence[str]


@router.get("")
async def show(visiting: Visiting) -> Response:
    """Tokens that work, and a form for another."""
    return await _page(visiting)


async def _page(
    visiting: Visit,
    *,
    made: TokenMade | None = None,
    asked: Wanted | None = None,
    problem: str | None = None,
) -> Response:
    return visiting.page(
        "tokens.html",
        status=Unusable.status if problem else 200,
        tokens=await api.tokens(visiting.session, visiting.who),
        areas=token_scopes.areas(visiting.who),
        words=token_scopes.words,
        asked=asked or {"name": "", "days": "90", "scopes": list(token_scopes.USUAL)},
        days=DAYS,
        made=made,
        problem=problem,
    )


@router.post("")
async def make(visiting: Visiting) -> Response:
    """Makes a token and shows its secret, this once; what can't be used stays in the form."""
    fields = await visiting.fields()
    scopes = [str(scope) for scope in (await visiting.request.form()).getlist("scopes")]
    wanted: Wanted = {"name": fields.get("name", ""), "days": fields.get("days", ""), "scopes": scopes}
    if not scopes:
        return await _page(visiting, asked=wanted, problem=NOTHING)
    try:
        body = shaped(TokenWanted, wanted)
    except Unusable as error:
        return await _page(visiting, asked=wanted, problem=error.detail)
    return await _page(visiting, made=await api.make_token(body, Response(), visiting.session, visiting.who))


@router.post("/{token_id}/revoke")
async def revoke(token_id: uuid.UUID, visiting: Visiting) -> Response:
    """Ends a token at once."""
    await api.revoke_token(token_id, visiting.session, visiting.who)
    return html.back("/account/tokens", "removed")
