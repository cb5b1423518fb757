"""Puts a database back to a moment that was kept, without making a new one: its connections and
their plans stay warm, which saves most of the time of an example."""

from __future__ import annotations

import asyncpg

_TABLES = """
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('auth', 'public', 'private', 'jobs') and c.relkind = 'r'
"""

_KEEP = f"""
do $$
declare
  t record;
  v_is_any boolean;
begin
  create schema kept;
  for t in select c.oid::regclass as name, c.oid {_TABLES} loop
    execute format('select exists (select from %s)', t.name) into v_is_any;
    if v_is_any then
      execute format('create table kept.%I as table %s', t.oid::text, t.name);
    end if;
  end loop;
end $$
"""

# Without triggers, which the append-only tables have for this: nothing but rows moves.
_RESTORE = f"""
do $$
declare
  t record;
  v_is_any boolean;
begin
  set local session_replication_role = replica;
  for t in
    select c.oid::regclass as name, to_regclass(format('kept.%I', c.oid::text)) as kept,
           (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and a.attgenerated = '') as columns {_TABLES}
  loop
    execute format('select exists (select from %s)', t.name) into v_is_any;
    if v_is_any then
      execute format('delete from %s', t.name);
    end if;
    if t.kept is not null then
      execute format('insert into %s (%s) overriding system value select %s from %s',
                     t.name, t.columns, t.columns, t.kept);
    end if;
  end loop;
end $$
"""


async def keep(sql: asyncpg.Connection) -> None:
    """Once, as the owner of all tables."""
    await sql.execute(_KEEP)


async def restore(sql: asyncpg.Connection) -> None:
    """While nobody else does anything."""
    await sql.execute(_RESTORE)
