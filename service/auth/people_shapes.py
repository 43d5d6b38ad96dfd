"""What the routes about accounts and teams take and answer with."""

import datetime as dt
import uuid

from pydantic import BaseModel, ConfigDict

from service.auth.shapes import A_TEAM, A_TIME, AN_ID, Email, Line, Part, TimeZone
from service.auth.tables import Person, Role, Team


class PersonWanted(BaseModel):
    """An account to make."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Ann", "email": "ann@example.com"}]}, extra="forbid"
    )

    name: Line
    email: Email
    administrator: bool = False
    time_zone: TimeZone = "UTC"


class PersonEdit(BaseModel):
    """What an administrator changes of an account; what isn't given stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"disabled": True}]})

    name: Line | None = None
    email: Email | None = None
    administrator: bool | None = None
    time_zone: TimeZone | None = None
    disabled: bool | None = None


class PersonShown(BaseModel):
    """An account. Without a password somebody signs in at the issuer, or has an invitation to accept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": AN_ID,
                    "name": "Ann",
                    "email": "ann@example.com",
                    "administrator": False,
                    "time_zone": "UTC",
                    "created_at": A_TIME,
                    "disabled_at": None,
                    "has_password": True,
                    "version": 1,
                    "teams": [A_TEAM],
                }
            ]
        }
    )

    id: uuid.UUID
    name: str
    email: str
    administrator: bool
    time_zone: str
    created_at: dt.datetime
    disabled_at: dt.datetime | None
    has_password: bool
    version: int
    teams: list[Part]

    @classmethod
    def of(cls, row: Person, parts: list[tuple[Team, list[Role]]]) -> "PersonShown":
        """From rows."""
        return cls(
            id=row.id,
            name=row.name,
            email=row.email,
            administrator=row.administrator,
            time_zone=row.time_zone,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            has_password=row.password_hash is not None,
            version=row.version,
            teams=[Part(id=team.id, name=team.name, roles=roles) for team, roles in parts],
        )


class Link(BaseModel):
    """An invitation's link, to be given to the person; shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"link": "https://calls.example.org/invitation/Zx3…"}]}
    )

    link: str


class Page(BaseModel):
    """A page of a list; `next` is the cursor of the one after, null at the end."""

    next: str | None = None


class People(Page):
    """A page of accounts."""

    items: list[PersonShown]


class TeamWanted(BaseModel):
    """A team's name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Sales North"}]}, extra="forbid")

    name: Line


class TeamShown(BaseModel):
    """A team."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": AN_ID, "name": "Sales North", "created_at": A_TIME, "version": 1}]
        }
    )

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    version: int


class Teams(Page):
    """A page of teams."""

    items: list[TeamShown]


class Named(BaseModel):
    """A person by id and name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": AN_ID, "name": "Ann"}]})

    id: uuid.UUID
    name: str


class Member(Named):
    """A person and what part they have in a team."""

    roles: list[Role]
    disabled: bool


class Parts(BaseModel):
    """What part somebody is to have in a team; none takes them out of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["coach", "rep"]}]}, extra="forbid")

    roles: list[Role]
