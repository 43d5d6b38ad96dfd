"""Pages of attempts: from score-yourself-first to what a coach decided, and several side by side."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.auth import people
from service.auth.permissions import Action
from service.calls import work_routes
from service.calls.store import allowed, get
from service.calls.tables import Call, State
from service.pages import html, talk
from service.pages.practice_routes import dimensions_of
from service.pages.practice_views import STATES, Column, feedback, moment, rows, state_of
from service.pages.visits import Visit, Visiting, shaped
from service.practice import attempt_routes, scenario_routes
from service.practice.shapes import AttemptOut, SelfScoresIn
from service.problems import Unusable
from service.reviews import routes as reviewing
from service.reviews import store as reviews
from service.reviews.shapes import AnalysisOut

router = APIRouter(prefix="/practice", include_in_schema=False)
MOST_COLUMNS = 4
SCORES = {str(value): value for value in range(1, 6)}


@router.get("/attempts/{attempt_id}")
async def show(attempt_id: uuid.UUID, visiting: Visiting) -> Response:
    """Where an attempt is, and what its rep may see of it now."""
    session, who = visiting.session, visiting.who
    answer = Response()
    attempt = await attempt_routes.attempt(attempt_id, answer, session, who, visiting.parts)
    call = await get(session, who, attempt.call_id)
    analysed = await _analysed(visiting, attempt)
    names = talk.called(analysed.document, None) if analysed else {}
    found = _feedback(attempt, call, analysed)
    named = attempt.decision.moment if attempt.decision else None
    quote = named and talk.Quote(
        speaker=names.get(named.speaker, named.speaker),
        start=named.start,
        at=html.clock(named.start) or f"turn {named.turn + 1}",
        text=named.quote,
        says="",
    )
    return visiting.page(
        "attempt.html",
        attempt=attempt,
        task=await scenario_routes.scenario(attempt.scenario_id, session, who, Response()),
        call=call,
        own=attempt.rep_id == who.id,
        rep=(await people.person(session, attempt.rep_id)).name,
        state=state_of(attempt),
        states=STATES,
        progress=await work_routes.call_progress(call.id, session, who),
        found=found,
        told=moment(found, quote or None) if attempt.decision else None,
        analysed=analysed,
        deletes=allowed(who, Action.CALL_DELETE, call),
    )


async def _analysed(visiting: Visit, attempt: AttemptOut) -> AnalysisOut | None:
    """What the API sends of an attempt's analysis; nothing while it is on its way or must wait."""
    if attempt.state != State.DONE or attempt.blind:
        return None
    own = attempt.rep_id == visiting.who.id
    if own and attempt.self_scores is None:
        return None
    if await reviews.scoring(visiting.session, attempt.call_id) is None:
        return None
    return await reviewing.analysis(attempt.call_id, visiting.session, visiting.who, visiting.parts, None)


def _feedback(attempt: AttemptOut, call: Call, analysed: AnalysisOut | None) -> list[Any]:
    known = dimensions_of(call.framework, call.context)
    cards = {}
    if analysed is not None and analysed.document.scorecard is not None:
        wanted = [one for name, one in known.items() if any(s.dimension == name for s in attempt.standing)]
        names = talk.called(analysed.document, None)
        cards = {one.dimension: one for one in talk.cards(analysed.document, wanted, names)}
    return feedback(attempt.standing, known, cards)


@router.post("/attempts/{attempt_id}/self-scores")
async def score_oneself(attempt_id: uuid.UUID, visiting: Visiting) -> Response:
    """Keeps what the rep gives themselves; the button "I'd rather not" keeps that they chose not to."""
    fields = await visiting.fields()
    scores = {}
    if "without" not in fields:
        given = {
            name.removeprefix("value-"): value for name, value in fields.items() if name.startswith("value-")
        }
        if not given or any(value not in SCORES for value in given.values()):
            raise Unusable("Choose a score from 1 to 5, or say that you'd rather not.")
        scores = {name: SCORES[value] for name, value in given.items()}
    body = shaped(SelfScoresIn, {"self_scores": scores})
    await attempt_routes.score_oneself(attempt_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/practice/attempts/{attempt_id}#feedback")


@router.post("/attempts/{attempt_id}/submit")
async def submit(attempt_id: uuid.UUID, visiting: Visiting) -> Response:
    """Hands the attempt to the coach."""
    await attempt_routes.submit(attempt_id, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/practice/attempts/{attempt_id}", "submitted")


@router.get("/compare")
async def compare(visiting: Visiting, attempt: Annotated[list[uuid.UUID] | None, Query()] = None) -> Response:
    """Up to four attempts side by side, the earliest first."""
    wanted = list(dict.fromkeys(attempt or ()))
    if not 2 <= len(wanted) <= MOST_COLUMNS:
        raise Unusable(f"Choose 2 to {MOST_COLUMNS} attempts to compare.")
    columns = [await _column(visiting, one) for one in wanted]
    if len({(one.attempt.scenario_id, one.attempt.rep_id) for one in columns}) > 1:
        raise Unusable("Choose attempts of one person at one scenario; others have nothing to compare.")
    columns.sort(key=lambda one: one.attempt.number)
    return visiting.page(
        "compare.html",
        columns=columns,
        rows=rows(columns),
        states=STATES,
        own=columns[0].attempt.rep_id == visiting.who.id,
        rep=(await people.person(visiting.session, columns[0].attempt.rep_id)).name,
        scenario=columns[0].attempt.scenario,
    )


async def _column(visiting: Visit, attempt_id: uuid.UUID) -> Column:
    session, who = visiting.session, visiting.who
    found = await attempt_routes.attempt(attempt_id, Response(), session, who, visiting.parts)
    call = await get(session, who, found.call_id)
    analysed = await _analysed(visiting, found)
    return Column(
        attempt=found,
        state=state_of(found),
        found={one.dimension: one for one in _feedback(found, call, analysed)},
        seconds=call.seconds,
    )
