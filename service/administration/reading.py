"""Settings as they hold, for a command: read from the database where there is one."""

from collections.abc import Set as AbstractSet

import psycopg

from service.administration.live import merged
from service.database import running
from service.embedded import DatabaseUnreachable
from service.settings import LIVE, Settings


def as_they_hold(settings: Settings) -> tuple[Settings, AbstractSet[str], str | None]:
    """Settings, names of those that an administrator changed, and why they couldn't be read, else None.

    A data folder without a database has nothing stored; none is made.
    """
    if not settings.database_url and not (settings.data / "postgresql" / "PG_VERSION").is_file():
        return settings, frozenset(), None
    try:
        with running(settings) as url, psycopg.connect(url, connect_timeout=10) as connection:
            if connection.execute("select to_regclass('setting')").fetchone() == (None,):
                return settings, frozenset(), None
            rows = connection.execute(
                "select name, value from setting where name = any(%s)", (sorted(LIVE),)
            ).fetchall()
    except (DatabaseUnreachable, psycopg.OperationalError) as error:
        return settings, frozenset(), str(error).splitlines()[0]
    return merged(settings, dict(rows)), frozenset(name for name, _ in rows), None
