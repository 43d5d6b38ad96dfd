"""Files on the disk become calls: one, or many of which all are taken in or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import CallError
from service import jobs
from service.auth.permissions import Who
from service.calls.details import Details, Given, WrongDetail, checked
from service.calls.ingest import Accepted, Taken, accept
from service.calls.listing import shown
from service.calls.metadata_csv import Fault, Refused
from service.calls.once import Answer, fingerprint, once
from service.calls.receiving import Examined, dated, examine, stored
from service.calls.tables import Source
from service.calls.views import AcceptedList, AcceptedView
from service.edge import Parts
from service.problems import Problem


@dataclass(frozen=True, slots=True)
class Item:
    """A file to take in, what is said of it, and the line of a CSV that says so."""

    path: Path
    name: str
    given: Given
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    taken: Taken
    details: Details


async def take_one(
    parts: Parts,
    who: Who,
    item: Item,
    *,
    source: Source,
    priority: int = jobs.INTERACTIVE,
    again: bool = False,
    key: str | None = None,
) -> Answer:
    """Status and body for a file that became a call: 201 for a new one, 200 for one that was there.

    Raises:
        Problem, CallError: it can't be used, or may not be uploaded so.
    """
    found = await examine(item.path, item.name)
    async with parts.intake, parts.database.transaction() as session:
        details = dated(await checked(session, parts.settings, who, item.given), found)
    taken = await stored(parts.storage, found, details.team)
    request = fingerprint("call", item.name, taken.sha256, item.given.model_dump(mode="json"), again)
    async with parts.intake, parts.database.transaction() as session:

        async def work() -> Answer:
            accepted = await accept(
                session, parts, who, taken, details, source=source, priority=priority, again=again
            )
            view = await _view(session, accepted)
            return (201 if accepted.made else 200), view.model_dump(mode="json")

        return await once(session, who, key, request, work)


async def take_many(
    parts: Parts,
    who: Who,
    items: Sequence[Item],
    *,
    source: Source = Source.BATCH,
    again: bool = False,
    key: str | None = None,
) -> Answer:
    """Status and body for many files, in their order; they go behind what people wait for.

    Raises:
        Refused: with everything that is wrong with any of them; none is taken in.
    """
    examined = await _examined(items)
    details = await _checked(parts, who, items, examined)
    ready = [
        _Ready(await stored(parts.storage, found, detail.team), detail)
        for found, detail in zip(examined, details, strict=True)
    ]
    request = fingerprint(
        "batch",
        again,
        [
            (i.name, r.taken.sha256, i.given.model_dump(mode="json"))
            for i, r in zip(items, ready, strict=True)
        ],
    )
    async with parts.intake, parts.database.transaction() as session:

        async def work() -> Answer:
            body = AcceptedList(items=await _accept_all(session, parts, who, ready, source, again=again))
            made = any(view.duplicate_of != view.call.id for view in body.items)
            return (201 if made else 200), body.model_dump(mode="json")

        return await once(session, who, key, request, work)


async def _accept_all(
    session: AsyncSession, parts: Parts, who: Who, ready: Sequence[_Ready], source: Source, *, again: bool
) -> list[AcceptedView]:
    """What each file became, in the order they were sent."""
    views: dict[int, AcceptedView] = {}
    # In the order of their locks, so that two batches never wait for each other.
    for place in sorted(range(len(ready)), key=lambda n: (ready[n].taken.key or "", n)):
        file, details = ready[place].taken, ready[place].details
        accepted = await accept(
            session, parts, who, file, details, source=source, priority=jobs.BATCH, again=again
        )
        views[place] = await _view(session, accepted)
    return [views[place] for place in range(len(ready))]


async def _view(session: AsyncSession, accepted: Accepted) -> AcceptedView:
    return AcceptedView(call=await shown(session, accepted.call), duplicate_of=accepted.duplicate_of)


async def _examined(items: Sequence[Item]) -> list[Examined]:
    found: list[Examined] = []
    faults: list[Fault] = []
    for item in items:
        try:
            found.append(await examine(item.path, item.name))
        except (Problem, CallError) as error:
            what = str(error).removeprefix(f"{item.name}: ")
            faults.append(Fault(what, item.line, None, item.name))
    if faults:
        raise Refused(faults)
    return found


async def _checked(
    parts: Parts, who: Who, items: Sequence[Item], examined: Sequence[Examined]
) -> list[Details]:
    details: list[Details] = []
    faults: list[Fault] = []
    async with parts.intake, parts.database.transaction() as session:
        for item, found in zip(items, examined, strict=True):
            try:
                details.append(dated(await checked(session, parts.settings, who, item.given), found))
            except WrongDetail as error:
                faults.append(Fault(error.what, item.line, error.field, item.name))
            except Problem as error:
                column, _, what = error.detail.partition(": ")
                known = column in Given.model_fields
                faults.append(
                    Fault(what if known else error.detail, item.line, column if known else None, item.name)
                )
    if faults:
        raise Refused(faults)
    return details
