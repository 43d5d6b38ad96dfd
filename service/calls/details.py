"""What is said of a call when it is taken in: as given, as words; and checked, as ids."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import UnknownFramework
from models.files import printable
from models.framework import contexts_of, load_framework, shipped
from service.auth.permissions import Action, Who, to_call, to_team
from service.auth.tables import Membership, Person, Team
from service.edge import require
from service.problems import Forbidden, NotFound, Unusable
from service.settings import Settings

NO_TEAM = "team: there is no such team, or you are not in it."
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = dt.timedelta(days=1)


def clean(value: object) -> object:
    """One line of a form or CSV: empty means nothing said, and any kind of space is a space."""
    if isinstance(value, str):
        return printable(" ".join(value.split())) or None
    return value


def _past(value: object) -> object:
    found = clean(value)
    if isinstance(found, str):
        try:
            found = dt.date.fromisoformat(found)
        except ValueError:
            raise ValueError("give the day as 2026-03-31") from None
    elif found is not None and not isinstance(found, dt.date):
        raise ValueError("give the day as 2026-03-31")
    if isinstance(found, dt.date) and found > dt.datetime.now(dt.UTC).date() + _DAY:
        raise ValueError("lies in the future; give the day of the call")
    return found


# The limits are of the text alone: pydantic fails on None where they stand outside.
Line = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(clean)]
Short = Annotated[Annotated[str, Field(max_length=80)] | None, BeforeValidator(clean)]
Day = Annotated[dt.date | None, BeforeValidator(_past)]
Language = Annotated[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None, BeforeValidator(clean)]
Consent = Literal["all_parties", "one_party", "contract", "role_play", "synthetic"]
Yes = Annotated[bool, BeforeValidator(lambda value: clean(value) or False)]
Ground = Annotated[Consent | None, BeforeValidator(clean)]


class Described(BaseModel):
    """What can be said of a call, and edited later; every part may be left out."""

    model_config = ConfigDict(extra="forbid")

    rep: Line = Field(None, description="Whose call it is: a person's id, or e-mail address.")
    account: Line = Field(None, description="The customer, account or opportunity.")
    call_type: Short = Field(None, description="Such as discovery, demo, follow-up.")
    happened_on: Day = Field(None, description="Day of the call; 'next Tuesday' is reckoned from it.")
    consent: Ground = Field(None, description="On what ground it may be analysed; without, it is not.")
    language: Language = Field(None, description="Spoken language, like en; found out by default.")
    rep_speaker: Short = Field(
        None, description="Who the rep is: left, right, a label; found out by default."
    )
    framework: Line = Field(None, description="What it is scored by: a shipped framework's name.")
    context: Line = Field(None, description="One of the framework's contexts.")
    title: Line = Field(None, description="How the call is called; by default as its file.")


class Given(Described):
    """What is said of a call that comes in."""

    team: Line = Field(None, description="Team's id, or name; by default the only one you are in.")
    practice: Yes = Field(False, description="Practice of your own: yours alone until you submit it.")


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of a call, checked: team and rep exist and go together; None is "not said"."""

    team: uuid.UUID
    rep: uuid.UUID | None = None
    account: str | None = None
    call_type: str | None = None
    happened_on: dt.date | None = None
    consent: str | None = None
    language: str | None = None
    rep_speaker: str | None = None
    framework: str = "default"
    context: str | None = None
    title: str | None = None
    practice: bool = False


