"""What the pages need to take calls in: whose they may be, what was said last time, files of a plain form."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile

from models.errors import CallError
from service.auth import people
from service.auth.permissions import Who
from service.calls.details import Given, described, may_upload_for
from service.calls.receiving import file_name
from service.calls.tables import Source
from service.calls.taking import Item, take_one
from service.calls.upload_routes import on_disk
from service.edge import Parts
from service.problems import Problem, Unusable

REMEMBERED = "ridealong-upload"
"""Cookie with the last upload's consent, team, rep and type; a script writes the same one."""
KEPT = ("consent", "team", "rep", "call_type")
YEAR = 366 * 24 * 3600
CONSENT = {
    "all_parties": "Everybody agreed to the recording",
    "one_party": "One party agreed, which the law here is content with",
    "contract": "A contract says that calls are recorded",
    "role_play": "Practice: role play",
    "synthetic": "Made up: nobody real speaks",
}
"""Grounds for an analysis as people are asked for them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: the call's id, whether it was there already, or what was wrong."""

    name: str
    call: str | None = None
    known: bool = False
    problem: str | None = None


async def reps_for(session: AsyncSession, who: Who, team: uuid.UUID) -> dict[str, str]:
    """Reps of a team for whom somebody may upload, name by id."""
    return {
        str(member.id): member.name
        for member, roles in await people.members(session, team)
        if "rep" in roles and member.disabled_at is None and may_upload_for(who, team, member.id)
    }


def remembered(request: Request) -> dict[str, str]:
    """What was said of the last upload in this browser; only defaults, checked like anything typed."""
    try:
        found = json.loads(unquote(request.cookies.get(REMEMBERED, "")))
    except ValueError:
        return {}
    known = found if isinstance(found, dict) else {}
    return {name: str(known[name]) for name in KEPT if known.get(name)}


def remember(answer: Response, values: Mapping[str, str]) -> None:
    """Have the browser keep what was said, for the next upload."""
    kept = {name: values[name] for name in KEPT if values.get(name)}
    answer.set_cookie(REMEMBERED, quote(json.dumps(kept), safe=""), max_age=YEAR, samesite="lax")


def said(form: FormData) -> dict[str, Any]:
    """The fields of a form that speak of the call."""
    return {name: str(form[name]) for name in Given.model_fields if isinstance(form.get(name), str)}


async def take_all(parts: Parts, who: Who, form: FormData) -> list[Outcome]:
    """Take in every file of a form, each by itself: a bad one doesn't hold up the others.

    Raises:
        Unusable: there is no file, or what is said of the calls can't be used.
    """
    sent = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    if not sent:
        raise Unusable("Choose at least one file: a recording, or a transcript.")
    given = described(said(form))
    return [await _take(parts, who, file, given) for file in sent]


async def _take(parts: Parts, who: Who, file: UploadFile, given: Given) -> Outcome:
    name = file_name(file.filename or "")
    try:
        async with on_disk(parts, file) as path:
            status, body = await take_one(parts, who, Item(path, name, given), source=Source.UPLOAD)
    except (Problem, CallError) as error:
        return Outcome(name, problem=str(error))
    return Outcome(name, call=body["call"]["id"], known=status == 200)
