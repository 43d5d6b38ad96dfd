"""Routes of calibration: open a round, score alone, close, discuss, settle."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from service.agreement import people_only
from service.auth.permissions import Action, Relation, Who, to_call
from service.auth.told import told
from service.calls import store as calls
from service.calls.tables import Call
from service.coaching import calibrations as store
from service.coaching.calibration_shapes import (
    CalibrationIn,
    CalibrationOut,
    CalibrationRow,
    OneScore,
    ScoresIn,
    SettledOut,
    SpreadOut,
    TakingOut,
    WordOut,
    WordsIn,
    common,
)
from service.coaching.tables import Calibration
from service.edge import Db, Parts, PartsOf, Signed
from service.privacy.store import record
from service.problems import Conflict, Forbidden
from service.reviews import blind
from service.reviews import store as reviews
from service.reviews.shapes import GivenIn
from service.reviews.store import Given
from service.webhooks.store import emit

router = APIRouter(tags=["calibration"])
CallId = Annotated[uuid.UUID, Path(description="The call.")]
RoundId = Annotated[uuid.UUID, Path(description="The calibration.")]
_PROBLEMS = told(401, 403, 404, 409, 422)


@router.get("/calls/{call_id}/calibrations", summary="Calibrations of a call", responses=_PROBLEMS)
async def of_call(call_id: CallId, session: Db, who: Signed) -> list[CalibrationRow]:
    """Those one opened or takes part in, and all of a team one manages; newest first."""
    call = await calls.get(session, who, call_id)
    found = await store.of_call(session, who, call)
    names = await store.names(session, [row.opened_by for row in found])
    return [CalibrationRow.of(row, names[row.opened_by]) for row in found]


@router.post(
    "/calls/{call_id}/calibrations", summary="Open a calibration", status_code=201, responses=_PROBLEMS
)
async def begin(
    call_id: CallId, body: CalibrationIn, session: Db, who: Signed, parts: PartsOf
) -> CalibrationOut:
    """From now on those in it see no score of the call until theirs are in."""
    call = await calls.get(session, who, call_id, Action.CALIBRATE, lock=True)
    row = await store.begin(session, who, call, body.people, body.question)
    record(session, who, "calibration opened", about=call.rep_id, call=call.id, calibration=str(row.id))
    return await _shown(session, who, parts, row, call)


@router.get("/calibrations/{calibration_id}", summary="One calibration", responses=_PROBLEMS)
async def one(calibration_id: RoundId, session: Db, who: Signed, parts: PartsOf) -> CalibrationOut:
    """While it is open, who has scored; then the spread, the discussion and what it settled on."""
    row, call = await store.one(session, who, calibration_id)
    record(session, who, "calibration viewed", about=call.rep_id, call=call.id, calibration=str(row.id))
    return await _shown(session, who, parts, row, call)


@router.post("/calibrations/{calibration_id}/scores", summary="Give one's scores", responses=_PROBLEMS)
async def give(
    calibration_id: RoundId, body: ScoresIn, session: Db, who: Signed, parts: PartsOf
) -> CalibrationOut:
    """All dimensions at once, for good. The last to score closes the round."""
    row, call = await store.one(session, who, calibration_id, lock=True)
    await store.give(session, who, row, _given(body.scores))
    record(session, who, "calibration scored", about=call.rep_id, call=call.id, calibration=str(row.id))
    return await _shown(session, who, parts, row, call)


@router.post("/calibrations/{calibration_id}/close", summary="Close a calibration", responses=_PROBLEMS)
async def close(calibration_id: RoundId, session: Db, who: Signed, parts: PartsOf) -> CalibrationOut:
    """Whoever opened it can end the scoring before everybody's are in."""
    row, call = await store.one(session, who, calibration_id, lock=True)
    if row.opened_by != who.id:
        raise Forbidden("Only whoever opened a calibration closes it before everybody has scored.")
    await store.close(session, row)
    record(session, who, "calibration closed", about=call.rep_id, call=call.id, calibration=str(row.id))
    return await _shown(session, who, parts, row, call)