class WrongDetail(Unusable):
    """Something said of a call can't be used; `field` is what."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.what = detail


def faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """Field and what is wrong with it, for every fault of a description."""
    return [
        (".".join(str(part) for part in fault["loc"]) or "details", _plain(fault))
        for fault in error.errors(include_url=False)
    ]


def _plain(fault: Any) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"there is no such field; there are {', '.join(sorted(Given.model_fields))}"
    if kind == "string_pattern_mismatch":
        return "give the language as en, de, fr"
    message: str = fault["msg"]
    return message.removeprefix("Value error, ")


def described(values: dict[str, Any]) -> Given:
    """What is said of a call, from texts.

    Raises:
        WrongDetail: a field is unknown, or its value can't be used.
    """
    try:
        return Given.model_validate(values)
    except ValidationError as error:
        raise WrongDetail(*faults_of(error)[0]) from None


async def checked(session: AsyncSession, settings: Settings, who: Who, given: Given) -> Details:
    """What is said of a call with team and rep found, if this person may upload for them.

    Raises:
        NotFound: no such team, as far as the person may know.
        Forbidden: not for that rep.
        WrongDetail: no such rep, framework or context.
    """
    team = await _team(session, who, given.team)
    require(who, Action.CALL_UPLOAD, to_team(who, team))
    rep = await rep_of(session, who, team, str(who.id) if given.practice and not given.rep else given.rep)
    values = given.model_dump(include=set(PLAIN))
    if given.practice:
        require(who, Action.PRACTISE, to_call(who, team=team, rep=who.id))
        if rep != who.id:
            raise WrongDetail("practice", "only your own can be uploaded; leave rep out")
        values["consent"] = values["consent"] or "role_play"
    framework, context = framework_of(settings, given.framework, given.context)
    return Details(
        team=team, rep=rep, framework=framework, context=context, practice=given.practice, **values
    )


PLAIN = ("account", "call_type", "happened_on", "consent", "language", "rep_speaker", "title")
"""Fields that mean the same as given and as kept."""


async def _team(session: AsyncSession, who: Who, given: str | None) -> uuid.UUID:
    if given is None:
        if len(who.teams) == 1:
            return next(iter(who.teams))
        raise WrongDetail("team", "say which team the call belongs to")
    if _UUID.fullmatch(given):
        found = uuid.UUID(given)
    else:
        named = await session.scalar(select(Team.id).where(func.lower(Team.name) == given.lower()))
        if named is None:
            raise NotFound(NO_TEAM)
        found = named
    if found not in who.teams:
        raise NotFound(NO_TEAM)
    return found


async def rep_of(session: AsyncSession, who: Who, team: uuid.UUID, given: str | None) -> uuid.UUID | None:
    """The rep that is meant, if they are one in the team and the person may upload for them.

    Nobody named is oneself for a rep; a manager may leave it open.
    """
    parts = who.teams.get(team, frozenset())
    if given is None:
        if "manager" in parts:
            return None
        if "rep" in parts:
            return who.id
        raise WrongDetail("rep", "say whose call it is, by e-mail address or id")
    meant = or_(func.lower(Person.email) == given.lower(), *_by_id(given))
    query = select(Person.id).join(Membership).where(meant, Person.disabled_at.is_(None))
    found = await session.scalar(query.where(Membership.team_id == team, Membership.role == "rep"))
    if found is None or not may_upload_for(who, team, found):
        if "manager" in parts:
            raise WrongDetail("rep", "nobody of that address or id is a rep in the team")
        raise Forbidden("rep: you may upload your own calls, and those of reps assigned to you.")
    return found


def _by_id(given: str) -> Iterable[Any]:
    return [Person.id == uuid.UUID(given)] if _UUID.fullmatch(given) else []


def may_upload_for(who: Who, team: uuid.UUID, rep: uuid.UUID) -> bool:
    """Managers for any rep of the team, coaches for reps assigned to them, reps for themselves."""
    parts = who.teams.get(team, frozenset())
    if "manager" in parts:
        return True
    if "coach" in parts and rep in who.coached:
        return True
    return "rep" in parts and rep == who.id


def framework_of(settings: Settings, name: str | None, context: str | None) -> tuple[str, str | None]:
    """The framework to score by and its context; only shipped ones and the service's own, never a path.

    Raises:
        WrongDetail: there is no such framework, or it has no such context.
    """
    chosen = name or settings.framework
    if chosen != settings.framework and chosen not in shipped():
        raise WrongDetail("framework", f"there is no such framework; give one of {', '.join(shipped())}")
    if context is not None:
        try:
            known = contexts_of(load_framework(chosen))
        except UnknownFramework as error:
            raise WrongDetail("framework", str(error)) from None
        if context not in known:
            there = ", ".join(known) or "none"
            raise WrongDetail("context", f"the framework {chosen} has no such context; it has {there}")
    return chosen, context
