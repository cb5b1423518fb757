-- What readiness asks.

-- name: write_probe
-- A write that changes no table: a transactional message in the write-ahead log, flushed at commit,
-- which readers of logical decoding skip by its prefix. A replica and a full disk refuse it; the
-- delete of nothing is there because a read-only server lets the message pass. Its place in the log.
with writable as (delete from private.login_links where false)
select pg_logical_emit_message(true, 'livecommerce.ready', '')::text;

-- name: applied_migrations
-- The history of the schema; no row before the first migration.
select version, sha256 from private.schema_migrations;

-- name: server
-- The version as a number (180006 is 18.6) and the server's wall time; always one row.
select
  current_setting('server_version_num')::int as version_num,
  extract(epoch from clock_timestamp())::float8 as epoch_s;

-- name: is_migrated
-- Whether any migration has ever run here, as far as this login may see; always one row.
select exists (
  select from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'private' and c.relname = 'schema_migrations'
    and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'));

-- name: login
-- What the login of this connection is and may; always one row.
select
  r.rolname::text as name,
  r.rolsuper as is_superuser,
  r.rolbypassrls as bypasses_row_security,
  exists (select from pg_class c
          where c.relnamespace = to_regnamespace('public') and c.relkind in ('r', 'p')
            and pg_has_role(c.relowner, 'member')) as owns_tables,
  coalesce(pg_has_role(to_regrole('anon'), 'member')
           and pg_has_role(to_regrole('authenticated'), 'member'), false) as may_be_person,
  coalesce(pg_has_role(to_regrole('service_role'), 'member'), false) as may_be_service,
  coalesce(pg_has_role(to_regrole('service_role'), 'usage'), false) as works_as_service
from pg_roles r where r.rolname = session_user;

-- name: whoami
-- Who the database takes the actor for; always one row.
select database_role, user_id from app.whoami_v1($1::text);
