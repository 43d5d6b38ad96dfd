"""Rows about recordings, calls, the stages of their analysis, and what was found."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, Moment, Now, Table


class State(StrEnum):
    """Where a call is on its way."""

    QUARANTINED = "quarantined"  # taken, not analysed: nobody said on what ground it may be
    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"  # a worker is on it
    DONE = "done"  # every stage is finished and up to date
    FAILED = "failed"  # set aside with the reason; may be tried again
    CANCELLED = "cancelled"  # somebody stopped it; may be taken up again


class StageState(StrEnum):
    """Where a stage of a call is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STALE = "stale"  # done, but of something that has changed since
    FAILED = "failed"


class Source(StrEnum):
    """How a call came in."""

    UPLOAD = "upload"
    BATCH = "batch"
    WATCH = "watch"
    URL = "url"
    TRANSCRIPT = "transcript"
    PRACTICE = "practice"


CONSENT = ("all_parties", "one_party", "contract", "role_play", "synthetic")
"""Grounds on which a call may be analysed: consent of all or (where the law is content with it) of one, a
contract that says so, or nobody to ask because it is practice or made up."""


class Recording(Table):
    """A file in the object storage, kept once a team however often it is sent. `sha256` is hexadecimal."""

    __tablename__ = "recording"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id"))
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    media_type: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[Now]

    __table_args__ = (UniqueConstraint("team_id", "sha256"),)


class Call(Table):
    """A call, or a practice recording (`attempt` of a scenario). `version` counts edits, for ETags.

    `transcript` is the text of a call that came without sound. `rep_speaker` is what the uploader says of who
    the rep is: left, right, a label, or None for "find out". `sound_deleted_at`: age took its recording then.
    """

    __tablename__ = "call"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id"))
    rep_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    recording_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recording.id"), index=True)
    transcript_name: Mapped[str | None]
    transcript: Mapped[str | None]
    source: Mapped[str]
    practice: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[Moment | None]
    title: Mapped[str]
    account: Mapped[str | None]
    call_type: Mapped[str | None]
    happened_on: Mapped[dt.date | None]
    consent: Mapped[str | None]
    language: Mapped[str | None]
    rep_speaker: Mapped[str | None]
    framework: Mapped[str] = mapped_column(default="default")
    context: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    seconds: Mapped[float | None]
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    sound_deleted_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Now]
    updated_at: Mapped[Now]

    __table_args__ = (
        # Lists and search of somebody with several teams, and words that many calls hold.
        Index("ix_call_newest", text("created_at desc"), text("id desc")),
        Index("ix_call_team_newest", "team_id", text("created_at desc"), text("id desc")),
        Index("ix_call_rep_newest", "rep_id", text("created_at desc"), text("id desc")),
        Index("ix_call_transcript", text("md5(transcript)"), postgresql_where=text("transcript is not null")),
        Index("ix_call_state", "state", postgresql_where=text("state <> 'done'")),
        CheckConstraint(
            "recording_id is not null or transcript is not null or sound_deleted_at is not null",
            name="has_content",
        ),
        CheckConstraint("consent is not null or state = 'quarantined'", name="consent_before_analysis"),
        CheckConstraint(
            "state in ('quarantined', 'queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
    )


class Upload(Table):
    """A file on its way by tus. What has come lies in the data folder under this id; its size is the offset.

    `given` is what was said of the call, `refusal` why the whole file couldn't be used. A finished one keeps
    its row until it expires, so that a client that missed the answer learns which call it became.
    """

    __tablename__ = "upload"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    length: Mapped[int] = mapped_column(BigInteger)
    given: Mapped[Json]
    created_at: Mapped[Now]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    finished_at: Mapped[Moment | None]
    refusal: Mapped[str | None]
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call.id", ondelete="SET NULL"))
    duplicate: Mapped[bool] = mapped_column(default=False)


class Fetch(Table):
    """A recording to fetch from a URL. `url` is forgotten once that is over: it may hold a secret.

    `given` is what was said of the call, `reason` why it couldn't be fetched or used.
    """

    __tablename__ = "url_import"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    host: Mapped[str]
    url: Mapped[str | None]
    given: Mapped[Json]
    again: Mapped[bool]
    state: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[Now]
    finished_at: Mapped[Moment | None]
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call.id", ondelete="SET NULL"))
    duplicate: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),)


class Stage(Table):
    """One stage of a call's analysis: how far, by which version, at what cost in seconds."""

    __tablename__ = "stage"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    share: Mapped[float] = mapped_column(default=0.0)
    version: Mapped[str | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    clock_seconds: Mapped[float | None]
    processor_seconds: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)

    __table_args__ = (
        CheckConstraint("state in ('waiting', 'running', 'done', 'stale', 'failed')", name="state"),
        Index("ix_stage_newest", text("finished_at desc"), postgresql_where=text("state = 'done'")),
    )


class TranscriptRevision(Table):
    """A transcript as it stood: revision 1 by the machine, later ones by people. The newest counts."""

    __tablename__ = "transcript_revision"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[Now]
    note: Mapped[str] = mapped_column(default="")
    body: Mapped[Json]


class Passage(Table):
    """A turn of a call's newest transcript, for search. `starts` is seconds, None without times."""

    __tablename__ = "passage"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    speaker: Mapped[str]
    starts: Mapped[float | None]
    ends: Mapped[float | None]
    words: Mapped[str]
    found_by: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('english', words)", persisted=True))

    __table_args__ = (Index("ix_passage_found_by", "found_by", postgresql_using="gin"),)


class Finding(Table):
    """A piece of evidence of a call's newest analysis, for search; positions as in the result document."""

    __tablename__ = "finding"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    turn: Mapped[int]
    starts: Mapped[float | None]
    quote: Mapped[str]
    attributes: Mapped[Json]

    __table_args__ = (Index("ix_finding_label", "label", "call_id"),)


class Scoring(Table):
    """One scoring of a call: the result document and what made it. Never changed; the newest is shown."""

    __tablename__ = "scoring"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_at: Mapped[Now]
    revision: Mapped[int]
    framework: Mapped[str]
    framework_version: Mapped[str]
    model_version: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)

    __table_args__ = (UniqueConstraint("call_id", "number"),)


class Standing(Table):
    """The score that counts for a dimension, for search: the newest by a person, else the newest draft.

    Triggers of the database keep it with every draft and review; None is not observed, or abstained from.
    `by_person` tells a person's from a draft's. `low` and `high` are the newest draft's interval; `since` is
    when the call came in, None for practice: the queue finds by them what waits for a look, oldest first.
    """

    __tablename__ = "standing"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int | None]
    by_person: Mapped[bool]
    low: Mapped[int | None]
    high: Mapped[int | None]
    since: Mapped[Moment | None]

    __table_args__ = (
        Index("ix_standing_value", "dimension", "value", "call_id"),
        Index(
            "ix_standing_since",
            "since",
            "call_id",
            postgresql_include=["dimension", "value", "by_person", "low", "high"],
            postgresql_where=text("since is not null"),
        ),
        Index("ix_standing_missing", "call_id", postgresql_where=text("not by_person")),
    )


class Draft(Table):
    """The machine's proposal for one dimension in one scoring; None when it abstains, with the reason."""

    __tablename__ = "draft"

    scoring_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scoring.id", ondelete="CASCADE"), primary_key=True
    )
    dimension: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    value: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    reason: Mapped[str | None]

    __table_args__ = (Index("ix_draft_value", "dimension", "value"),)
