"""Looking for calls by what was said, by evidence, by score: what a form asks, what is shown of it."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from models.errors import CallError
from models.framework import load_framework
from service.calls.tables import Call, Finding
from service.pages.html import clock
from service.pages.talk import KINDS
from service.pages.visits import Visit
from service.reviews import blind
from service.search import routes as api
from service.search.store import HIT, Asked, scored

LABELS = {label: label.replace("_", " ") for _, labels in KINDS.values() for label in labels}
"""Evidence that may be asked for, and what it is called."""
SCORES = {"1-2": "1 or 2", "3-3": "3", "4-5": "4 or 5"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks besides the fields of a call; odd values ask for nothing."""

    words: str = ""
    label: str = ""
    dimension: str = ""
    score: str = ""

    @property
    def range(self) -> tuple[int, int] | None:
        """Least and most of the score."""
        if self.score not in SCORES:
            return None
        least, most = self.score.split("-")
        return int(least), int(most)


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn that was found: where it is, when, and its words in pieces, those that were asked for marked."""

    address: str
    title: str
    at: str
    speaker: str
    pieces: tuple[tuple[str, bool], ...]


def dimensions(visiting: Visit) -> dict[str, str]:
    """Dimensions that may be asked for, by the framework of this service."""
    try:
        return {one.id: one.title for one in load_framework(visiting.parts.settings.framework).dimensions}
    except CallError:
        return {}


async def conditions(visiting: Visit, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions on `Call` for evidence and score; scores of calls still read blind find nothing."""
    found: list[ColumnElement[bool]] = []
    if wanted.label in LABELS:
        has = select(Finding.call_id).where(Finding.call_id == Call.id, Finding.label == wanted.label)
        found.append(has.correlate(Call).exists())
    if wanted.range is not None:
        least, most = wanted.range
        asked = Asked(dimension=wanted.dimension or None, least=least, most=most)
        share = visiting.parts.settings.blind_share
        found += [await blind.open_to(visiting.session, visiting.who, share), scored(asked)]
    return found


async def hits(
    visiting: Visit,
    wanted: Wanted,
    *,
    rep: uuid.UUID | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    cursor: str | None = None,
    limit: int,
) -> tuple[list[Shown], str | None]:
    """Turns in which the words were said, newest calls first, and the cursor of the next page."""
    least, most = wanted.range or (None, None)
    page = await api.search(
        visiting.session,
        visiting.who,
        visiting.parts,
        q=wanted.words,
        label=wanted.label if wanted.label in LABELS else None,
        rep=rep,
        since=since,
        until=until,
        dimension=(wanted.dimension or None) if wanted.range else None,
        least=least,
        most=most,
        after=cursor,
        limit=limit,
    )
    return [_shown(hit) for hit in page.hits], page.next


def _shown(hit: api.HitOut) -> Shown:
    place = f"turn-{hit.turn}" if hit.starts is None else f"t={hit.starts:g}"
    at = clock(hit.starts) or f"turn {hit.turn + 1}"
    return Shown(f"/calls/{hit.call_id}#{place}", hit.title, at, hit.speaker, tuple(pieces(hit.text)))


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A hit's text cut at the marks around what was found; whether each piece was."""
    begin, end = HIT
    for number, part in enumerate(text.split(begin)):
        found, mark, rest = part.partition(end)
        if number and mark:
            yield found, True
            yield rest, False
        else:
            yield part, False
