"""The job queue's own tables, and triggers that keep what is only ever added from being changed."""

from importlib.resources import files

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A call may be deleted with all that hangs on it; then the database's own triggers delete, one level down.
_ADDED_ONLY = """
create function added_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
        return old;
    end if;
    raise exception '% is only ever added to', tg_table_name;
end $$
"""
_NEVER_CHANGED = """
create function never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name;
end $$
"""
GUARDED = ("review", "decision", "transcript_revision", "scoring", "draft")


def upgrade() -> None:
    """Apply."""
    queue = (files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(queue.replace("%", "%%"))
    op.execute(_ADDED_ONLY)
    op.execute(_NEVER_CHANGED)
    for table in GUARDED:
        op.execute(
            f"create trigger added_only before update or delete on {table} "
            "for each row execute function added_only()"
        )
    op.execute(
        "create trigger never_changed before update or delete on audit "
        "for each row execute function never_changed()"
    )
    for table in (*GUARDED, "audit"):
        op.execute(
            f"create trigger never_emptied before truncate on {table} "
            "for each statement execute function never_changed()"
        )


def downgrade() -> None:
    """Undo the guards; the queue's tables stay, they may hold jobs."""
    for table in (*GUARDED, "audit"):
        op.execute(f"drop trigger never_emptied on {table}")
    for table in GUARDED:
        op.execute(f"drop trigger added_only on {table}")
    op.execute("drop trigger never_changed on audit")
    op.execute("drop function added_only")
    op.execute("drop function never_changed")
