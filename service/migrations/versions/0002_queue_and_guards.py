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
# The log lets go of what is older than its transaction says, never of what is younger than 90 days
# (service.settings.LEAST_AUDIT_DAYS), and changes nothing but the name of somebody who is erased.
_AUDIT_GUARD = """
create function audit_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < now() - interval '90 days'
        and old.at < nullif(current_setting('ridealong.audit_before', true), '')::timestamptz then
        return old;
    end if;
    if tg_op = 'UPDATE' and old.actor_id::text = current_setting('ridealong.erased', true)
        and to_jsonb(new) - 'actor' = to_jsonb(old) - 'actor' and new.actor = 'Removed person' then
        return new;
    end if;
    raise exception '% is only ever added to', tg_table_name;
end $$
"""
# Parts of names are found by their letters, three at a time: pg_trgm is not in every server.
_TRIGRAMS = """
create function trigrams(words text) returns text[]
language sql immutable strict parallel safe as $$
    select coalesce(array_agg(distinct substr(lowered, place, 3)), array[]::text[])
    from (select lower(words) as lowered) as given, generate_series(1, length(lowered) - 2) as place
$$
"""
_BY_NAME = """
create index ix_call_trigrams on call using gin
    (trigrams(coalesce(title, '') || E'\\n' || coalesce(account, '')))
"""
# The score that counts, beside each call: found by score, and by what waits for a look, in one look.
_STANDING = """
create function standing_anew() returns trigger language plpgsql as $$
begin
    delete from standing where call_id = new.call_id;
    return null;
end $$;
create trigger standing_anew after insert on scoring
    for each row execute function standing_anew();
create function standing_of_draft() returns trigger language plpgsql as $$
begin
    insert into standing (call_id, dimension, value, by_person, low, high, since)
    select id, new.dimension, new.value, false, new.low, new.high, case when not practice then created_at end
    from call where id = new.call_id
    on conflict (call_id, dimension) do update
    set value = excluded.value, by_person = false, low = excluded.low, high = excluded.high;
    update standing set value = given.value, by_person = true
    from (
        select value from review where call_id = new.call_id and dimension = new.dimension
        order by at desc, id desc limit 1
    ) as given
    where call_id = new.call_id and dimension = new.dimension;
    return null;
end $$;
create trigger standing_of_draft after insert on draft
    for each row execute function standing_of_draft();
create function standing_of_review() returns trigger language plpgsql as $$
begin
    update standing set value = new.value, by_person = true
    where call_id = new.call_id and dimension = new.dimension;
    return null;
end $$;
create trigger standing_of_review after insert on review
    for each row execute function standing_of_review();
"""
GUARDED = (
    "review",
    "decision",
    "transcript_revision",
    "scoring",
    "draft",
    "note_version",
    "calibration_score",
)


def upgrade() -> None:
    """Apply."""
    queue = (files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(queue.replace("%", "%%"))
    op.execute(_ADDED_ONLY)
    op.execute(_NEVER_CHANGED)
    op.execute(_AUDIT_GUARD)
    op.execute(_TRIGRAMS)
    op.execute(_BY_NAME)
    op.execute(_STANDING)
    for table in GUARDED:
        op.execute(
            f"create trigger added_only before update or delete on {table} "
            "for each row execute function added_only()"
        )
    op.execute(
        "create trigger audit_guard before update or delete on audit "
        "for each row execute function audit_guard()"
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
    op.execute("drop trigger audit_guard on audit")
    op.execute("drop function added_only")
    op.execute("drop function never_changed")
    op.execute("drop function audit_guard")
    op.execute("drop index ix_call_trigrams")
    op.execute("drop function trigrams")
    for name, table in (("anew", "scoring"), ("of_draft", "draft"), ("of_review", "review")):
        op.execute(f"drop trigger standing_{name} on {table}")
        op.execute(f"drop function standing_{name}")
