"""What has to be in place for calls to be analysed, each with a check that says what it found."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial

import psycopg

from annotators.document import load_model
from models.errors import CallError
from models.framework import load_framework, shipped
from models.voices import load_voice_encoder
from models.weights import PACKAGED, whisper_weights
from service.database import plain, running
from service.embedded import DatabaseUnreachable
from service.revision import check_tables
from service.settings import Settings, load_settings
from service.storage import Storage

Check = Callable[[], str]
NOT_YET = "none yet; `ridealong serve` makes it"
GIB = 1024**3
LEAST_ROOM = 5 * GIB  # of the data folder's disk: a recording of the largest size, twice, and its sound
MOST_APART = 5.0  # seconds between this machine's clock and the database's


def checks() -> Iterator[tuple[str, Check]]:
    """Names and checks; a check returns what is there, or raises CallError with what to do."""
    for model in PACKAGED:
        yield f"speech recognition, {model}", partial(_recognition, model)
    yield "voices", lambda: load_voice_encoder().version
    yield "language", _language
    yield (
        "frameworks",
        lambda: ", ".join(f"{load_framework(n).id} {load_framework(n).version}" for n in shipped()),
    )
    yield "settings", lambda: str(load_settings().data)
    yield "database", _database
    yield "storage", _storage
    yield "disk", lambda: disk_room(load_settings())


def _database() -> str:
    """Its version, whether its tables are ours, and whether its clock is: retries and sessions go by it."""
    settings = load_settings()
    if settings.database_url is None and not (settings.data / "postgresql").exists():
        return NOT_YET
    with running(settings) as url:
        try:
            with psycopg.connect(plain(url), connect_timeout=10) as connection:
                began = time.time()
                row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
                here = (began + time.time()) / 2
                number = connection.info.server_version // 10_000
        except psycopg.OperationalError as error:
            raise DatabaseUnreachable(
                f"no database answers ({str(error).splitlines()[0]}); see DATABASE_URL"
            ) from error
        check_clock(here, row[0] if row else here)
        return f"PostgreSQL {number}, tables of revision {check_tables(url)}"


def _storage() -> str:
    settings = load_settings()
    if settings.storage_url is None and not settings.data.exists():
        return NOT_YET
    return asyncio.run(Storage(settings).check())


def check_clock(here: float, there: float) -> None:
    """Go on only if two clocks, in seconds since 1970, agree closely enough.

    Raises:
        CallError: they don't.
    """
    if abs(here - there) > MOST_APART:
        raise CallError(
            f"this machine's clock is {here - there:+.0f} s off the database's; set both by NTP, "
            "or sessions end early and jobs are taken for dead"
        )


def disk_room(settings: Settings) -> str:
    """Room on the disk of the data folder.

    Raises:
        CallError: too little for uploads.
    """
    there = next(
        folder for folder in (settings.data.resolve(), *settings.data.resolve().parents) if folder.exists()
    )
    free = shutil.disk_usage(there).free
    if free < LEAST_ROOM:
        raise CallError(
            f"{settings.data}: {free / GIB:.1f} GB are free, {LEAST_ROOM / GIB:.0f} are needed; "
            "make room, or set RIDEALONG_DATA to a larger disk"
        )
    return f"{free / GIB:.0f} GB free"


def _language() -> str:
    meta = load_model().meta
    return f"{meta['name']} {meta['version']}"


def _recognition(model: str) -> str:
    return whisper_weights(model).version
