"""Rows about people, teams, sign-ins and tokens."""

import uuid
from typing import Literal

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Moment, Now, Table

Role = Literal["manager", "coach", "rep"]
ROLES: tuple[Role, ...] = ("manager", "coach", "rep")


class Team(Table):
    """People who work together; calls belong to a team. `version` counts edits, for ETags."""

    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[Now]

    __table_args__ = (Index("uq_team_name", text("lower(name)"), unique=True),)


class Person(Table):
    """Somebody with an account. `administrator` looks after users and settings, and sees no scores.

    `version` counts edits, for ETags.
    """

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str]
    name: Mapped[str]
    administrator: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(default="UTC")
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[Now]
    disabled_at: Mapped[Moment | None]

    __table_args__ = (Index("uq_person_email", text("lower(email)"), unique=True),)


class Membership(Table):
    """The part a person has in a team; somebody may have several."""

    __tablename__ = "membership"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    team_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(10), primary_key=True)

    __table_args__ = (CheckConstraint("role in ('manager', 'coach', 'rep')", name="role"),)


class Assignment(Table):
    """Which reps a coach looks after."""

    __tablename__ = "assignment"

    coach_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    rep_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[Now]


class Identity(Table):
    """Who a person is at an OpenID Connect issuer."""

    __tablename__ = "identity"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Now]


class Session(Table):
    """A sign-in of a browser. `key` is the SHA-256 of the cookie's secret, hexadecimal."""

    __tablename__ = "session"

    key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Now]
    seen_at: Mapped[Now]
    expires_at: Mapped[Moment]
    browser: Mapped[str] = mapped_column(default="")


class Token(Table):
    """An API token. `key` is the SHA-256 of its secret, hexadecimal; `scopes` limit what it can do."""

    __tablename__ = "token"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[Now]
    used_at: Mapped[Moment | None]
    expires_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]


class Invitation(Table):
    """A link that sets a password once; `key` as in `Session`. No person: the first administrator's."""

    __tablename__ = "invitation"

    key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[Now]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class SignInFailure(Table):
    """A sign-in that failed, counted by account and by address."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    whom: Mapped[str] = mapped_column(index=True)
    at: Mapped[Now]


class Setting(Table):
    """What an administrator set while the service runs, and what it made for itself, such as seeds."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[Now]


class OncePerKey(Table):
    """The answer to a request that carried an Idempotency-Key; the same request gets it again for a day."""

    __tablename__ = "once_per_key"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    at: Mapped[Now]
