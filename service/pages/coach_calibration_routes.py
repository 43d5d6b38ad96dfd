"""The page of a calibration: score alone, then the spread, the discussion, what it settles on."""

import uuid
from statistics import median

from fastapi import APIRouter, Response

from service.calls.store import get
from service.coaching import calibration_routes as api
from service.coaching.calibration_shapes import ScoresIn, SpreadOut, WordsIn
from service.pages import coach_panel, html
from service.pages.coach_routes import SCORES
from service.pages.visits import Visiting, shaped
from service.problems import Unusable

router = APIRouter(prefix="/calibrations/{calibration_id}", include_in_schema=False)


@router.get("")
async def show(calibration_id: uuid.UUID, visiting: Visiting) -> Response:
    """What the visitor may see of it now; before the spread, the way to the call and the form."""
    session, who, parts = visiting.session, visiting.who, visiting.parts
    found = await api.one(calibration_id, session, who, parts)
    call = await get(session, who, found.call_id)
    titles = coach_panel.titles(call)
    order = [*titles, *(one.dimension for one in found.spread if one.dimension not in titles)]
    return visiting.page(
        "calibration.html",
        found=found,
        call=call,
        titles=titles,
        spread=sorted(found.spread, key=lambda one: order.index(one.dimension)),
        middle={one.dimension: middle(one) for one in found.spread},
        differs={one.dimension: len({score.value for score in one.scores}) > 1 for one in found.spread},
    )


def middle(spread: SpreadOut) -> str:
    """Where a settled value would begin: the lower middle of the scores, as a form has it."""
    values = [score.value for score in spread.scores if score.value is not None]
    if not values:
        return "none" if spread.scores else ""
    return str(int(median(values)))


@router.post("/scores")
async def give(calibration_id: uuid.UUID, visiting: Visiting) -> Response:
    """The visitor's scores."""
    body = shaped(ScoresIn, {"scores": _scores(await visiting.fields())})
    await api.give(calibration_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calibrations/{calibration_id}", "saved")


def _scores(fields: dict[str, str]) -> list[dict[str, object]]:
    scores: list[dict[str, object]] = []
    for name in fields.get("dimensions", "").split():
        value = fields.get(f"value-{name}", "")
        if value not in SCORES:
            raise Unusable(f"{name}: choose a score from 1 to 5, or that it wasn't observed.")
        scores.append({"dimension": name, "value": SCORES[value], "reason": fields.get(f"reason-{name}", "")})
    return scores


@router.post("/close")
async def close(calibration_id: uuid.UUID, visiting: Visiting) -> Response:
    """Ends the scoring before everybody's are in."""
    await api.close(calibration_id, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calibrations/{calibration_id}", "saved")


@router.post("/words")
async def discuss(calibration_id: uuid.UUID, visiting: Visiting) -> Response:
    """Something for the discussion."""
    fields = await visiting.fields()
    body = shaped(WordsIn, {"words": fields.get("words", "")})
    await api.discuss(calibration_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calibrations/{calibration_id}#discussion")


@router.post("/settlement")
async def settle(calibration_id: uuid.UUID, visiting: Visiting) -> Response:
    """What counts from now on."""
    body = shaped(ScoresIn, {"scores": _scores(await visiting.fields())})
    await api.settle(calibration_id, body, visiting.session, visiting.who, visiting.parts)
    return html.back(f"/calibrations/{calibration_id}", "saved")
