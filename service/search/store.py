"""The queries of search: words by PostgreSQL's full text, labels by evidence, scores as they count."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from service.agreement import people_only
from service.auth.permissions import Who
from service.calls.store import visible
from service.calls.tables import Call, Finding, Passage, Standing
from service.reviews import blind

LANGUAGE = "english"
FEW = 6000  # turns; as many are fetched and sorted in some ten milliseconds
HIT = ("⟦", "⟧")  # around the words that were found
_HEADLINE = f"StartSel={HIT[0]}, StopSel={HIT[1]}, MaxWords=35, MinWords=15, HighlightAll=false"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; all that is given must hold. `words` as in a web search: "a phrase", or, -not."""

    words: str | None = None
    speaker: str | None = None
    label: str | None = None
    team: uuid.UUID | None = None
    rep: uuid.UUID | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    dimension: str | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn in which something was found; `starts` is its second of the audio, None without times."""

    call_id: uuid.UUID
    title: str
    rep_id: uuid.UUID | None
    happened_on: dt.date | None
    turn: int
    speaker: str
    starts: float | None
    text: str
    label: str | None
    created_at: dt.datetime


async def hits(
    session: AsyncSession,
    who: Who,
    asked: Asked,
    *,
    blind_share: float,
    after: tuple[dt.datetime, uuid.UUID, int] | None,
    limit: int,
) -> Sequence[Hit]:
    """Turns of calls that the person may see, newest calls first, then in the order of the call."""
    conditions = [visible(who), *_of_call(asked)]
    dear: list[ColumnElement[bool]] = []
    if asked.dimension is not None or asked.least is not None or asked.most is not None:
        # A score must not be guessed from whether a call is found.
        dear = [await blind.open_to(session, who, blind_share), scored(asked)]
    turns = await _turns(session, asked)
    if after is not None:
        made, call, turn = after
        conditions.append(
            or_(
                tuple_(Call.created_at, Call.id) < tuple_(literal(made), literal(call)),
                and_(Call.id == call, turns.of.turn > turn),
            )
        )
    in_order = (Call.created_at.desc(), Call.id.desc(), turns.of.turn)
    page = (
        select(
            Call.id,
            Call.title,
            Call.rep_id,
            Call.happened_on,
            Call.created_at,
            turns.of.turn,
            turns.of.speaker,
            turns.of.starts,
            turns.of.words,
            *([Finding.label] if asked.label else []),
        )
        .join(Call, Call.id == turns.of.call_id)
        .where(*conditions, *turns.conditions)
        .order_by(*in_order)
    )
    page = _labelled(page, turns.of, asked)
    return await _shown(session, _first(page, dear, limit, few=turns.few), asked)


def _first(page: Select[Any], dear: Sequence[ColumnElement[bool]], limit: int, *, few: bool) -> Select[Any]:
    """The first rows of a page on whose calls the dear conditions hold, too.

    Few rows are put in order first, so that the dear conditions are looked at only until the page is full.
    """
    if not (few and dear):
        return page.where(*dear).limit(limit)
    ordered = page.offset(0).subquery()  # keeps the planner from looking at everything in one go
    return (
        select(ordered)
        .join(Call, Call.id == ordered.c.id)
        .where(*dear)
        .order_by(ordered.c.created_at.desc(), ordered.c.id.desc(), ordered.c.turn)
        .limit(limit)
    )


@dataclass(frozen=True, slots=True)
class _Turns:
    """The turns to look among, and conditions on them that are still to be met; `few`: none are."""

    of: type[Passage]
    conditions: Sequence[ColumnElement[bool]]
    few: bool = False


async def _turns(session: AsyncSession, asked: Asked) -> _Turns:
    """Where to look.

    Few turns are fetched by the index of words first. Among many, going from the newest call on until a page
    is full is faster; but the planner, which takes speakers and words to be independent, does that with few,
    too, and then reads everything.
    """
    conditions: list[ColumnElement[bool]] = []
    if asked.speaker:
        conditions.append(Passage.speaker == asked.speaker)
    if not asked.words:
        return _Turns(Passage, conditions)
    conditions.append(Passage.found_by.op("@@")(_query(asked.words)))
    some = select(Passage.turn).where(*conditions).limit(FEW + 1).subquery()
    if (await session.scalar(select(func.count()).select_from(some)) or 0) > FEW:
        return _Turns(Passage, conditions)
    columns = (Passage.call_id, Passage.turn, Passage.speaker, Passage.starts, Passage.words)
    few = select(*columns).where(*conditions).cte("few").prefix_with("MATERIALIZED")
    return _Turns(aliased(Passage, few), [], few=True)


def _labelled(page: Any, turns: type[Passage], asked: Asked) -> Any:
    if not asked.label:
        return page
    found = and_(Finding.call_id == turns.call_id, Finding.turn == turns.turn, Finding.label == asked.label)
    return page.join(Finding, found).distinct()


async def _shown(session: AsyncSession, page: Select[Any], asked: Asked) -> list[Hit]:
    """Only the page's own turns are marked up: that is the costly part."""
    rows = page.subquery()
    text = (
        func.ts_headline(LANGUAGE, rows.c.words, _query(asked.words), _HEADLINE)
        if asked.words
        else rows.c.words
    )
    query = select(rows, text.label("text")).order_by(rows.c.created_at.desc(), rows.c.id.desc(), rows.c.turn)
    return [
        Hit(
            call_id=row.id,
            title=row.title,
            rep_id=row.rep_id,
            happened_on=row.happened_on,
            turn=row.turn,
            speaker=row.speaker,
            starts=row.starts,
            text=row.text,
            label=asked.label,
            created_at=row.created_at,
        )
        for row in await session.execute(query)
    ]


def _query(words: str) -> ColumnElement[str]:
    return func.websearch_to_tsquery(LANGUAGE, words)


def _of_call(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.team is not None:
        found.append(Call.team_id == asked.team)
    if asked.rep is not None:
        found.append(Call.rep_id == asked.rep)
    day = func.coalesce(Call.happened_on, func.date(Call.created_at))
    if asked.since is not None:
        found.append(day >= asked.since)
    if asked.until is not None:
        found.append(day <= asked.until)
    return found


def scored(asked: Asked) -> ColumnElement[bool]:
    """The condition that the dimension, or any, has a score in range: a person's, else the draft.

    Drafts that are withheld count for nobody.
    """
    withheld = people_only.holds(Call.team_id, Standing.dimension).correlate(Call, Standing)
    conditions = [
        Standing.call_id == Call.id,
        Standing.value.between(asked.least or 1, asked.most or 5),
        or_(Standing.by_person, ~withheld),
    ]
    if asked.dimension is not None:
        conditions.append(Standing.dimension == asked.dimension)
    return select(Standing.call_id).where(*conditions).correlate(Call).exists()
