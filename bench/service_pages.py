"""List, call page and search with many calls, against the same requests with few."""

import argparse
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from bench.after import call as long_call
from bench.service_house import House, database, house, load, quantiles, server
from bench.service_rows import LABELS, Filled, fill
from models.framework import load_framework
from service.analysis import analyse
from service.result import SourcePart, result

FEW = 1_000
WARM = 5  # requests of each kind before the clock runs
Request = Callable[[], None]


def document() -> dict[str, Any]:
    """The result document of a call of ten minutes."""
    transcript, framework = long_call(1500), load_framework()
    source = SourcePart(name="call.json", kind="transcript", sha256="0" * 64)
    analysis = analyse(transcript, framework)
    return result(source, analysis, transcript, framework).model_dump(mode="json", by_alias=True)


def requests(client: httpx.Client, filled: Filled) -> Mapping[str, Request]:
    """What is asked, by name; each asks something else each time where it can."""
    calls = itertools.cycle(filled.calls)
    words = itertools.cycle(("contract", "whiteboard", "budget", "invoice", "training", "deadline"))
    numbers = itertools.cycle(range(7, 5000, 131))
    labels = itertools.cycle(LABELS)
    pages = _pages(client)

    def get(path: str, **query: Any) -> Any:
        return client.get(path, params=query).raise_for_status()

    def call_page() -> None:
        call = next(calls)
        get(f"/calls/{call}")
        get(f"/calls/{call}/analysis")

    return {
        "list, first page": lambda: get("/calls"),
        "list, page by page": lambda: next(pages),
        "list, failed calls": lambda: get("/calls", state="failed"),
        "list, of a rep": lambda: get("/calls", rep=str(filled.rep)),
        "list, by an account's name": lambda: get("/calls", text=f"account {next(numbers)}"),
        "call page": call_page,
        "search, a word": lambda: get("/search", q=next(words)),
        "search, a phrase": lambda: get("/search", q='"how do you"'),
        "search, nothing found": lambda: get("/search", q=f"zyzzyva{next(numbers)}"),
        "search, a word of a speaker": lambda: get("/search", q=next(words), speaker="buyer"),
        "search, a label": lambda: get("/search", label=next(labels)),
        "search, a word and a score": lambda: get("/search", q=next(words), dimension="discovery", least=4),
        "search, a score": lambda: get("/search", dimension="discovery", least=5),
    }


def _pages(client: httpx.Client) -> Iterator[None]:
    while True:
        place: str | None = None
        while True:
            query = {"cursor": place} if place else {}
            place = client.get("/calls", params=query).raise_for_status().json()["next"]
            yield
            if place is None:
                break


def measured(there: House, filled: Filled, times: int) -> dict[str, Sequence[float]]:
    """Seconds of each kind of request."""
    found: dict[str, Sequence[float]] = {}
    with there.client() as client:
        for name, request in requests(client, filled).items():
            for _ in range(WARM):
                request()
            found[name] = [_timed(request) for _ in range(times)]
    return found


def _timed(request: Request) -> float:
    began = time.perf_counter()
    request()
    return time.perf_counter() - began


def pages(arguments: argparse.Namespace) -> None:
    """Print p50 and p95 of each kind of request with few and with many calls."""
    shown = document()
    found = []
    with server(arguments.folder) as (data, server_url):
        for calls in (FEW, arguments.calls):
            with database(server_url) as url, house(data, url) as there:
                began = time.perf_counter()
                filled = fill(url, there.manager, calls, arguments.turns, shown)
                print(f"{calls} calls put in, {time.perf_counter() - began:.0f} s")
                found.append(measured(there, filled, arguments.times))
    print(f"{arguments.times} requests each, {arguments.turns} turns a call; milliseconds; {load()}")
    print(f"{'':30}{f'{FEW} calls':>18}{f'{arguments.calls} calls':>18}{'ratio of p50':>14}")
    print(f"{'':30}{'p50':>9}{'p95':>9}{'p50':>9}{'p95':>9}")
    for name in found[0]:
        few, many = quantiles(found[0][name]), quantiles(found[1][name])
        print(f"{name:30}{few[0]:9.1f}{few[1]:9.1f}{many[0]:9.1f}{many[1]:9.1f}{many[0] / few[0]:14.2f}")
