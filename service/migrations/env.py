"""What Alembic runs: each migration in its own transaction, on the database whose URL it was given."""

from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import make_url

from service.tables import Table

url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        transaction_per_migration=True,
        compare_type=True,
        # Procrastinate's own tables are made by its SQL, this index with the function that it needs.
        include_name=lambda name, kind, _parents: (
            name != "ix_call_trigrams" and (kind != "table" or not str(name).startswith("procrastinate"))
        ),
    )
    with context.begin_transaction():
        context.run_migrations()
