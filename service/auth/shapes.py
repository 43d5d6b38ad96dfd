"""What the routes about sign-ins, oneself and invitations take and answer with."""

import datetime as dt
import re
import uuid
import zoneinfo
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, SecretStr, StringConstraints

from service.auth import passwords
from service.auth.permissions import Action
from service.auth.store import public_id
from service.auth.tables import Role, Session, Token

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def printable(text: str) -> str:
    """The text, if it holds no control characters; PostgreSQL can't store every one of them."""
    if _CONTROL.search(text):
        raise ValueError("it holds characters that can't be printed; leave them out")
    return text


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("not an e-mail address; it looks like ann@example.com")
    return text


def _time_zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError("no such time zone; take one like Europe/Berlin") from None
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(printable),
    AfterValidator(_email),
]
Password = Annotated[SecretStr, Field(max_length=passwords.MOST)]
TimeZone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(printable), AfterValidator(_time_zone)
]

AN_ID = "0b8f1c52-6f0e-4c39-9a55-3f5d9c1c7a10"
A_TEAM: JsonValue = {"id": "9d2f8a34-0c1b-4f67-8a6e-2f4b6f0f9e21", "name": "Sales North", "roles": ["rep"]}
A_TIME = "2026-03-02T09:30:00Z"


class Ways(BaseModel):
    """How people can sign in here."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": True, "oidc": False}]})

    password: bool
    oidc: bool


class SignIn(BaseModel):
    """An account's address and password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ann@example.com", "password": "four unlikely words here"}]}
    )

    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(printable)]
    password: Password


class Part(BaseModel):
    """A team and what part somebody has in it."""

    id: uuid.UUID
    name: str
    roles: list[Role]


class Me(BaseModel):
    """Who is signed in. `csrf_token` goes with every change made by cookie; null for an API token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": AN_ID,
                    "name": "Ann",
                    "email": "ann@example.com",
                    "administrator": False,
                    "time_zone": "Europe/Berlin",
                    "teams": [A_TEAM],
                    "scopes": None,
                    "csrf_token": "5f2c…",
                }
            ]
        }
    )

    id: uuid.UUID
    name: str
    email: str
    administrator: bool
    time_zone: str
    teams: list[Part]
    scopes: list[str] | None = Field(description="What an API token is limited to; null for a sign-in.")
    csrf_token: str | None


class MeEdit(BaseModel):
    """What people change about themselves."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"time_zone": "Europe/Berlin"}]}
    )

    name: Line | None = None
    time_zone: TimeZone | None = None


class PasswordChange(BaseModel):
    """The password as it is and as it is to be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "the old one", "new": "four unlikely words here"}]}
    )

    current: Password
    new: Password


class SignedInAt(BaseModel):
    """A sign-in of a browser."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": AN_ID,
                    "browser": "Firefox",
                    "created_at": A_TIME,
                    "seen_at": A_TIME,
                    "expires_at": A_TIME,
                    "this": True,
                }
            ]
        }
    )

    id: uuid.UUID
    browser: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime
    this: bool = Field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, row: Session, asking: str | None) -> "SignedInAt":
        """From a row; `asking` is the key of the session that asks."""
        return cls(
            id=public_id(row.key),
            browser=row.browser,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            this=row.key == asking,
        )


class TokenWanted(BaseModel):
    """An API token to make."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "CRM", "scopes": ["calls:read"], "days": 90}]}
    )

    name: Line
    scopes: Annotated[list[Action], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenShown(BaseModel):
    """An API token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": AN_ID,
                    "name": "CRM",
                    "scopes": ["calls:read"],
                    "created_at": A_TIME,
                    "used_at": None,
                    "expires_at": "2026-06-01T09:30:00Z",
                }
            ]
        }
    )

    id: uuid.UUID
    name: str
    scopes: list[str]
    created_at: dt.datetime
    used_at: dt.datetime | None
    expires_at: dt.datetime | None

    @classmethod
    def of(cls, row: Token) -> "TokenShown":
        """From a row."""
        return cls.model_validate(row, from_attributes=True)


class TokenMade(TokenShown):
    """A new API token with its secret, which is shown this once."""

    secret: str


class InvitationKey(BaseModel):
    """The secret of an invitation: the last part of its link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secret": "Zx3…"}]})

    secret: Annotated[str, StringConstraints(max_length=200)]


class InvitationShown(BaseModel):
    """Whom an invitation is for; no name and address: for the first administrator, who gives theirs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Ann", "email": "ann@example.com", "expires_at": A_TIME}]}
    )

    name: str | None
    email: str | None
    expires_at: dt.datetime


class InvitationAccepted(InvitationKey):
    """The password to set; the first administrator gives name and address, too."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"secret": "Zx3…", "password": "four unlikely words here"}]}
    )

    password: Password
    name: Line | None = None
    email: Email | None = None
