"""How far a call's analysis is, and how long it will take yet by the speed of earlier calls."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from service.auth.permissions import Who
from service.calls.stages import STAGES
from service.calls.store import visible
from service.calls.tables import Call, Stage, StageState, State

MEASURED_CALLS = 200  # stages of the newest so many are looked at for the speed
# Clock seconds a second of recording, until there is a call to measure: two cores of a laptop, model "base".
BEFORE_MEASUREMENT: Mapping[str, float] = {
    "decode": 0.003,
    "recognise": 0.12,
    "diarise": 0.03,
    "annotate": 0.004,
    "score": 0.001,
}
MOVING = frozenset({State.QUEUED, State.RUNNING})


class StageProgress(BaseModel):
    """A stage: its state and the share of it that is done."""

    name: str
    state: str
    share: float = Field(ge=0, le=1)


class Progress(BaseModel):
    """Where a call is on its way; the same for everybody who looks, and after a reload.

    `stage` is what is being done or comes next. `share` is of the whole way, by time. `minutes_done` of the
    recording's `minutes` are through the stage. `remaining_seconds` leaves out the wait for a worker.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "call": "3f0f2f3c-8a53-4a6e-9f0a-6a3f0c0f5a11",
                "state": "running",
                "reason": None,
                "stage": "recognise",
                "share": 0.41,
                "minutes": 32.5,
                "minutes_done": 13.8,
                "remaining_seconds": 148,
                "stages": [{"name": "decode", "state": "done", "share": 1.0}],
            }
        }
    )

    call: uuid.UUID
    state: str
    reason: str | None
    stage: str | None
    share: float = Field(ge=0, le=1)
    minutes: float | None
    minutes_done: float | None
    remaining_seconds: int | None
    stages: list[StageProgress]

    @property
    def moving(self) -> bool:
        """Whether anything is still going to happen by itself."""
        return self.state in MOVING


def progress_of(call: Call, stages: Sequence[StageProgress], speeds: Mapping[str, float]) -> Progress:
    """Where a call is; `speeds` are clock seconds that each stage takes for a second of recording."""
    ordered = {stage.name: stage for stage in stages}
    ways = [
        ordered.get(name) or StageProgress(name=name, state=StageState.WAITING, share=0) for name in STAGES
    ]
    shares = [1.0 if stage.state == StageState.DONE else stage.share for stage in ways]
    costs = [speeds[stage.name] for stage in ways]
    done = sum(share * cost for share, cost in zip(shares, costs, strict=True)) / sum(costs)
    current = next((at for at, stage in enumerate(ways) if stage.state != StageState.DONE), None)
    seconds = call.seconds
    moving = call.state in MOVING
    left = sum((1 - share) * cost for share, cost in zip(shares, costs, strict=True))
    return Progress(
        call=call.id,
        state=call.state,
        reason=call.reason,
        stage=None if current is None else ways[current].name,
        share=round(1.0 if current is None else min(done, 0.99), 4),
        minutes=None if seconds is None else round(seconds / 60, 2),
        minutes_done=None
        if seconds is None
        else round(seconds / 60 * (1.0 if current is None else shares[current]), 2),
        remaining_seconds=None if seconds is None or not moving else round(left * seconds),
        stages=ways,
    )


async def speeds(session: AsyncSession) -> dict[str, float]:
    """Clock seconds a second of recording of each stage: the median of the newest calls, else a guess."""
    newest = (
        select(Stage.name, (Stage.clock_seconds / Call.seconds).label("speed"))
        .join(Call, Call.id == Stage.call_id)
        .where(Stage.state == StageState.DONE, Call.seconds > 0, Call.recording_id.is_not(None))
        .where(Stage.clock_seconds.is_not(None))
        .order_by(Stage.finished_at.desc())
        .limit(MEASURED_CALLS * len(STAGES))
        .subquery()
    )
    found = await session.execute(
        select(newest.c.name, func.percentile_cont(0.5).within_group(newest.c.speed)).group_by(newest.c.name)
    )
    return {**BEFORE_MEASUREMENT, **{name: float(speed) for name, speed in found if speed}}


async def of_calls(
    session: AsyncSession, who: Who, ids: Iterable[uuid.UUID], known: Mapping[str, float] | None = None
) -> list[Progress]:
    """Progress of those of the calls that the person may see, in the order of their ids.

    `known` are speeds that were measured just now, to be taken instead of measuring them again.
    """
    wanted = list(ids)
    calls = list(
        await session.scalars(
            select(Call)
            .where(Call.id.in_(wanted), visible(who))
            .options(defer(Call.transcript))  # it may be long, and is asked for each second
            .order_by(Call.id)
            .execution_options(populate_existing=True)
        )
    )
    by_call: dict[uuid.UUID, list[StageProgress]] = {call.id: [] for call in calls}
    rows = await session.execute(
        select(Stage.call_id, Stage.name, Stage.state, Stage.share).where(Stage.call_id.in_(by_call))
    )
    for call_id, name, state, share in rows:
        by_call[call_id].append(StageProgress(name=name, state=state, share=share))
    if known is None:
        known = await speeds(session) if any(call.state in MOVING for call in calls) else BEFORE_MEASUREMENT
    return [progress_of(call, by_call[call.id], known) for call in calls]
