"""Whether a database's tables are those of this version."""

import psycopg
from alembic.script import ScriptDirectory

from models.errors import CallError
from service.database import alembic_config, plain


def known(revision: str) -> bool:
    """Whether tables of a revision can be brought to those of this version."""
    script = ScriptDirectory.from_config(alembic_config(""))
    return any(one.revision == revision for one in script.walk_revisions())


def check_tables(url: str) -> str:
    """The revision of the database's tables, if it is the newest.

    Raises:
        CallError: it isn't, or no database answers.
    """
    wanted = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    try:
        with psycopg.connect(plain(url), connect_timeout=10) as connection:
            found = connection.execute("select version_num from alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        found = None
    except psycopg.OperationalError as error:
        raise CallError(f"No database answers ({str(error).splitlines()[0]}); see DATABASE_URL.") from error
    if found is None or found[0] != wanted:
        there = found[0] if found else "no"
        raise CallError(f"The database has {there} tables, {wanted} are needed; run: ridealong db upgrade")
    return str(wanted)