@router.post("/calibrations/{calibration_id}/words", summary="Discuss", status_code=201, responses=_PROBLEMS)
async def discuss(
    calibration_id: RoundId, body: WordsIn, session: Db, who: Signed, parts: PartsOf
) -> CalibrationOut:
    """Once it is closed."""
    row, call = await store.one(session, who, calibration_id)
    await _not_blind(session, who, parts, call)
    await store.discuss(session, who, row, body.words)
    record(session, who, "calibration discussed", about=call.rep_id, call=call.id, calibration=str(row.id))
    return await _shown(session, who, parts, row, call)


@router.post("/calibrations/{calibration_id}/settlement", summary="Settle a calibration", responses=_PROBLEMS)
async def settle(
    calibration_id: RoundId, body: ScoresIn, session: Db, who: Signed, parts: PartsOf
) -> CalibrationOut:
    """A value for each dimension, with a reason where people differ: reviews by whoever settles."""
    row, call = await store.one(session, who, calibration_id, lock=True)
    await calls.get(session, who, call.id, Action.CALL_REVIEW, lock=True)
    await _not_blind(session, who, parts, call)
    made = await store.settle(session, who, row, call, _given(body.scores))
    for review in made:
        record(
            session,
            who,
            "calibration settled",
            about=call.rep_id,
            call=call.id,
            calibration=str(row.id),
            dimension=review.dimension,
            value=review.value,
        )
    names = sorted(review.dimension for review in made)
    await emit(session, parts.queue, call.team_id, "score.reviewed", call=call.id, dimensions=names)
    return await _shown(session, who, parts, row, call)


def _given(scores: Sequence[GivenIn]) -> list[Given]:
    return [Given(item.dimension, item.value, item.reason) for item in scores]


async def _not_blind(session: Db, who: Who, parts: Parts, call: Call) -> None:
    if await blind.pending(session, who, call, parts.settings.blind_share):
        raise Conflict("You were drawn to read this call blind; score all of it first.")


async def _shown(session: Db, who: Who, parts: Parts, row: Calibration, call: Call) -> CalibrationOut:
    taking = await store.taking(session, row.id)
    names = await store.names(session, [row.opened_by])
    hidden = await blind.pending(session, who, call, parts.settings.blind_share)
    drafts = await reviews.drafts(session, row.scoring_id)
    shown = row.closed_at is not None and not hidden
    opener = row.opened_by == who.id
    manages = Relation.MANAGES in to_call(who, team=call.team_id, rep=call.rep_id)
    return CalibrationOut(
        **common(row, names[row.opened_by]),
        people=[TakingOut.of(one) for one in taking],
        dimensions=sorted(drafts),
        awaits_me=row.closed_at is None and any(one.id == who.id and not one.scored for one in taking),
        may_close=opener and row.closed_at is None,
        may_settle=(opener or manages) and shown and row.settled_at is None,
        blind=hidden,
        spread=await _spread(session, row, call, taking) if shown else [],
        discussion=[
            WordOut(by=name, words=word.words, at=word.at)
            for word, name in (await store.discussion(session, row.id) if shown else [])
        ],
    )


async def _spread(
    session: Db, row: Calibration, call: Call, taking: Sequence[store.Taking]
) -> list[SpreadOut]:
    given = await store.scores(session, row.id)
    settled = await store.settled(session, row.id)
    withheld = await people_only.dimensions(session, call.team_id)
    drafts = await reviews.drafts(session, row.scoring_id)
    return [
        SpreadOut(
            dimension=name,
            draft=None if name in withheld else draft.value,
            scores=[
                OneScore(person=one.id, name=one.name, value=score.value, reason=score.reason)
                for one in taking
                if (score := given.get(name, {}).get(one.id)) is not None
            ],
            settled=SettledOut(value=end.value, reason=end.reason, at=end.at)
            if (end := settled.get(name))
            else None,
        )
        for name, draft in sorted(drafts.items())
    ]
