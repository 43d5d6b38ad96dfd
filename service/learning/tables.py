"""Rows about learning: runs, versions of weights, what was put in use when, and calls scored anew."""

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.database import Id, Json, JsonList, Moment, Now, Table


class RunState(StrEnum):
    """Where a run is."""

    WAITING = "waiting"  # for a worker
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # with the reason


class LearningRun(Table):
    """One try to learn from the reviews there are. `by_id` is None where the service began it by itself.

    `framework` is named as on calls. `against` is the version that was in use; `figures` are those of each
    dimension on held-out scores before and after, and why it is new or not. `teams` counts reviewed calls by
    team. It holds no names: people are counted.
    """

    __tablename__ = "learning_run"

    id: Mapped[Id]
    framework: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(default=RunState.WAITING.value)
    reason: Mapped[str | None]
    created_at: Mapped[Now]
    finished_at: Mapped[Moment | None]
    reviews: Mapped[int] = mapped_column(default=0)
    calls: Mapped[int] = mapped_column(default=0)
    reviewers: Mapped[int] = mapped_column(default=0)
    teams: Mapped[Json] = mapped_column(default=dict)
    data_hash: Mapped[str | None]
    against: Mapped[str | None]
    figures: Mapped[JsonList] = mapped_column(default=list)
    report: Mapped[str | None] = mapped_column(deferred=True)

    __table_args__ = (
        Index("ix_learning_run_newest", text("created_at desc"), text("id desc")),
        # Two runs at once are one.
        Index(
            "uq_learning_run_open",
            "framework",
            unique=True,
            postgresql_where=text("state in ('waiting', 'running')"),
        ),
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
    )


class Weights(Table):
    """A version of a framework's weights that a run made, as the text of a weights file; never changed.

    `learned` are the dimensions whose head is new.
    """

    __tablename__ = "weights"

    id: Mapped[Id]
    framework: Mapped[str]
    version: Mapped[str]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_run.id"), index=True)
    learned: Mapped[JsonList]
    text: Mapped[str] = mapped_column(deferred=True)
    made_at: Mapped[Now]

    __table_args__ = (UniqueConstraint("framework", "version"),)


class WeightsUse(Table):
    """That a version was put in use; only ever added, the highest number of a framework counts.

    `weights_id` None are the weights that come with Ridealong. `by_id` None is the service itself.
    """

    __tablename__ = "weights_use"

    framework: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    weights_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("weights.id"))
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    since: Mapped[Now]


class Rescoring(Table):
    """A manager's order to score a team's calls since a day anew; `done_at` once all are queued."""

    __tablename__ = "rescoring"

    id: Mapped[Id]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    first_day: Mapped[dt.date]
    created_at: Mapped[Now]
    done_at: Mapped[Moment | None]

    __table_args__ = (Index("ix_rescoring_team", "team_id", "created_at"),)


class RescoredCall(Table):
    """A call of a rescoring, and the scoring that counted before; later ones stand beside it."""

    __tablename__ = "rescored_call"

    rescoring_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("rescoring.id", ondelete="CASCADE"), primary_key=True
    )
    call_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scoring.id", ondelete="CASCADE"))
