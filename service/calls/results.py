"""What a stage needs from the database, and what is written when it is done."""

import uuid
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from service.calls import revisions, stages, waveforms
from service.calls.perform import Made, Task
from service.calls.stages import Done, Ticket
from service.calls.tables import (
    Call,
    Draft,
    Finding,
    Passage,
    Recording,
    Scoring,
    Stage,
    StageState,
)
from service.learning.in_use import text_in_use
from service.result import Result


async def task_of(session: AsyncSession, ticket: Ticket) -> Task:
    """A call as the stage of a ticket needs it; raises StageLost when it is no longer the ticket's."""
    call, _ = await stages.hold(session, ticket)
    recording = await session.get(Recording, call.recording_id) if call.recording_id else None
    rows = await session.scalars(
        select(Stage)
        .where(Stage.call_id == call.id, Stage.state == StageState.DONE)
        .options(undefer(Stage.result))
    )
    done = {stage.name: stage for stage in rows}
    revision = await revisions.newest(session, call.id)
    return Task(
        name=(recording.name if recording else call.transcript_name) or "recording",
        text=None if recording else call.transcript,
        language=call.language,
        rep=call.rep_speaker,
        day=call.happened_on,
        framework=call.framework,
        context=call.context,
        results={name: stage.result or {} for name, stage in done.items()},
        versions={name: stage.version or "" for name, stage in done.items()},
        revision=revision.revision if revision else 0,
        body=revision.body if revision else None,
        weights=await text_in_use(session, call.framework) if ticket.stage == "score" else None,
    )


async def store(session: AsyncSession, ticket: Ticket, done: Done, made: Made) -> None:
    """Write what a stage made, all or nothing.

    Raises:
        StageLost: the stage is no longer the ticket's.
    """
    call, _ = await stages.hold(session, ticket)
    if made.seconds is not None:
        call.seconds = made.seconds
    if made.waveform is not None and call.recording_id is not None:
        await waveforms.keep(session, call.recording_id, made.waveform)
    if made.transcript is not None:
        await revisions.add(session, call.id, made.transcript, by=None)
    result = done.result
    if made.document is not None:
        result = await _scoring(session, call, made.document, ticket)
    await stages.finish(
        session, ticket, Done(result, done.version, done.clock_seconds, done.processor_seconds)
    )


async def _scoring(session: AsyncSession, call: Call, document: Result, ticket: Ticket) -> dict[str, Any]:
    """A new scoring beside the old ones, and the index of words and findings made anew."""
    card = document.scorecard
    assert card is not None  # noqa: S101 - the service scores every call
    last = await session.scalar(select(func.max(Scoring.number)).where(Scoring.call_id == call.id))
    annotated = await session.scalar(
        select(Stage.result).where(Stage.call_id == ticket.call_id, Stage.name == "annotate")
    )
    scoring = Scoring(
        id=uuid.uuid4(),
        call_id=call.id,
        number=(last or 0) + 1,
        revision=(annotated or {})["revision"],
        framework=card.framework,
        framework_version=card.framework_version,
        model_version=card.model_version,
        document=document.model_dump(mode="json", by_alias=True),
    )
    session.add(scoring)
    await session.flush()
    for score in card.scores:
        low, high = score.interval or (None, None)
        session.add(
            Draft(
                scoring_id=scoring.id,
                dimension=score.dimension,
                call_id=call.id,
                value=score.value,
                low=low,
                high=high,
                reason=score.reason,
            )
        )
    await _index(session, call.id, document)
    return {"scoring": str(scoring.id), "number": scoring.number}


async def _index(session: AsyncSession, call_id: uuid.UUID, document: Result) -> None:
    for table in (Passage, Finding):
        await session.execute(delete(table).where(table.call_id == call_id))
    passages = [
        {
            "call_id": call_id,
            "turn": at,
            "speaker": turn.speaker,
            "starts": turn.start,
            "ends": turn.end,
            "words": turn.text,
        }
        for at, turn in enumerate(document.transcript.turns)
    ]
    findings = [
        {
            "call_id": call_id,
            "position": at,
            "label": item.label,
            "turn": item.turn,
            "starts": item.start_time,
            "quote": item.quote,
            "attributes": item.attributes,
        }
        for at, item in enumerate(document.evidence)
    ]
    if passages:
        await session.execute(insert(Passage), passages)
    if findings:
        await session.execute(insert(Finding), findings)
