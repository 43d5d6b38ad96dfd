"""PostgreSQL: embedded in the data folder or by URL, one transaction a request or step, migrations."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from pydantic_core import from_json
from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

from service.embedded import DatabaseUnreachable, start_embedded, stop_embedded
from service.settings import Settings

LOCK = 0x51DEA10  # of migrations: two processes that start at once take turns

Id = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
Moment = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
Now = Annotated[dt.datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]


class Table(DeclarativeBase):
    """Base of all tables; names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """URL of the database; the embedded one runs as long as the last process that uses it.

    Raises:
        DatabaseUnreachable: the embedded server can't be started.
    """
    if settings.database_url:
        yield plain(settings.database_url)
        return
    server = start_embedded(settings.data)
    try:
        yield server.get_uri()
    finally:
        stop_embedded(server)


def plain(url: str) -> str:
    """A URL as psycopg takes it, without SQLAlchemy's driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def engine(url: str, *, connections: int = 10) -> AsyncEngine:
    """A pool of connections; ones that died while they lay there are replaced unseen.

    JSON is read by pydantic's parser: the document of a one-hour call in a third of the time of Python's own.
    """
    driver = make_url(url).set(drivername="postgresql+psycopg")
    return create_async_engine(
        driver,
        pool_pre_ping=True,
        pool_size=connections,
        max_overflow=connections,
        json_deserializer=from_json,
    )


class Database:
    """Sessions of one engine."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = plain(url)
        self.engine = engine(url, connections=connections)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or undone if anything is raised."""
        async with self._sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


async def raw_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The session's own psycopg connection, for what must be part of its transaction, such as a job."""
    connection = await (await session.connection()).get_raw_connection()
    found = connection.driver_connection
    assert isinstance(found, psycopg.AsyncConnection)  # noqa: S101 - for mypy: the engine's driver
    return found


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables to the newest form; safe to call from several processes at once.

    Each step is one transaction: killed in the middle of one, the next call begins it anew.

    Raises:
        DatabaseUnreachable: nothing answers at the URL, it went away, or the tables are of a version that
            isn't known here.
    """
    where = make_url(url).render_as_string(hide_password=True)
    try:
        with psycopg.connect(plain(url), autocommit=True, connect_timeout=10) as lock:
            lock.execute("select pg_advisory_lock(%s)", (LOCK,))
            command.upgrade(alembic_config(url), revision)
    except CommandError as error:
        raise DatabaseUnreachable(
            f"the database's tables can't be brought to this version of Ridealong ({error}); "
            "install the version that made them, or a newer one"
        ) from error
    except OperationalError as error:
        raise DatabaseUnreachable(
            f"{where}: the database went away or could not go on while its tables were made "
            f"({str(error.orig).splitlines()[0]}); nothing is half done: see to it and start again"
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(f"{where}: no database answers ({str(error).splitlines()[0]})") from error


def alembic_config(url: str) -> Config:
    """Alembic's settings: the migrations of this package, on that database."""
    config = Config()
    config.set_main_option("script_location", "service:migrations")
    config.attributes["url"] = url
    return config


async def upgraded(url: str) -> None:
    """`upgrade`, from asynchronous code."""
    await asyncio.to_thread(upgrade, url)
